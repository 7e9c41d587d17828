import { ApiProperty } from '@nestjs/swagger';
import type { FactorName } from '@meterbook/domain/account/charging/events';
import { Members, membersOf } from '@meterbook/http/request/members';
import { IsAccount, IsInstant, IsText, MayBeNull } from '@meterbook/http/request/value-decorators';
import { unitCheckOf, usageChecks } from '@meterbook/messages/usage-event/usage-checks';
import { MAX_FIELDS, MAX_NAME_BYTES, MAX_UNIT, MAX_UNITS } from '@meterbook/messages/usage-event/usage-event';

const units = membersOf(MAX_UNITS, usageChecks.unitName, unitCheckOf);
const fields = membersOf(MAX_FIELDS, usageChecks.fieldName, () => usageChecks.fieldValue);

/** A request to price, and for whom. */
export class QuoteBody {
  @IsText(MAX_NAME_BYTES, 'The model.', { example: 'claude-sonnet' })
  readonly model!: string;

  @Members('isUnits', units, {
    description:
      'What is used, as usage events say it: whole numbers; `seconds`, `count` and extras may also be decimal strings.',
    additionalProperties: { oneOf: [{ type: 'integer', minimum: 0, maximum: MAX_UNIT }, { type: 'string' }] },
    example: { inputTokens: 1200, outputTokens: 350 },
  })
  readonly units!: Readonly<Record<string, number | string>>;

  @MayBeNull()
  @IsText(MAX_NAME_BYTES, "The tier to price for; it beats the account's. With neither, the first one.", {
    example: 'vip',
  })
  readonly tier?: string | null;

  @MayBeNull()
  @IsAccount('The account to price for, its own multiplier included.')
  readonly account?: string | null;

  @MayBeNull()
  @IsText(MAX_NAME_BYTES, "The group to price for; without it the model's.", { example: 'vip' })
  readonly group?: string | null;

  @MayBeNull()
  @IsText(MAX_NAME_BYTES, 'The channel it goes through.', { example: 'official' })
  readonly channel?: string | null;

  @MayBeNull()
  @Members('isFields', fields, {
    description: 'Fields of the request that a rulebook may multiply by.',
    additionalProperties: { type: 'string' },
    example: { priority: 'priority' },
  })
  readonly fields?: Readonly<Record<string, string>> | null;

  @MayBeNull()
  @IsInstant('When it would occur; now where it is left out.')
  readonly at?: string | null;
}

export class FactorDto {
  @ApiProperty({
    description: 'What kind of factor it is.',
    enum: [
      'field',
      'window',
      'channelDiscount',
      'tierMultiplier',
      'tierDiscount',
      'groupMultiplier',
      'customMultiplier',
    ],
  })
  readonly name!: FactorName;

  @ApiProperty({ description: 'The factor.', example: '0.8' })
  readonly value!: string;

  @ApiProperty({ description: 'Where it came from.', example: 'vip/default' })
  readonly source!: string;
}

/** A price that was not booked. */
export class QuoteDto {
  @ApiProperty({ description: 'What would be charged, rounded once.', example: '0.8' })
  readonly amount!: string;

  @ApiProperty({ description: 'The exact price before it was rounded.', example: '0.8' })
  readonly unrounded!: string;

  @ApiProperty({ description: 'Currency of both.', example: 'CNY' })
  readonly currency!: string;

  @ApiProperty({ description: 'The tier it was priced for.', example: 'vip' })
  readonly tier!: string;

  @ApiProperty({ description: 'The group it was priced for.', example: 'default' })
  readonly group!: string;

  @ApiProperty({ description: 'The rulebook version it was priced by.', example: 1 })
  readonly rulebookVersion!: number;

  @ApiProperty({ description: 'What the base price was multiplied by, in order.', type: [FactorDto] })
  readonly factors!: readonly FactorDto[];

  @ApiProperty({
    description: 'The formula with its numbers.',
    example: '1 [requests] × 1 × 0.8 [tierMultiplier vip/default] = 0.8 CNY',
  })
  readonly explain!: string;
}
