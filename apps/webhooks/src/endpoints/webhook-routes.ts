import { applyDecorators, HttpCode } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
} from '@nestjs/swagger';
import { Scopes } from '@meterbook/http/auth/access';
import { ShownBy } from '@meterbook/http/openapi/example';
import { Refuses } from '@meterbook/http/openapi/problem-responses';
import type { ErrorCode } from '@meterbook/http/problem/error-catalogue';
import { AskedDeliveryDto, DeliveryPageDto } from '../deliveries/delivery.dto';
import { DeliveryPath, WebhookPath } from './request-parts';
import { RegisteredWebhookDto, WebhookDto, WebhookPageDto } from './webhook.dto';
import {
  changeWebhookExample,
  listWebhooksExample,
  registerWebhookExample,
  removeWebhookExample,
  rotateWebhookExample,
} from './webhooks.examples';

/** What the routes of an account's webhooks and those of a platform's own say of themselves: the same but for who may call them and for what there may not be. */
type Owned = 'account' | 'platform';

const scopes = { account: 'ledger:write', platform: 'admin' } as const;
const named = { account: 'an account', platform: 'a platform' } as const;

/** Who may call it, what it does, and what it refuses; an account may be unknown, and its tier may have no webhooks. */
function described(
  of: Owned,
  does: (owner: string) => string,
  refusals: readonly ErrorCode[],
  needsTier: 'needs the tier' | 'needs no tier' = 'needs no tier',
): MethodDecorator {
  const ofAccount: readonly ErrorCode[] = ['unknown_account', ...(needsTier === 'needs the tier' ? tierRefusal : [])];
  return applyDecorators(
    Scopes(scopes[of]),
    ApiOperation({ summary: does(named[of]) }),
    Refuses('unknown_platform', ...(of === 'account' ? ofAccount : []), ...refusals),
  );
}

const tierRefusal: readonly ErrorCode[] = ['webhooks_not_in_tier'];

export const Registers = (of: Owned): MethodDecorator =>
  applyDecorators(
    described(
      of,
      (owner) => `Register a webhook of ${owner}`,
      ['idempotency_conflict', 'url_not_allowed', 'invalid_request', 'invalid_amount', 'too_busy'],
      'needs the tier',
    ),
    ApiCreatedResponse({
      type: RegisteredWebhookDto,
      description: 'It was registered; its secret is shown this once.',
    }),
    ApiOkResponse({
      type: WebhookDto,
      description: 'The same webhook was registered before; `Idempotency-Hit: true`, and no secret.',
    }),
    ShownBy(registerWebhookExample),
  );

export const Lists = (of: Owned): MethodDecorator =>
  applyDecorators(
    described(of, (owner) => `List the webhooks of ${owner}`, ['invalid_request']),
    ApiOkResponse({ type: WebhookPageDto, description: 'A page of webhooks, without secrets.' }),
    ShownBy(listWebhooksExample),
  );

export const Changes = (of: Owned): MethodDecorator =>
  applyDecorators(
    WebhookPath(),
    described(of, (owner) => `Change a webhook of ${owner}, or stop or start its deliveries`, [
      'unknown_webhook',
      'url_not_allowed',
      'invalid_request',
      'invalid_amount',
      'too_busy',
    ]),
    ApiOkResponse({ type: WebhookDto, description: 'The webhook as it then is.' }),
    ShownBy(changeWebhookExample),
  );

export const Removes = (of: Owned): MethodDecorator =>
  applyDecorators(
    HttpCode(204),
    WebhookPath(),
    described(of, (owner) => `Remove a webhook of ${owner}, for good`, ['unknown_webhook', 'too_busy']),
    ApiNoContentResponse({ description: 'It is removed, and nothing more is delivered to it.' }),
    ShownBy(removeWebhookExample),
  );

export const Rotates = (of: Owned): MethodDecorator =>
  applyDecorators(
    WebhookPath(),
    described(of, (owner) => `Give a webhook of ${owner} another secret; the one before stays valid for a day`, [
      'unknown_webhook',
      'invalid_request',
      'too_busy',
    ]),
    ApiCreatedResponse({ type: RegisteredWebhookDto, description: 'The new secret is shown this once.' }),
    ApiOkResponse({
      type: WebhookDto,
      description: 'The same rotation was made before; `Idempotency-Hit: true`, and no secret.',
    }),
    ShownBy(rotateWebhookExample),
  );

export const Tests = (of: Owned): MethodDecorator =>
  applyDecorators(
    HttpCode(202),
    WebhookPath(),
    described(
      of,
      (owner) => `Send a message of type webhook.test to a webhook of ${owner}`,
      ['unknown_webhook', 'too_busy'],
      'needs the tier',
    ),
    ApiAcceptedResponse({ type: AskedDeliveryDto, description: 'It is sent soon, and listed then.' }),
  );

export const ListsDeliveries = (of: Owned): MethodDecorator =>
  applyDecorators(
    WebhookPath(),
    described(of, (owner) => `List the deliveries to a webhook of ${owner}`, ['unknown_webhook', 'invalid_request']),
    ApiOkResponse({ type: DeliveryPageDto, description: 'A page of deliveries, the newest first.' }),
  );

export const Resends = (of: Owned): MethodDecorator =>
  applyDecorators(
    HttpCode(202),
    WebhookPath(),
    DeliveryPath(),
    described(
      of,
      (owner) => `Send a delivery to a webhook of ${owner} once more`,
      ['unknown_webhook', 'unknown_delivery', 'too_busy'],
      'needs the tier',
    ),
    ApiAcceptedResponse({ type: AskedDeliveryDto, description: 'It is sent once more soon, under the same id.' }),
  );
