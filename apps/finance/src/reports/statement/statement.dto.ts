import { ApiProperty } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { IsZone } from '../axes';
import { IsInstant, MayBeAbsent } from '@meterbook/http/request/value-decorators';

export class StatementQuery {
  @MayBeAbsent()
  @IsInstant('The first instant of the period, by booked at; from the opening on when absent.')
  readonly from?: string;

  @MayBeAbsent()
  @IsInstant(
    'The end of the period, itself not part of it, not in the future; when absent everything that is booked, as of now.',
  )
  readonly to?: string;

  @MayBeAbsent()
  @IsIn(['booked'], { message: 'must be booked' })
  @ApiProperty({ enum: ['booked'], description: 'Which time orders the entries.' })
  readonly basis?: 'booked';

  @MayBeAbsent()
  @IsZone()
  @ApiProperty({
    example: 'Asia/Shanghai',
    description: 'It is echoed: a statement has no days to cut. UTC when absent.',
  })
  readonly zone?: string;
}

class BalancesDto {
  @ApiProperty({ description: 'What the wallet holds, with what has expired taken off.', example: '97.6' })
  readonly wallet!: string;

  @ApiProperty({ example: '0' })
  readonly receivable!: string;
}

class LegDto {
  @ApiProperty({ example: 'liabilities:wallet:acct-42' })
  readonly ledgerAccount!: string;

  @ApiProperty({ example: 'CNY' })
  readonly commodity!: string;

  @ApiProperty({ description: 'Positive is a debit.', example: '-100' })
  readonly amount!: string;
}

class StatementChargeDto {
  @ApiProperty()
  readonly source!: string;

  @ApiProperty()
  readonly id!: string;

  @ApiProperty({ format: 'date-time' })
  readonly occurredAt!: string;

  @ApiProperty()
  readonly model!: string;

  @ApiProperty({ example: '0.018' })
  readonly amount!: string;
}

class StatementEntryDto extends BalancesDto {
  @ApiProperty({ type: String, nullable: true, format: 'date-time', description: 'Null for what time alone changed.' })
  readonly bookedAt!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    format: 'date-time',
    description: 'Null for charges, which each have their own.',
  })
  readonly occurredAt!: string | null;

  @ApiProperty({ description: "The event's type, or `LotExpired`.", example: 'WalletRecharged' })
  readonly type!: string;

  @ApiProperty({ description: 'True for what time alone changed: it is in no event.' })
  readonly derived!: boolean;

  @ApiProperty({ required: false, description: "The event's revision in the account's stream." })
  readonly revision?: number;

  @ApiProperty({ required: false, description: "The event's position in the store." })
  readonly position?: string;

  @ApiProperty({ description: 'What it was, in words.', example: 'recharge r1 by manual: 100 CNY' })
  readonly what!: string;

  @ApiProperty({ type: [StatementChargeDto], required: false })
  readonly charges?: readonly StatementChargeDto[];

  @ApiProperty({ type: [LegDto] })
  readonly legs!: readonly LegDto[];
}

class StatementFaultDto {
  @ApiProperty()
  readonly revision!: number;

  @ApiProperty()
  readonly detail!: string;
}

export class StatementDto {
  @ApiProperty()
  readonly platform!: string;

  @ApiProperty()
  readonly account!: string;

  @ApiProperty({ example: 'CNY' })
  readonly currency!: string;

  @ApiProperty({ enum: ['booked'] })
  readonly basis!: 'booked';

  @ApiProperty({ example: 'UTC' })
  readonly zone!: string;

  @ApiProperty({ type: String, nullable: true, format: 'date-time', description: 'What was booked before it is in.' })
  readonly completeTo!: string | null;

  @ApiProperty({
    description: 'Booked and complete: the same question will never have another answer. Without an end it is false.',
  })
  readonly final!: boolean;

  @ApiProperty({
    type: String,
    nullable: true,
    format: 'date-time',
    description: 'Null for the opening of the account.',
  })
  readonly from!: string | null;

  @ApiProperty({ type: String, nullable: true, format: 'date-time', description: 'Null where no end was asked for.' })
  readonly to!: string | null;

  @ApiProperty({ type: BalancesDto })
  readonly opening!: BalancesDto;

  @ApiProperty({ type: [StatementEntryDto] })
  readonly entries!: readonly StatementEntryDto[];

  @ApiProperty({ type: BalancesDto })
  readonly closing!: BalancesDto;

  @ApiProperty({
    type: [StatementFaultDto],
    description: 'Where an event states another balance than the entries come to; none in sound books.',
  })
  readonly faults!: readonly StatementFaultDto[];
}
