import { ApiProperty } from '@nestjs/swagger';
import { isMonth } from '@meterbook/domain/time/zone-month';
import { Cursor } from '@meterbook/http/request/cursor';
import { IsPageLimit } from '@meterbook/http/request/page-limit';
import { CheckedBy, IsCursor, IsIdempotencyId, MayBeAbsent } from '@meterbook/http/request/value-decorators';
import type { ValueCheck } from '@meterbook/messages/reading/value-check';
import { IsZone } from '../reports/axes';
import { LegDto } from '../reports/statement/statement.dto';
import { BalanceDto, DamagedAccountsDto, TrialBalanceLineDto } from '../reports/trial-balance/trial-balance.dto';
import type { ClosingAnswer } from './closing-answer';
import { lateCursor } from './late-cursor';

export const closingsCursor = new Cursor('closings', { from: 'number' });

const month: ValueCheck = (value) =>
  typeof value === 'string' && isMonth(value)
    ? undefined
    : { code: 'invalid_value', detail: 'must be a month, such as 2026-10' };

export class ClosingBody {
  @IsIdempotencyId(
    "The closing's id, unique among the closings of its platform: the same id with the same content closes once.",
  )
  readonly closingId!: string;

  @CheckedBy('isMonth', month)
  @ApiProperty({ example: '2026-10', description: 'The month that is closed. It must be over.' })
  readonly period!: string;

  @MayBeAbsent()
  @IsZone()
  @ApiProperty({ example: 'Asia/Shanghai', description: 'Whose clocks count the month. UTC when absent.' })
  readonly zone?: string;
}

export class ClosingsQuery {
  @MayBeAbsent()
  @IsCursor(closingsCursor)
  readonly cursor?: string;

  @IsPageLimit()
  readonly limit?: string;
}

export class LateQuery {
  @MayBeAbsent()
  @IsCursor(lateCursor)
  readonly cursor?: string;

  @IsPageLimit()
  readonly limit?: string;
}

/** A month that was closed. */
export class ClosingDto implements ClosingAnswer {
  @ApiProperty()
  readonly closingId!: string;

  @ApiProperty({ example: '2026-10' })
  readonly period!: string;

  @ApiProperty({ description: 'Whose clocks count the month.', example: 'UTC' })
  readonly zone!: string;

  @ApiProperty({ format: 'date-time', description: 'The first instant of the month.' })
  readonly from!: string;

  @ApiProperty({ format: 'date-time', description: 'The first instant after it: what was booked before is in.' })
  readonly to!: string;

  @ApiProperty({ format: 'date-time', description: 'Up to when the streams of the accounts count.' })
  readonly closedAt!: string;

  @ApiProperty({
    description: 'SHA-256, hexadecimal, of the RFC 8785 JSON of `{lines, totals}` of the booked trial balance at `to`.',
  })
  readonly sha256!: string;

  @ApiProperty({ type: 'integer', description: 'How many account streams there were.' })
  readonly streams!: number;

  @ApiProperty({
    description:
      'SHA-256, hexadecimal, over a line `{account} {revision} {hash}` for each of them: how far every stream went.',
  })
  readonly headsSha256!: string;
}

export class ClosingPageDto {
  @ApiProperty({ type: [ClosingDto], description: 'In the order in which they were made.' })
  readonly items!: readonly ClosingDto[];

  @ApiProperty({ type: String, nullable: true, description: 'The `cursor` of the next page; null on the last.' })
  readonly next!: string | null;
}

class ClosedBalanceDto {
  @ApiProperty({ type: [TrialBalanceLineDto] })
  readonly lines!: readonly TrialBalanceLineDto[];

  @ApiProperty({ type: [BalanceDto], description: 'One for each commodity; every balance is zero.' })
  readonly totals!: readonly BalanceDto[];
}

export class ClosingWithBalanceDto extends ClosingDto {
  @ApiProperty({ type: ClosedBalanceDto, description: 'As it was stored when the month was closed.' })
  readonly trialBalance!: ClosedBalanceDto;
}

class LateEntryDto {
  @ApiProperty({ description: "The event's type.", example: 'UsageCharged' })
  readonly event!: string;

  @ApiProperty({ example: 'acct-42' })
  readonly account!: string;

  @ApiProperty({ type: String, nullable: true, description: 'The id of the command, or of the usage.' })
  readonly reference!: string | null;

  @ApiProperty({ format: 'date-time' })
  readonly occurredAt!: string;

  @ApiProperty({ format: 'date-time' })
  readonly bookedAt!: string;

  @ApiProperty({ type: [LegDto], description: 'By ledger account and commodity; they sum to zero in each commodity.' })
  readonly legs!: readonly LegDto[];
}

export class LateDto {
  @ApiProperty()
  readonly closingId!: string;

  @ApiProperty({ type: [TrialBalanceLineDto], description: 'All that came late, summed up; nothing is derived.' })
  readonly lines!: readonly TrialBalanceLineDto[];

  @ApiProperty({ type: [BalanceDto], description: 'One for each commodity; every balance is zero.' })
  readonly totals!: readonly BalanceDto[];

  @ApiProperty({ type: [LateEntryDto], description: 'A page of them, in store order.' })
  readonly items!: readonly LateEntryDto[];

  @ApiProperty({ type: String, nullable: true, description: 'The `cursor` of the next page; null on the last.' })
  readonly next!: string | null;

  @ApiProperty({
    required: false,
    type: DamagedAccountsDto,
    description: 'Accounts whose streams cannot be read, which it is without. Absent where there are none.',
  })
  readonly damaged?: DamagedAccountsDto;
}
