import { ApiProperty } from '@nestjs/swagger';
import { IsBoolean } from 'class-validator';
import type { AccessRequest } from '@meterbook/domain/access/authorize';
import type { AccountName } from '@meterbook/books/account-stream';
import { bodyDigest } from '@meterbook/http/request/body-digest';
import { Members, membersOf } from '@meterbook/http/request/members';
import { IsIdempotencyId, IsText, MayBeAbsent, MayBeNull } from '@meterbook/http/request/value-decorators';
import { unitCheckOf, usageChecks } from '@meterbook/messages/usage-event/usage-checks';
import { MAX_FIELDS, MAX_UNIT, MAX_UNITS } from '@meterbook/messages/usage-event/usage-event';
import { PriorityDto } from '../accounts/account-view.dto';
import { MAX_NAME_BYTES } from '../engine/commands/request-parts';

const units = membersOf(MAX_UNITS, usageChecks.unitName, unitCheckOf);
const fields = membersOf(MAX_FIELDS, usageChecks.fieldName, () => usageChecks.fieldValue);

/** A request that a gateway is about to serve. */
export class AuthorizationBody {
  @IsIdempotencyId(
    "The request's id, unique among the authorizations of its account: the same id with the same content gets the same answer.",
  )
  readonly requestId!: string;

  @IsText(MAX_NAME_BYTES, 'The model.', { example: 'claude-sonnet' })
  readonly model!: string;

  @MayBeNull()
  @IsText(MAX_NAME_BYTES, 'The API key that it came with.', { example: 'key-1' })
  readonly apiKeyId?: string | null;

  @MayBeNull()
  @IsText(MAX_NAME_BYTES, "The group that it is for; without it the key's, else the model's.", { example: 'vip' })
  readonly group?: string | null;

  @MayBeNull()
  @IsText(MAX_NAME_BYTES, 'The channel it goes through.', { example: 'official' })
  readonly channel?: string | null;

  @MayBeNull()
  @Members('isUnits', units, {
    description: 'What it will use at most, as usage events say it.',
    additionalProperties: { oneOf: [{ type: 'integer', minimum: 0, maximum: MAX_UNIT }, { type: 'string' }] },
    example: { inputTokens: 1200, outputTokens: 4000 },
  })
  readonly units?: Readonly<Record<string, number | string>> | null;

  @MayBeNull()
  @Members('isFields', fields, {
    description: 'Fields of the request that a rulebook may multiply by.',
    additionalProperties: { type: 'string' },
    example: { priority: 'priority' },
  })
  readonly fields?: Readonly<Record<string, string>> | null;

  @MayBeAbsent()
  @IsBoolean({ message: 'must be true or false' })
  @ApiProperty({
    description:
      'Whether the estimate is set aside until usage names the authorization, it is released, or it expires.',
    default: true,
  })
  readonly hold?: boolean;
}

/** Account and body are what was sent: the same id with other content is a conflict. */
export function toAccessRequest({ platform, account }: AccountName, body: AuthorizationBody): AccessRequest {
  const { requestId, model, apiKeyId = null, group = null, channel = null, units: used, fields: named, hold } = body;
  return {
    requestId,
    model,
    apiKeyId,
    group,
    channel,
    units: used ?? {},
    fields: named ?? {},
    hold: hold ?? true,
    digest: bodyDigest([platform, account, body]),
  };
}

/** A request that may be served. */
export class AuthorizationDto {
  @ApiProperty({
    description: 'What the usage has to name, so that it settles the hold; null where nothing is set aside.',
    type: String,
    nullable: true,
    example: 'auth_0_lk3m2p1a_3fKx0aPq1Zs',
  })
  readonly authorizationId!: string | null;

  @ApiProperty({ description: 'How urgent it is to the gateway.', type: PriorityDto })
  readonly priority!: PriorityDto;

  @ApiProperty({ description: 'The tier it was priced for.', example: 'vip' })
  readonly tier!: string;

  @ApiProperty({ description: 'The group it was priced for.', example: 'default' })
  readonly group!: string;

  @ApiProperty({ description: "What the account's tier and the group make of the price.", example: '0.8' })
  readonly multiplier!: string;

  @ApiProperty({ description: "What it will cost, in the wallet's currency.", example: '0.35' })
  readonly estimate!: string;

  @ApiProperty({
    description: 'When the hold expires; null where nothing is set aside.',
    type: String,
    format: 'date-time',
    nullable: true,
  })
  readonly heldUntil!: string | null;
}
