import { ApiProperty } from '@nestjs/swagger';
import { IsPageLimit } from '@meterbook/http/request/page-limit';
import { IsCursor, IsInstant, MayBeAbsent } from '@meterbook/http/request/value-decorators';
import { AxesDto, AxesQuery } from '../axes.dto';
import { statementCursor } from './statement-cursor';

export class StatementQuery extends AxesQuery {
  @MayBeAbsent()
  @IsInstant('The first instant of the period; from the opening on when absent.')
  readonly from?: string;

  @MayBeAbsent()
  @IsInstant('The end of the period, itself not part of it; when absent everything that is booked, as of now.')
  readonly to?: string;

  @MayBeAbsent()
  @IsCursor(statementCursor)
  readonly cursor?: string;

  @IsPageLimit()
  readonly limit?: string;
}

class BalancesDto {
  @ApiProperty({ description: 'What the wallet holds, with what has expired taken off.', example: '97.6' })
  readonly wallet!: string;

  @ApiProperty({ description: 'What the account owes.', example: '0' })
  readonly receivable!: string;

  @ApiProperty({ description: 'Credits of the main pool, with what has lapsed taken off.', example: '0' })
  readonly main!: string;

  @ApiProperty({ description: 'Credits of the backup pool, with what has lapsed taken off.', example: '0' })
  readonly backup!: string;
}

export class LegDto {
  @ApiProperty({ example: 'liabilities:wallet:acct-42' })
  readonly ledgerAccount!: string;

  @ApiProperty({ example: 'CNY' })
  readonly commodity!: string;

  @ApiProperty({ description: 'Positive is a debit.', example: '-100' })
  readonly amount!: string;
}

class StatementEntryDto {
  @ApiProperty({
    description: "The event's type, or `Derived` for what time alone changed.",
    example: 'WalletRecharged',
  })
  readonly event!: string;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'The id of the command, or of the usage.',
    example: 'pay-1001',
  })
  readonly reference!: string | null;

  @ApiProperty({
    type: 'integer',
    nullable: true,
    description: "The event's revision in the account's stream; null for what no event made.",
  })
  readonly revision!: number | null;

  @ApiProperty({ description: 'What it was, in words.', example: 'recharge r1 by manual: 100 CNY' })
  readonly what!: string;

  @ApiProperty({
    type: String,
    nullable: true,
    description:
      'Its formula: equations with the numbers in them, what a number is behind it in brackets; null where nothing was counted.',
    example: '100 [credited] − 20 [paid what was owed] = 80 CNY into the wallet',
  })
  readonly explain!: string | null;

  @ApiProperty({
    description: 'What it was, for a customer.',
    example: 'Recharge pay-1001: 100 CNY paid through manual. 100 CNY came into the wallet.',
  })
  readonly sentence!: string;

  @ApiProperty({ format: 'date-time' })
  readonly occurredAt!: string;

  @ApiProperty({
    format: 'date-time',
    description: 'Of what time alone changed: when it did, or when what was booked later changed it.',
  })
  readonly bookedAt!: string;

  @ApiProperty({ type: [LegDto], description: 'By ledger account and commodity; they sum to zero in each commodity.' })
  readonly legs!: readonly LegDto[];

  @ApiProperty({ type: BalancesDto, description: 'After the entry.' })
  readonly balances!: BalancesDto;
}

class StatementFaultDto {
  @ApiProperty()
  readonly revision!: number;

  @ApiProperty()
  readonly detail!: string;
}

export class StatementDto extends AxesDto {
  @ApiProperty()
  readonly platform!: string;

  @ApiProperty()
  readonly account!: string;

  @ApiProperty({
    type: String,
    nullable: true,
    format: 'date-time',
    description: 'Null for the opening of the account.',
  })
  readonly from!: string | null;

  @ApiProperty({ type: String, nullable: true, format: 'date-time', description: 'Null where no end was asked for.' })
  readonly to!: string | null;

  @ApiProperty({ description: 'Of the wallet and what is owed.', example: 'CNY' })
  readonly currency!: string;

  @ApiProperty({ type: BalancesDto, description: 'At the beginning of the period, on every page.' })
  readonly opening!: BalancesDto;

  @ApiProperty({ type: [StatementEntryDto] })
  readonly entries!: readonly StatementEntryDto[];

  @ApiProperty({ type: BalancesDto, description: 'At the end of the period, on every page.' })
  readonly closing!: BalancesDto;

  @ApiProperty({ type: String, nullable: true, description: 'The `cursor` of the next page; null on the last.' })
  readonly next!: string | null;

  @ApiProperty({
    type: [StatementFaultDto],
    description: 'Where an event states another balance than the entries come to; none in sound books.',
  })
  readonly faults!: readonly StatementFaultDto[];
}
