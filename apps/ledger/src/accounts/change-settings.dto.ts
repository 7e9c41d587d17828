import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { IsBoolean } from 'class-validator';
import type { Limits } from '@meterbook/domain/account/standing/events';
import { CheckedBy, IsAmount, IsText, MayBeAbsent, MayBeNull, Nested } from '@meterbook/http/request/value-decorators';
import { jsonType, type ValueCheck } from '@meterbook/messages/reading/value-check';
import { MAX_NAME_BYTES, OccurredAt } from '../engine/commands/request-parts';

/** Highest request limit that can be set. */
const MAX_REQUESTS = 1_000_000_000_000;

const requestLimit: ValueCheck = (value) => {
  if (typeof value !== 'number')
    return { code: 'invalid_type', detail: `must be a whole number, not ${jsonType(value)}` };
  return Number.isInteger(value) && value >= 0 && value <= MAX_REQUESTS
    ? undefined
    : { code: 'invalid_value', detail: `must be a whole number from 0 to ${MAX_REQUESTS}` };
};

const IsRequestLimit = (description: string): PropertyDecorator =>
  applyDecorators(
    MayBeNull(),
    CheckedBy('isRequestLimit', requestLimit),
    ApiProperty({ type: 'integer', minimum: 0, maximum: MAX_REQUESTS, description }),
  );

/** An account's own request limits. */
export class LimitsBody implements Limits {
  @IsRequestLimit('Requests per minute; null is unlimited, absent asks the next source.')
  readonly requestsPerMinute?: number | null;

  @IsRequestLimit('Requests per UTC day; null is unlimited, absent asks the next source.')
  readonly requestsPerDay?: number | null;
}

/** What is to change; what is left out stays. */
export class SettingsBody {
  @MayBeAbsent()
  @IsBoolean()
  @ApiProperty({
    description:
      'Whether the wallet pays where the rulebook asks for an opt-in. Turning it on settles the receivable at once.',
  })
  readonly payAsYouGo?: boolean;

  @MayBeNull()
  @IsAmount(
    'not-negative',
    "A multiplier of the account's own, in place of those of tier and group (Enterprise); null takes it away.",
    { example: '0.5' },
  )
  readonly customMultiplier?: string | null;

  @MayBeNull()
  @Nested(
    () => LimitsBody,
    "The account's own request limits, before all others, replaced whole; null takes them away.",
  )
  readonly limits?: LimitsBody | null;

  @MayBeAbsent()
  @IsBoolean()
  @ApiProperty({ description: 'Whether access is refused to it.' })
  readonly suspended?: boolean;

  @MayBeNull()
  @IsText(MAX_NAME_BYTES, 'Pins the tier: rules still raise it, and never lower it. Null takes the pin away.', {
    example: 'svip',
  })
  readonly tier?: string | null;

  @OccurredAt()
  readonly occurredAt?: string;
}
