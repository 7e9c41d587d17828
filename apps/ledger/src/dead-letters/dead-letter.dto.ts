import { ApiProperty } from '@nestjs/swagger';
import type { DeadLetterReason } from '@meterbook/domain/usage/usage';
import { Cursor } from '@meterbook/http/request/cursor';
import { IsCursor, IsPlatform, IsText, MayBeAbsent } from '@meterbook/http/request/value-decorators';
import { MAX_NAME_BYTES } from '../engine/commands/request-parts';

export const deadLetterCursor = new Cursor('dead-letters', { acceptedAt: 'number', id: 'text' });

/** Why usage could not be charged, in the order it is looked for. */
const reasons = {
  malformed: true,
  usage_too_old: true,
  usage_in_future: true,
  unknown_account: true,
  id_conflict: true,
  no_rulebook: true,
  unknown_model: true,
  unknown_api_key: true,
  unknown_group: true,
  unknown_channel: true,
  unknown_unit: true,
  missing_units: true,
  unratable: true,
  stream_damaged: true,
} satisfies Readonly<Record<DeadLetterReason, true>>;

export class ListDeadLettersQuery {
  @MayBeAbsent()
  @IsPlatform('Those of one platform.')
  readonly platform?: string;

  @MayBeAbsent()
  @IsText(MAX_NAME_BYTES, 'Those with one reason.', { enum: Object.keys(reasons) })
  readonly reason?: string;

  @MayBeAbsent()
  @IsCursor(deadLetterCursor)
  readonly cursor?: string;
}

/** Usage that could not be charged. */
export class DeadLetterDto {
  @ApiProperty({
    description: 'Its id: one record is one dead letter, however often it is delivered.',
    example: 'usage.recorded-3-17',
  })
  readonly id!: string;

  @ApiProperty({ description: 'Why it could not be charged.', enum: Object.keys(reasons) })
  readonly reason!: DeadLetterReason;

  @ApiProperty({ description: 'The same for people.' })
  readonly detail!: string;

  @ApiProperty({ description: 'Its platform; null where it could not be read.', type: String, nullable: true })
  readonly platform!: string | null;

  @ApiProperty({ description: 'Its account; null where it could not be read.', type: String, nullable: true })
  readonly account!: string | null;

  @ApiProperty({ description: 'When the usage was accepted.', format: 'date-time' })
  readonly at!: string;

  @ApiProperty({ description: 'The usage event; its text where it is not JSON.', type: Object })
  readonly event!: unknown;
}

export class DeadLetterPageDto {
  @ApiProperty({ description: 'Dead letters that wait, the newest first.', type: [DeadLetterDto] })
  readonly items!: readonly DeadLetterDto[];

  @ApiProperty({ description: 'The cursor of the next page; null on the last.', type: String, nullable: true })
  readonly next!: string | null;
}

export class RedrivenDto {
  @ApiProperty({ description: 'The id of the dead letter that is offered once more.' })
  readonly id!: string;
}
