import { hash } from 'node:crypto';
import type { Account } from '@meterbook/domain/account/account';
import { viewAccount, type AccountView } from '@meterbook/domain/account/view';
import { compare, decimal, isZero } from '@meterbook/domain/amount/decimal';
import { versionInForce, type PublishedRulebook, type Rulebook } from '@meterbook/domain/rulebook/rulebook';
import { formatInstant } from '@meterbook/domain/time/instant';
import { balancesIn, messagesOf, type WebhookMessage } from '@meterbook/domain/webhook/messages';
import { decodeAccountEvent } from '@meterbook/books/account-event';
import type { AccountName } from '@meterbook/books/account-stream';
import type { StoredEvent } from '@meterbook/event-store/event-store';
import { hasWebhooks } from '../endpoints/webhook-tier';
import type { AccountStates } from './account-states';
import type { NewDelivery } from './delivery-file';
import type { Listener } from './registry';

/** Characters of an id: chance does not bring two alike. */
const ID_LENGTH = 22;

/** Whether accounts were below the thresholds of endpoints when they were looked at last. */
export interface LowMarks {
  get(endpoint: string, account: string): boolean | undefined;
  set(endpoint: string, account: string, isLow: boolean): void;
}

/** An event that somebody listens to. */
export interface HeardEvent {
  readonly name: AccountName;
  readonly stored: StoredEvent;
  readonly listeners: readonly Listener[];
  readonly versions: readonly PublishedRulebook[];
}

/** The id of a delivery: the same whenever its cause is met again. */
export function deliveryId(...cause: readonly (string | number)[]): string {
  return `msg_${hash('sha256', JSON.stringify(cause), 'base64url').slice(0, ID_LENGTH)}`;
}

/** The body as it is sent: what happened, whose it is, and the account's balances after it. */
export function bodyOf(
  name: AccountName,
  { type, timestamp, data }: Omit<WebhookMessage, 'type'> & { readonly type: string },
  view: AccountView,
): string {
  const { platform, account } = name;
  return JSON.stringify({ type, timestamp, data: { platform, account, ...data, balances: balancesIn(view) } });
}

/** Those who hear of it: the endpoints of an account whose tier has no webhooks pause. */
export function whoHears(
  listeners: readonly Listener[],
  account: Account,
  versions: readonly PublishedRulebook[],
  atMs: number,
): readonly Listener[] {
  if (hasWebhooks(account, versions, atMs) === true) return listeners;
  return listeners.filter(({ endpoint }) => endpoint.account === null);
}

/**
 * What an event comes to for those who listen, with the account's balances after it. Throws `StreamDamaged` where the account
 * cannot be read.
 */
export async function tellEvent(heard: HeardEvent, states: AccountStates, lows: LowMarks): Promise<NewDelivery[]> {
  const { name, stored, listeners, versions } = heard;
  const rulebook = versionInForce(versions, stored.bookedAt)?.rulebook;
  if (!rulebook) return [];
  const before = await states.before(name, stored.revision);
  const owedBefore = before !== undefined && !isZero(before.receivable);
  const lowBefore = listeners.map(
    (listener) => lows.get(listener.key, name.account) ?? isLow(listener, before, rulebook, stored),
  );
  const account = states.after(stored);
  const view = viewAccount(account, rulebook, stored.bookedAt);
  const told = messagesOf(decodeAccountEvent(stored), { owedBefore, account, bookedAtMs: stored.bookedAt });
  const hearing = new Set(whoHears(listeners, account, versions, stored.bookedAt));
  const deliveries: NewDelivery[] = [];
  for (const [at, message] of told.entries()) {
    const { type } = message;
    const wanting = [...hearing].filter(({ endpoint }) => endpoint.events.includes(type));
    if (wanting.length === 0) continue;
    const id = deliveryId(stored.stream, stored.revision, at, type);
    const body = bodyOf(name, message, view);
    for (const { key } of wanting) deliveries.push({ endpoint: key, account: name.account, id, type, body });
  }
  for (const [at, listener] of listeners.entries()) {
    const low = tellLow(listener, { name, view, wasLow: lowBefore[at] ?? true, atMs: stored.bookedAt }, lows);
    if (low !== undefined && hearing.has(listener))
      deliveries.push({ ...low, id: deliveryId(stored.stream, stored.revision, 'wallet.low', listener.key) });
  }
  return deliveries;
}

/** What an account below a threshold is told as, once a crossing; notes where it stands. */
export function tellLow(
  { key, endpoint }: Listener,
  {
    name,
    view,
    wasLow,
    atMs,
  }: { readonly name: AccountName; readonly view: AccountView; readonly wasLow: boolean; readonly atMs: number },
  lows: LowMarks,
): Omit<NewDelivery, 'id'> | undefined {
  const { threshold } = endpoint;
  if (threshold === null) return undefined;
  const { available, currency } = view;
  const nowLow = compare(decimal(available), decimal(threshold)) < 0;
  lows.set(key, name.account, nowLow);
  if (!nowLow || wasLow) return undefined;
  const message = { type: 'wallet.low', timestamp: formatInstant(atMs), data: { threshold, available, currency } };
  return { endpoint: key, account: name.account, type: message.type, body: bodyOf(name, message, view) };
}

/** Before anything was seen of it: an account that is not there yet has nothing, so that it crosses nothing. */
function isLow(
  { endpoint }: Listener,
  account: Account | undefined,
  rulebook: Rulebook,
  { bookedAt }: StoredEvent,
): boolean {
  if (endpoint.threshold === null || account === undefined) return true;
  return compare(decimal(viewAccount(account, rulebook, bookedAt).available), decimal(endpoint.threshold)) < 0;
}
