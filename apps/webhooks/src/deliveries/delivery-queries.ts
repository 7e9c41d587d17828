import { formatInstant } from '@meterbook/domain/time/instant';
import { Problem, retryAfter } from '@meterbook/http/problem/problem';
import { pageItems } from '@meterbook/http/request/page-limit';
import type { Clock } from '@meterbook/runtime/clock';
import type { Random } from '@meterbook/runtime/random';
import type { WebhookCommands } from '../endpoints/webhook-commands';
import { endpointKey, type WebhookOwner } from '../endpoints/webhook-owner';
import type { AskedFile } from './asked-file';
import {
  deliveryCursor,
  toDeliveryDto,
  type AskedDeliveryDto,
  type DeliveryPageDto,
  type ListDeliveriesQuery,
} from './delivery.dto';
import type { DeliveryLog } from './delivery-log';

const ID_BYTES = 16;
/** After this many seconds it is worth asking again. */
const RETRY_AFTER_SECONDS = 5;

export interface DeliveryQueriesParts {
  readonly endpoints: WebhookCommands;
  readonly log: DeliveryLog;
  readonly asked: AskedFile;
  readonly clock: Clock;
  readonly random: Random;
  /** Whether deliveries are made on the files of this process, and not by another machine. */
  readonly delivers: () => boolean;
}

/** Shows the deliveries of an endpoint, and asks the loop for one more: a test, or one that was. */
export class DeliveryQueries {
  constructor(private readonly parts: DeliveryQueriesParts) {}

  /** Throws `unknown_account`, `unknown_webhook`. */
  async list(owner: WebhookOwner, webhookId: string, query: ListDeliveriesQuery): Promise<DeliveryPageDto> {
    await this.parts.endpoints.endpoint(owner, webhookId);
    this.refuseElsewhere();
    const before = deliveryCursor.markOf(query)?.seq ?? Number.MAX_SAFE_INTEGER;
    const limit = pageItems(query);
    const found = this.parts.log.list(endpointKey(owner, webhookId), before, limit + 1);
    const page = found.slice(0, limit);
    const last = page.at(-1);
    return { items: page.map(toDeliveryDto), next: deliveryCursor.write(last && found.length > limit ? last : null) };
  }

  /** Sends a message of the type `webhook.test`. Throws `unknown_account`, `unknown_webhook`, `webhooks_not_in_tier`, `too_busy`. */
  async test(owner: WebhookOwner, webhookId: string): Promise<AskedDeliveryDto> {
    await this.parts.endpoints.endpoint(owner, webhookId);
    await this.parts.endpoints.refuseWithoutWebhooks(owner);
    const id = `msg_${Buffer.from(this.parts.random.bytes(ID_BYTES)).toString('base64url')}`;
    const { platform, account } = owner;
    const data = { platform, ...(account !== null && { account }), webhookId };
    const body = JSON.stringify({ type: 'webhook.test', timestamp: formatInstant(this.parts.clock.now()), data });
    return this.ask(owner, webhookId, id, body);
  }

  /** The same message once more, beside the order. Throws `unknown_delivery` beside what `test` does. */
  async resend(owner: WebhookOwner, webhookId: string, deliveryId: string): Promise<AskedDeliveryDto> {
    await this.parts.endpoints.endpoint(owner, webhookId);
    await this.parts.endpoints.refuseWithoutWebhooks(owner);
    this.refuseElsewhere();
    if (!this.parts.log.find(endpointKey(owner, webhookId), deliveryId))
      throw new Problem('unknown_delivery', `There is no delivery ${deliveryId}, or not any more.`);
    return this.ask(owner, webhookId, deliveryId, null);
  }

  /** What was delivered stands with the process that delivers, and it alone sends. */
  private refuseElsewhere(): void {
    if (this.parts.delivers()) return;
    const headers = retryAfter(RETRY_AFTER_SECONDS);
    throw new Problem('unavailable', 'Another process delivers just now, and answers this.', { headers });
  }

  private ask(owner: WebhookOwner, webhookId: string, deliveryId: string, body: string | null): AskedDeliveryDto {
    this.refuseElsewhere();
    if (this.parts.asked.put(endpointKey(owner, webhookId), deliveryId, body)) return { deliveryId };
    throw new Problem('too_busy', 'Too much was asked for already.', { headers: retryAfter(RETRY_AFTER_SECONDS) });
  }
}
