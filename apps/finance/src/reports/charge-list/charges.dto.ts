import { ApiProperty } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import type { DrawAnswer } from '@meterbook/domain/account/answers';
import type { ToldCharge } from '@meterbook/domain/account/charging/charge-sentence';
import type { Labels } from '@meterbook/domain/usage/labels';
import { IsPageLimit } from '@meterbook/http/request/page-limit';
import { IsCursor, IsIdempotencyId, IsInstant, MayBeAbsent } from '@meterbook/http/request/value-decorators';
import { chargesCursor } from './charges-cursor';

/** Either the charges of one id, or all of them as an export. */
export class FinanceChargesQuery {
  @MayBeAbsent()
  @IsIdempotencyId('The `id` of usage events, of any source and in any account.', { example: 'req-7f3a' })
  readonly id?: string;

  @MayBeAbsent()
  @IsIn(['focus'], { message: 'must be focus' })
  @ApiProperty({ enum: ['focus'], description: 'All charges as CSV with the columns of FOCUS; instead of an `id`.' })
  readonly format?: 'focus';

  @MayBeAbsent()
  @IsIn(['booked', 'occurred'], { message: 'must be booked or occurred' })
  @ApiProperty({
    enum: ['booked', 'occurred'],
    description: 'Of an export, which time says what is in it. Booked when absent.',
  })
  readonly basis?: 'booked' | 'occurred';

  @MayBeAbsent()
  @IsInstant('Of an export the first instant; from the beginning when absent.')
  readonly from?: string;

  @MayBeAbsent()
  @IsInstant('Of an export the end, itself not part of it; all that is booked when absent.')
  readonly to?: string;

  @MayBeAbsent()
  @IsCursor(chargesCursor)
  readonly cursor?: string;

  @IsPageLimit()
  readonly limit?: string;
}

class FoundDrawDto implements DrawAnswer {
  @ApiProperty({ enum: ['main', 'backup', 'wallet', 'receivable'], description: 'Where it came from.' })
  readonly from!: DrawAnswer['from'];

  @ApiProperty({ required: false, description: "How much, in the wallet's currency; of a pool there is none." })
  readonly amount?: string;

  @ApiProperty({ required: false, description: 'How much, in credits; of pools only.' })
  readonly credits?: string;
}

/** One charge, and whose it is. */
export class FoundChargeDto implements ToldCharge {
  @ApiProperty({ description: 'The account that it was charged to.', example: 'acct-42' })
  readonly account!: string;

  @ApiProperty({ description: 'The `source` of the usage event.' })
  readonly source!: string;

  @ApiProperty({ description: 'The `id` of the usage event.' })
  readonly id!: string;

  @ApiProperty({ description: 'When the usage occurred.', format: 'date-time' })
  readonly occurredAt!: string;

  @ApiProperty({ description: 'When it was booked.', format: 'date-time' })
  readonly bookedAt!: string;

  @ApiProperty({ description: 'The model that was used.' })
  readonly model!: string;

  @ApiProperty({ description: 'What was charged, rounded once.', example: '0.8' })
  readonly amount!: string;

  @ApiProperty({ description: 'The exact charge before it was rounded.' })
  readonly unrounded!: string;

  @ApiProperty({ description: 'Currency of both.', example: 'CNY' })
  readonly currency!: string;

  @ApiProperty({ description: 'The tier it was priced for.' })
  readonly tier!: string;

  @ApiProperty({ description: 'The group it was priced for.' })
  readonly group!: string;

  @ApiProperty({ description: 'The channel it went through; null for none.', type: String, nullable: true })
  readonly channel!: string | null;

  @ApiProperty({ description: 'Id of the API key that was used; null for none.', type: String, nullable: true })
  readonly apiKeyId!: string | null;

  @ApiProperty({ description: 'The rulebook version it was priced by.' })
  readonly rulebookVersion!: number;

  @ApiProperty({ description: "What upstream takes, in the wallet's currency." })
  readonly cost!: string;

  @ApiProperty({
    description: 'The plan of the period that it fell into when it was booked; null for none.',
    type: String,
    nullable: true,
  })
  readonly plan!: string | null;

  @ApiProperty({
    description: 'Its labels; empty without any.',
    type: 'object',
    additionalProperties: { type: 'string' },
  })
  readonly labels!: Labels;

  @ApiProperty({ description: 'What each source gave, in draw order; none of zero.', type: [FoundDrawDto] })
  readonly draws!: readonly FoundDrawDto[];

  @ApiProperty({ description: 'What first kept a source from paying; null for nothing.', type: String, nullable: true })
  readonly limitedBy!: string | null;

  @ApiProperty({ description: 'Whether it was undone since.' })
  readonly reversed!: boolean;

  @ApiProperty({ description: 'The formula with its numbers.' })
  readonly explain!: string;

  @ApiProperty({ description: 'What it was for and what paid it, for a customer.' })
  readonly sentence!: string;
}

export class FoundChargesDto {
  @ApiProperty({ description: 'By account, and then in the order in which they were booked.', type: [FoundChargeDto] })
  readonly charges!: readonly FoundChargeDto[];

  @ApiProperty({ description: 'The cursor of the next page; null on the last.', type: String, nullable: true })
  readonly next!: string | null;
}
