import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import type { EndpointChange } from '@meterbook/domain/webhook/decide';
import type { Endpoint } from '@meterbook/domain/webhook/endpoints';
import { platformWebhookTypes } from '@meterbook/domain/webhook/webhook-types';
import { formatInstant } from '@meterbook/domain/time/instant';
import { bodyDigest } from '@meterbook/http/request/body-digest';
import { Cursor } from '@meterbook/http/request/cursor';
import { IsPageLimit, pageItems } from '@meterbook/http/request/page-limit';
import { requestProblem } from '@meterbook/http/request/read-request';
import {
  CheckedBy,
  IsAmount,
  IsCursor,
  IsIdempotencyId,
  IsText,
  MayBeAbsent,
  MayBeNull,
} from '@meterbook/http/request/value-decorators';
import { jsonType, type ValueCheck } from '@meterbook/messages/reading/value-check';
import { MAX_URL_LENGTH } from '../receivers/url-policy';
import type { AskedRegistration, ShownEndpoint } from './webhook-commands';

const typeNames: ValueCheck = (value) => {
  if (!Array.isArray(value)) return { code: 'invalid_type', detail: `must be an array, not ${jsonType(value)}` };
  const known: readonly unknown[] = platformWebhookTypes;
  if (value.length === 0 || new Set(value).size !== value.length)
    return { code: 'invalid_value', detail: 'must name at least one event, and each once' };
  if (value.every((name) => known.includes(name))) return undefined;
  return { code: 'invalid_value', detail: `must hold some of ${platformWebhookTypes.join(', ')}` };
};

const aFlag: ValueCheck = (value) =>
  typeof value === 'boolean'
    ? undefined
    : { code: 'invalid_type', detail: `must be true or false, not ${jsonType(value)}` };

const AreTypes = (): PropertyDecorator =>
  applyDecorators(
    CheckedBy('areWebhookTypes', typeNames),
    ApiProperty({
      type: [String],
      enum: platformWebhookTypes,
      description: 'What it is told of. `dead_letter.opened` is for a platform alone.',
      example: ['wallet.recharged', 'wallet.low'],
    }),
  );

const IsUrl = (): PropertyDecorator =>
  IsText(MAX_URL_LENGTH, 'Where deliveries go, https. No redirect is followed.', {
    example: 'https://hooks.example.com/meterbook',
  });

const IsThreshold = (): PropertyDecorator =>
  applyDecorators(
    MayBeNull(),
    IsAmount('positive', 'Of `wallet.low`, and needed for it: what is available falls below this.', { example: '5' }),
  );

/** An endpoint to register. */
export class RegisterWebhookBody {
  @IsIdempotencyId("The endpoint's id: the same id with the same content is registered once.", { example: 'hook-1' })
  readonly webhookId!: string;

  @IsUrl()
  readonly url!: string;

  @AreTypes()
  readonly events!: readonly string[];

  @IsThreshold()
  readonly threshold?: string | null;
}

export function toRegistration(body: RegisterWebhookBody): AskedRegistration {
  const { webhookId, url, events, threshold = null } = body;
  return { webhookId, url, events, threshold, digest: bodyDigest(body) };
}

/** What is to change about an endpoint; what is left out stays. */
export class ChangeWebhookBody {
  @MayBeAbsent()
  @IsUrl()
  readonly url?: string;

  @MayBeAbsent()
  @AreTypes()
  readonly events?: readonly string[];

  @IsThreshold()
  readonly threshold?: string | null;

  @MayBeAbsent()
  @CheckedBy('isFlag', aFlag)
  @ApiProperty({ type: Boolean, description: 'False stops deliveries, true starts them again.' })
  readonly enabled?: boolean;
}

/** Throws `invalid_request` where nothing is to be changed. */
export function toChange({ url, events, threshold, enabled }: ChangeWebhookBody): EndpointChange {
  const change = { url, events, threshold, enabled };
  if (Object.values(change).every((value) => value === undefined))
    throw requestProblem([{ pointer: '', code: 'required', detail: 'names nothing to change' }]);
  return change;
}

/** A rotation. */
export class RotateWebhookBody {
  @MayBeNull()
  @IsIdempotencyId('Makes the rotation idempotent: the same id again changes nothing and shows no secret.', {
    example: 'rotation-1',
  })
  readonly requestId?: string | null;
}

/** An endpoint. */
export class WebhookDto {
  @ApiProperty({ description: "The endpoint's id.", example: 'hook-1' })
  readonly webhookId!: string;

  @ApiProperty({ description: 'Where deliveries go.' })
  readonly url!: string;

  @ApiProperty({ description: 'What it is told of.', type: [String] })
  readonly events!: readonly string[];

  @ApiProperty({ description: 'Of `wallet.low`; null where it is not asked for.', type: String, nullable: true })
  readonly threshold!: string | null;

  @ApiProperty({
    description: 'Whether it is delivered to. One of an account whose tier has no webhooks pauses all the same.',
  })
  readonly enabled!: boolean;

  @ApiProperty({
    description: 'Why it was disabled: nothing was taken for three days, or it said that it is gone. Null otherwise.',
    enum: ['failing', 'gone'],
    type: String,
    nullable: true,
  })
  readonly disabledBecause!: 'failing' | 'gone' | null;

  @ApiProperty({ description: 'When it was registered.', format: 'date-time' })
  readonly registeredAt!: string;
}

/** An endpoint with its secret, which is shown this once. */
export class RegisteredWebhookDto extends WebhookDto {
  @ApiProperty({
    description: 'What deliveries are signed with, shown this once; a repeat leaves it out.',
    example: 'whsec_…',
    required: false,
  })
  readonly secret?: string;
}

export const webhookCursor = new Cursor('webhooks', { webhookId: 'text' });

export class ListWebhooksQuery {
  @MayBeAbsent()
  @IsCursor(webhookCursor)
  readonly cursor?: string;

  @IsPageLimit()
  readonly limit?: string;
}

export class WebhookPageDto {
  @ApiProperty({ description: 'Endpoints in the order they were registered.', type: [WebhookDto] })
  readonly items!: readonly WebhookDto[];

  @ApiProperty({ description: 'The cursor of the next page; null on the last.', type: String, nullable: true })
  readonly next!: string | null;
}

export function toPage(endpoints: readonly Endpoint[], query: ListWebhooksQuery): WebhookPageDto {
  const after = webhookCursor.markOf(query)?.webhookId;
  const rest = endpoints.slice(endpoints.findIndex(({ webhookId }) => webhookId === after) + 1);
  const page = rest.slice(0, pageItems(query));
  const last = page.at(-1);
  return { items: page.map(toWebhookDto), next: webhookCursor.write(last && rest.length > page.length ? last : null) };
}

export function toWebhookDto(endpoint: Endpoint): WebhookDto {
  const { webhookId, url, events, threshold, enabled, disabledBecause, registeredAt } = endpoint;
  return { webhookId, url, events, threshold, enabled, disabledBecause, registeredAt: formatInstant(registeredAt) };
}

export function toShownDto({ endpoint, secret }: ShownEndpoint): RegisteredWebhookDto {
  return Object.assign(toWebhookDto(endpoint), secret === undefined ? {} : { secret });
}
