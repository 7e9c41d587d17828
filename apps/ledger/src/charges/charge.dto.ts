import { ApiProperty } from '@nestjs/swagger';
import type { Labels } from '@meterbook/domain/usage/labels';
import type { DrawAnswer } from '@meterbook/domain/account/answers';
import type { ToldCharge } from '@meterbook/domain/account/charging/charge-sentence';
import { Cursor } from '@meterbook/http/request/cursor';
import { IsPageLimit } from '@meterbook/http/request/page-limit';
import { IsCursor, IsInstant, IsText, MayBeAbsent } from '@meterbook/http/request/value-decorators';
import { MAX_NAME_BYTES } from '../engine/commands/request-parts';

export const chargeCursor = new Cursor('charges', { revision: 'number', index: 'number' });

/** Either one charge by the identity of its usage, or a list of charges. */
export class ChargesQuery {
  @MayBeAbsent()
  @IsText(MAX_NAME_BYTES, 'The `source` of one usage event; `id` belongs to it.', { example: 'gateway-eu-1' })
  readonly source?: string;

  @MayBeAbsent()
  @IsText(MAX_NAME_BYTES, 'The `id` of one usage event; `source` belongs to it.', { example: 'req-7f3a' })
  readonly id?: string;

  @MayBeAbsent()
  @IsInstant('Usage that occurred at this instant or later.')
  readonly from?: string;

  @MayBeAbsent()
  @IsInstant('Usage that occurred before this instant.')
  readonly to?: string;

  @MayBeAbsent()
  @IsText(MAX_NAME_BYTES, 'Usage of this model.')
  readonly model?: string;

  @MayBeAbsent()
  @IsText(MAX_NAME_BYTES, 'Usage by the API key of this id.')
  readonly apiKey?: string;

  @MayBeAbsent()
  @IsCursor(chargeCursor)
  readonly cursor?: string;

  @IsPageLimit()
  readonly limit?: string;
}

/** One source of a charge and what it gave: a pool gives credits, any other money. */
export class DrawDto implements DrawAnswer {
  @ApiProperty({
    description: 'Where it came from; `receivable` is what no source covered.',
    enum: ['main', 'backup', 'wallet', 'receivable'],
  })
  readonly from!: DrawAnswer['from'];

  @ApiProperty({
    description: "How much, in the wallet's currency; of a pool there is none.",
    example: '0.8',
    required: false,
  })
  readonly amount?: string;

  @ApiProperty({ description: 'How much, in credits; of pools only.', example: '80', required: false })
  readonly credits?: string;
}

/** One priced, booked usage event. */
export class ChargeDto implements ToldCharge {
  @ApiProperty({ description: 'The `source` of the usage event.' })
  readonly source!: string;

  @ApiProperty({ description: 'The `id` of the usage event.' })
  readonly id!: string;

  @ApiProperty({ description: 'When the usage occurred.', format: 'date-time' })
  readonly occurredAt!: string;

  @ApiProperty({ description: 'The model that was used.' })
  readonly model!: string;

  @ApiProperty({ description: 'What was charged, rounded once.', example: '0.8' })
  readonly amount!: string;

  @ApiProperty({ description: 'The exact charge before it was rounded.', example: '0.8' })
  readonly unrounded!: string;

  @ApiProperty({ description: 'Currency of both.', example: 'CNY' })
  readonly currency!: string;

  @ApiProperty({ description: 'The tier it was priced for.', example: 'vip' })
  readonly tier!: string;

  @ApiProperty({ description: 'The group it was priced for.', example: 'default' })
  readonly group!: string;

  @ApiProperty({ description: 'The channel it went through; null for none.', type: String, nullable: true })
  readonly channel!: string | null;

  @ApiProperty({ description: 'Id of the API key that was used; null for none.', type: String, nullable: true })
  readonly apiKeyId!: string | null;

  @ApiProperty({ description: 'The rulebook version it was priced by.', example: 1 })
  readonly rulebookVersion!: number;

  @ApiProperty({
    description: "What upstream takes, in the wallet's currency: what the usage says, else by the rulebook.",
    example: '0.04',
  })
  readonly cost!: string;

  @ApiProperty({
    description:
      'The plan of the period that it fell into when it was booked; null for none, or one switched away from.',
    type: String,
    nullable: true,
  })
  readonly plan!: string | null;

  @ApiProperty({
    description: "The usage's labels, and its key's where the usage had none of that name; empty without any.",
    type: 'object',
    additionalProperties: { type: 'string' },
    example: { team: 'search' },
  })
  readonly labels!: Labels;

  @ApiProperty({ description: 'What each source gave, in draw order; none of zero.', type: [DrawDto] })
  readonly draws!: readonly DrawDto[];

  @ApiProperty({ description: 'What first kept a source from paying; null for nothing.', type: String, nullable: true })
  readonly limitedBy!: string | null;

  @ApiProperty({ description: 'Whether it was undone since.' })
  readonly reversed!: boolean;

  @ApiProperty({
    description: 'The formula with its numbers; where a plan paid, what gave how much stands behind it in brackets.',
    example: '1 [requests] × 1 × 0.8 [tierMultiplier vip/default] = 0.8 CNY',
  })
  readonly explain!: string;

  @ApiProperty({
    description: 'What it was for and what paid it, for a customer.',
    example: 'model-a (1 requests) cost 0.8 CNY, 0.8 CNY paid from the wallet.',
  })
  readonly sentence!: string;
}

export class ChargePageDto {
  @ApiProperty({
    description: 'Charges, the one booked last first. Empty while a usage event is pending.',
    type: [ChargeDto],
  })
  readonly charges!: readonly ChargeDto[];

  @ApiProperty({
    description:
      'The cursor of the next page; null on the last. A page that had to look far may hold few charges, or none.',
    type: String,
    nullable: true,
  })
  readonly next!: string | null;
}
