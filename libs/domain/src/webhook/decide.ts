import { formatInstant } from '../time/instant';
import type { Endpoint, Endpoints } from './endpoints';
import type { WebhookChanged, WebhookEvent, WebhookRegistered, WebhookRemoved, WebhookSecret } from './events';
import { accountWebhookTypes, platformWebhookTypes } from './webhook-types';

/** How long a secret stays valid after another has taken its place, milliseconds. */
export const PREVIOUS_SECRET_MS = 86_400_000;
/** Endpoints of one account, or of a platform itself, at the most. */
export const MAX_ENDPOINTS = 20;

export type WebhookRefusal = 'unknown_webhook' | 'idempotency_conflict' | 'invalid_request';

/** What a command on endpoints comes to. No event means that it already is so, or was done before. */
export type WebhookDecision =
  | { readonly kind: 'accepted'; readonly event: WebhookEvent }
  | { readonly kind: 'already so'; readonly endpoint: Endpoint }
  | { readonly kind: 'refused'; readonly code: WebhookRefusal; readonly detail: string; readonly pointer?: string };

export interface Registration {
  readonly account: string | null;
  readonly webhookId: string;
  readonly url: string;
  readonly events: readonly string[];
  readonly threshold: string | null;
  readonly secret: WebhookSecret;
  readonly digest: string;
}

/** Only what is to change; the threshold may be taken away by null. */
export interface EndpointChange {
  readonly url?: string | undefined;
  readonly events?: readonly string[] | undefined;
  readonly threshold?: string | null | undefined;
  readonly enabled?: boolean | undefined;
}

/** The same registration again is done already; other content under its id is a conflict (`idempotency_conflict`). */
export function repeatedRegistration(
  endpoints: Endpoints,
  asked: Pick<Registration, 'account' | 'webhookId' | 'digest'>,
): WebhookDecision | undefined {
  const known = endpoints.find(asked.account, asked.webhookId);
  if (known === undefined) return undefined;
  if (known.digest === asked.digest) return { kind: 'already so', endpoint: known };
  return refused('idempotency_conflict', `${asked.webhookId} was used before with other content.`);
}

/** Registers an endpoint once. Refused: `idempotency_conflict`; `invalid_request` for what it cannot ask for, or one too many. */
export function registerWebhook(endpoints: Endpoints, asked: Registration, nowMs: number): WebhookDecision {
  const repeated = repeatedRegistration(endpoints, asked);
  if (repeated !== undefined) return repeated;
  const { account, webhookId, url, events, threshold, secret, digest } = asked;
  const fault = faultIn({ account, events, threshold });
  if (fault !== undefined) return fault;
  if (endpoints.of(account).length >= MAX_ENDPOINTS)
    return refused('invalid_request', `There are ${MAX_ENDPOINTS} endpoints already: remove one first.`, '/webhookId');
  const event: WebhookRegistered = {
    type: 'WebhookRegistered',
    occurredAt: formatInstant(nowMs),
    account,
    webhookId,
    url,
    events,
    ...(threshold !== null && { threshold }),
    secret,
    digest,
  };
  return { kind: 'accepted', event };
}

/** Changes what is named and differs. Refused: `unknown_webhook`, `invalid_request`. */
export function changeWebhook(known: Endpoint | undefined, asked: EndpointChange, nowMs: number): WebhookDecision {
  if (known === undefined || known.removed) return unknownWebhook;
  const { url = known.url, events = known.events, threshold = known.threshold, enabled = known.enabled } = asked;
  const fault = faultIn({ account: known.account, events, threshold });
  if (fault !== undefined) return fault;
  const sameEvents = events.length === known.events.length && events.every((name, at) => name === known.events[at]);
  const change = {
    ...(url !== known.url && { url }),
    ...(!sameEvents && { events }),
    ...(threshold !== known.threshold && { threshold }),
    ...(enabled !== known.enabled && { enabled }),
  };
  if (Object.keys(change).length === 0) return { kind: 'already so', endpoint: known };
  return { kind: 'accepted', event: { ...changeOf(known, nowMs), ...change } };
}

/** Gives an endpoint another secret; the one before stays valid for a day. Done once under its id. Refused: `unknown_webhook`. */
export function rotateSecret(
  known: Endpoint | undefined,
  asked: { readonly secret: WebhookSecret; readonly requestId: string | null },
  nowMs: number,
): WebhookDecision {
  if (known === undefined || known.removed) return unknownWebhook;
  const { secret, requestId } = asked;
  if (requestId !== null && known.rotations.has(requestId)) return { kind: 'already so', endpoint: known };
  const previousUntil = formatInstant(nowMs + PREVIOUS_SECRET_MS);
  const rotation = { secret, previousUntil, ...(requestId !== null && { requestId }) };
  return { kind: 'accepted', event: { ...changeOf(known, nowMs), ...rotation } };
}

/** Takes an endpoint away for good; again it already is so. Refused: `unknown_webhook`. */
export function removeWebhook(known: Endpoint | undefined, nowMs: number): WebhookDecision {
  if (known === undefined) return unknownWebhook;
  if (known.removed) return { kind: 'already so', endpoint: known };
  const { account, webhookId } = known;
  const event: WebhookRemoved = { type: 'WebhookRemoved', occurredAt: formatInstant(nowMs), account, webhookId };
  return { kind: 'accepted', event };
}

/** Disables an endpoint that cannot be delivered to. */
export function disableWebhook(
  known: Endpoint | undefined,
  because: 'failing' | 'gone',
  nowMs: number,
): WebhookDecision {
  if (known === undefined || known.removed) return unknownWebhook;
  if (!known.enabled) return { kind: 'already so', endpoint: known };
  return { kind: 'accepted', event: { ...changeOf(known, nowMs), enabled: false, because } };
}

const unknownWebhook = refused('unknown_webhook', 'There is no such webhook.');

function refused(
  code: WebhookRefusal,
  detail: string,
  pointer?: string,
): Extract<WebhookDecision, { kind: 'refused' }> {
  return { kind: 'refused', code, detail, ...(pointer !== undefined && { pointer }) };
}

function changeOf({ account, webhookId }: Endpoint, nowMs: number): WebhookChanged {
  return { type: 'WebhookChanged', occurredAt: formatInstant(nowMs), account, webhookId };
}

/** Events that nobody knows or that only a platform hears of, and a threshold that is missing or goes with nothing. */
function faultIn({
  account,
  events,
  threshold,
}: Pick<Registration, 'account' | 'events' | 'threshold'>): WebhookDecision | undefined {
  const known: readonly string[] = account === null ? platformWebhookTypes : accountWebhookTypes;
  const stranger = events.findIndex((name) => !known.includes(name));
  if (stranger >= 0) return refused('invalid_request', `must be one of ${known.join(', ')}`, `/events/${stranger}`);
  const asksForLow = events.includes('wallet.low');
  if (asksForLow && threshold === null) return refused('invalid_request', 'goes with wallet.low', '/threshold');
  if (!asksForLow && threshold !== null) return refused('invalid_request', 'goes with wallet.low only', '/threshold');
  return undefined;
}
