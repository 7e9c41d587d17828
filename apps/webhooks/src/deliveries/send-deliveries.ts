import { disableWebhook } from '@meterbook/domain/webhook/decide';
import { validSecrets } from '@meterbook/domain/webhook/endpoints';
import type { DisabledBecause } from '@meterbook/domain/webhook/events';
import { StreamDamaged } from '@meterbook/event-store/store-failure';
import { backoffMs, type BackoffLimits } from '@meterbook/runtime/backoff';
import type { Clock } from '@meterbook/runtime/clock';
import type { Log } from '@meterbook/runtime/log';
import type { Random } from '@meterbook/runtime/random';
import { WebhooksContended, type WebhookStreams } from '../endpoints/webhook-streams';
import type { PostMessages, PostOutcome } from '../receivers/post';
import { signedHeaders } from '../receivers/sign';
import { SigningKeyMissing, type SigningKeys } from '../secrets/signing-keys';
import { BESIDE_ORDER, type DeliveryFile, type WaitingDelivery } from './delivery-file';
import type { Lanes } from './lanes';
import type { PausedAccounts } from './paused-accounts';
import type { Listener, Registry } from './registry';

/** Waits between attempts. */
export const RETRIES: BackoffLimits = { firstMs: 5_000, longestMs: 3_600_000 };
/** A message that was not taken for this long is given up, milliseconds. */
export const GIVE_UP_AFTER_MS = 3 * 86_400_000;
/** An endpoint of an account whose tier has no webhooks is looked at again after this long, milliseconds. */
const PAUSED_MS = 30_000;
/** How long the loop sleeps where nothing wakes it, at the most, milliseconds. */
const LOOK_EVERY_MS = 1_000;
const GONE = 410;
/** What is said of deliveries that were given up because their webhook was disabled. */
export const DISABLED = 'the webhook was disabled';

export interface SendParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly registry: Registry;
  readonly streams: WebhookStreams;
  readonly keys: SigningKeys;
  readonly posting: PostMessages;
  readonly paused: PausedAccounts;
  readonly lanes: Lanes;
  readonly sent: (outcome: 'delivered' | 'failed') => void;
}

/**
 * Sends what is queued: one at a time to each endpoint, in the order of each account, and to many endpoints at once. One that
 * fails is tried again with growing waits for three days, and then given up; an endpoint that has taken nothing meanwhile is disabled.
 */
export class SendDeliveries {
  constructor(private readonly parts: SendParts) {}

  /** The loop: sends until aborted. What is under way then is cut off, and sent again later. */
  async run(file: DeliveryFile, signal: AbortSignal): Promise<void> {
    const { lanes, clock } = this.parts;
    lanes.wake(file.waitingEndpoints());
    let failure: { readonly error: unknown } | undefined;
    const underWay = new Set<Promise<void>>();
    while (!signal.aborted && !failure) {
      for (const key of lanes.start(clock.now())) {
        const sending: Promise<void> = this.serve(key, file, signal)
          .catch((error: unknown) => void (failure = { error }))
          .finally(() => underWay.delete(sending));
        underWay.add(sending);
      }
      await lanes.pause(clock, LOOK_EVERY_MS, signal);
    }
    await Promise.all(underWay);
    if (failure) throw failure.error;
  }

  /** One delivery of an endpoint, if one is due. */
  private async serve(key: string, file: DeliveryFile, signal: AbortSignal): Promise<void> {
    const { lanes, clock, registry, paused } = this.parts;
    const listener = registry.find(key);
    const beside = listener && file.nextBesideOrder(key);
    const isStopped = listener && !beside && (!listener.endpoint.enabled || (await paused.isPaused(listener)));
    // The days of a pause are none of failing.
    if (isStopped) file.letGo(key);
    const next = beside ?? (listener && !isStopped ? file.nextDue(key, clock.now()) : undefined);
    if (!listener || !next) {
      lanes.done(key, nextLook(listener, isStopped === true, file, clock.now()));
      return;
    }
    const startedAt = clock.now();
    const outcome = await this.attempt(listener, next, signal);
    const atMs = clock.now();
    if (!signal.aborted) {
      lanes.note(key, { delivered: outcome.error === null, tookMs: atMs - startedAt, atMs });
      await this.note(listener, next, outcome, file);
    }
    lanes.done(key, 0);
  }

  private async attempt(
    { platform, endpoint }: Listener,
    { id, body }: WaitingDelivery,
    signal: AbortSignal,
  ): Promise<PostOutcome> {
    const { keys, clock, posting } = this.parts;
    const now = clock.now();
    try {
      const { account, webhookId, url } = endpoint;
      const secrets = validSecrets(endpoint, now).map((secret) =>
        keys.secretOf({ platform, account, webhookId }, secret),
      );
      return await posting.post({ url, headers: signedHeaders(id, body, secrets, now), body }, signal);
    } catch (error) {
      if (!(error instanceof SigningKeyMissing)) throw error;
      return { status: null, error: error.message, retryAfterMs: null };
    }
  }

  private async note(
    listener: Listener,
    delivery: WaitingDelivery,
    outcome: PostOutcome,
    file: DeliveryFile,
  ): Promise<void> {
    const { status, error, retryAfterMs } = outcome;
    const { clock, random, lanes } = this.parts;
    const now = clock.now();
    this.parts.sent(error === null ? 'delivered' : 'failed');
    if (error === null) {
      file.delivered(delivery, status, now);
      return;
    }
    if (delivery.account.startsWith(BESIDE_ORDER)) {
      file.giveUp(delivery, status, error, now);
      return;
    }
    const before = file.heldBack(listener.key, delivery.account);
    const firstAt = before?.firstAt ?? now;
    const failures = (before?.failures ?? 0) + 1;
    const isOver = now - firstAt >= GIVE_UP_AFTER_MS;
    if (status === GONE || (isOver && !lanes.deliveredSince(listener.key, firstAt))) {
      await this.disable(listener, status === GONE ? 'gone' : 'failing');
      file.giveUp(delivery, status, error, now);
      file.giveUpAll(listener.key, DISABLED, now);
      return;
    }
    if (isOver) file.giveUp(delivery, status, error, now);
    else
      file.holdBack(
        delivery,
        { firstAt, nextAt: now + Math.max(backoffMs(RETRIES, failures, random), retryAfterMs ?? 0), failures },
        status,
        error,
      );
  }

  /** Where that cannot be written, the next delivery that is given up tries it again. */
  private async disable({ platform, key, endpoint }: Listener, because: DisabledBecause): Promise<void> {
    const { streams, clock, log } = this.parts;
    log.warn({ webhook: key, because }, 'A webhook is disabled: nothing can be delivered to it.');
    try {
      await streams.command(
        platform,
        (endpoints) => disableWebhook(endpoints.find(endpoint.account, endpoint.webhookId), because, clock.now()),
        { actor: 'webhooks' },
      );
    } catch (err) {
      if (!(err instanceof StreamDamaged) && !(err instanceof WebhooksContended)) throw err;
      log.error({ webhook: key, err }, 'A webhook could not be disabled.');
    }
  }
}

/** When an endpoint for which nothing is due is looked at again; undefined where nothing waits for it, or it was disabled. */
function nextLook(
  listener: Listener | undefined,
  isStopped: boolean,
  file: DeliveryFile,
  nowMs: number,
): number | undefined {
  if (!listener?.endpoint.enabled) return undefined;
  return isStopped ? nowMs + PAUSED_MS : file.nextTry(listener.key);
}
