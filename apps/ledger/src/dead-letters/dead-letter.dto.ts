import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import type { DeadLetterReason } from '@meterbook/domain/usage/usage';
import { Cursor } from '@meterbook/http/request/cursor';
import { IsPageLimit } from '@meterbook/http/request/page-limit';
import { IsCursor, IsPlatform, IsText, MayBeAbsent } from '@meterbook/http/request/value-decorators';
import { MAX_NAME_BYTES, MAX_REASON_BYTES } from '../engine/commands/request-parts';

export const deadLetterCursor = new Cursor('dead-letters', { acceptedAt: 'number', id: 'text' });
export const groupCursor = new Cursor('dead-letter-groups', { reason: 'text', model: 'text' });

/** A list of letters and one of groups have cursors of their own; each refuses the other's when it reads it. */
const eitherCursor = {
  check: (value: unknown) => (groupCursor.check(value) === undefined ? undefined : deadLetterCursor.check(value)),
};

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

const OfOnePlatform = (): PropertyDecorator => applyDecorators(MayBeAbsent(), IsPlatform('Those of one platform.'));
const WithOneReason = (): PropertyDecorator =>
  applyDecorators(MayBeAbsent(), IsText(MAX_NAME_BYTES, 'Those with one reason.', { enum: Object.keys(reasons) }));
const OfOneModel = (): PropertyDecorator =>
  applyDecorators(MayBeAbsent(), IsText(MAX_NAME_BYTES, 'Those of one model; together with a reason only.'));

export class ListDeadLettersQuery {
  @OfOnePlatform()
  readonly platform?: string;

  @WithOneReason()
  readonly reason?: string;

  @OfOneModel()
  readonly model?: string;

  @MayBeAbsent()
  @IsIn(['true', 'false'], { message: 'must be true or false' })
  @ApiProperty({ enum: ['true', 'false'], description: 'Those that were dismissed, instead of those that wait.' })
  readonly dismissed?: 'true' | 'false';

  @MayBeAbsent()
  @IsIn(['reason,model'], { message: 'must be reason,model' })
  @ApiProperty({
    enum: ['reason,model'],
    description: 'Counts those that wait by reason and model instead of listing them.',
  })
  readonly groupBy?: 'reason,model';

  @MayBeAbsent()
  @IsCursor(eitherCursor)
  readonly cursor?: string;

  @IsPageLimit()
  readonly limit?: string;
}

/** Which letters are offered once more: all that are named; every one where nothing is. */
export class RedriveLettersBody {
  @OfOnePlatform()
  readonly platform?: string;

  @WithOneReason()
  readonly reason?: string;

  @OfOneModel()
  readonly model?: string;

  @MayBeAbsent()
  @IsCursor(deadLetterCursor)
  readonly cursor?: string;
}

export class DismissLetterBody {
  @IsText(MAX_REASON_BYTES, 'Why its usage is not to be charged.', { example: 'sent twice by a test' })
  readonly reason!: string;
}

export class DismissalDto {
  @ApiProperty({ description: 'Why its usage is not to be charged.' })
  readonly reason!: string;

  @ApiProperty({ description: 'The name of the token of whoever dismissed it.', example: 'operations' })
  readonly by!: string;

  @ApiProperty({ format: 'date-time', description: 'When it was dismissed.' })
  readonly at!: string;
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

  @ApiProperty({
    description: 'Who dismissed it, and why; absent while it waits.',
    required: false,
    type: DismissalDto,
  })
  readonly dismissed?: DismissalDto;
}

export class DeadLetterPageDto {
  @ApiProperty({ description: 'Dead letters, the newest first.', type: [DeadLetterDto] })
  readonly items!: readonly DeadLetterDto[];

  @ApiProperty({ description: 'The cursor of the next page; null on the last.', type: String, nullable: true })
  readonly next!: string | null;
}

export class RedrivenDto {
  @ApiProperty({ description: 'The id of the dead letter that is offered once more.' })
  readonly id!: string;
}

export class RedrivenLettersDto {
  @ApiProperty({ type: 'integer', description: 'How many were offered once more by this request.' })
  readonly offered!: number;

  @ApiProperty({
    type: 'integer',
    description:
      'How many were left as they are: older than the age window, too large, or, without a reason in the filter, of one that nothing mends.',
  })
  readonly passedOver!: number;

  @ApiProperty({ type: 'integer', description: 'How many that the filter means waited when the request came.' })
  readonly waiting!: number;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'The `cursor` of the request that goes on with the rest; null when all were looked at.',
  })
  readonly next!: string | null;
}

export class DismissedDto {
  @ApiProperty({ description: 'The id of the dead letter.' })
  readonly id!: string;

  @ApiProperty({ description: 'Who dismissed it, and why.', type: DismissalDto })
  readonly dismissed!: DismissalDto;
}

export class DeadLetterGroupDto {
  @ApiProperty({ description: 'Why they could not be charged.', enum: Object.keys(reasons) })
  readonly reason!: string;

  @ApiProperty({ type: String, nullable: true, description: 'Null where the usage names none.' })
  readonly model!: string | null;

  @ApiProperty({ type: 'integer', description: 'How many wait.' })
  readonly count!: number;

  @ApiProperty({ description: 'The oldest of them; `event` is null where it is large.', type: DeadLetterDto })
  readonly first!: DeadLetterDto;

  @ApiProperty({ description: 'The newest of them.', type: DeadLetterDto })
  readonly last!: DeadLetterDto;
}

export class DeadLetterGroupPageDto {
  @ApiProperty({ description: 'What they are counted by.', type: [String], example: ['reason', 'model'] })
  readonly groupBy!: readonly string[];

  @ApiProperty({ description: 'In the order of reason and model.', type: [DeadLetterGroupDto] })
  readonly items!: readonly DeadLetterGroupDto[];

  @ApiProperty({ description: 'The cursor of the next page; null on the last.', type: String, nullable: true })
  readonly next!: string | null;
}
