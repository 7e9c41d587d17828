import { hash } from 'node:crypto';
import type { Account } from '@meterbook/domain/account/account';
import { viewAccount, type AccountView } from '@meterbook/domain/account/view';
import { compare, decimal, isZero, type Decimal } from '@meterbook/domain/amount/decimal';
import { versionInForce, type PublishedRulebook } from '@meterbook/domain/rulebook/rulebook';
import { formatInstant } from '@meterbook/domain/time/instant';
import { balancesIn, messagesOf, type WebhookMessage } from '@meterbook/domain/webhook/messages';
import { decodeAccountEvent } from '@meterbook/books/account-event';
import type { AccountName } from '@meterbook/books/account-stream';
import { folded } from '@meterbook/event-store/damaged-streams';
import type { EventStore, StoredEvent } from '@meterbook/event-store/event-store';
import { hasWebhooks } from '../endpoints/webhook-tier';
import type { AccountStates } from './account-states';
import type { LowMark, NewDelivery } from './delivery-file';
import { heldMoney } from './held-money';
import { nextChange } from './next-change';
import type { Listener } from './registry';

/** Characters of an id: chance does not bring two alike. */
const ID_LENGTH = 22;

/** Where accounts stood to the thresholds of endpoints when they were looked at last. */
export interface LowMarks {
  lowMark(endpoint: string, account: string): LowMark | undefined;
  setLow(endpoint: string, account: string, mark: LowMark): void;
}

/** An event that somebody listens to. */
export interface HeardEvent {
  readonly name: AccountName;
  readonly stored: StoredEvent;
  readonly listeners: readonly Listener[];
  readonly versions: readonly PublishedRulebook[];
}

/** What the telling of an event needs beside it. */
export interface TellParts {
  readonly store: EventStore;
  readonly states: AccountStates;
  readonly nowMs: number;
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
export async function tellEvent(
  heard: HeardEvent,
  { store, states, nowMs }: TellParts,
  lows: LowMarks,
): Promise<NewDelivery[]> {
  const { name, stored, listeners, versions } = heard;
  const { stream, revision, bookedAt } = stored;
  const rulebook = versionInForce(versions, bookedAt)?.rulebook;
  if (!rulebook) return [];
  const before = await states.before(name, revision);
  const owedBefore = before !== undefined && !isZero(before.receivable);
  const wereLow = listeners.map(({ key, endpoint }) => {
    const known = lows.lowMark(key, name.account)?.isLow;
    return known ?? isBelow(endpoint.threshold, before && viewAccount(before, rulebook, bookedAt));
  });
  const account = states.after(stored);
  const held = await heldMoney(store, name, account, nowMs);
  const view = folded(stream, () => viewAccount(account, rulebook, bookedAt, held));
  const told = folded(stream, () =>
    messagesOf(decodeAccountEvent(stored), { owedBefore, account, bookedAtMs: bookedAt }),
  );
  const hearing = whoHears(listeners, account, versions, bookedAt);
  const deliveries: NewDelivery[] = [];
  for (const [at, message] of told.entries()) {
    const { type } = message;
    const wanting = hearing.filter(({ endpoint }) => endpoint.events.includes(type));
    if (wanting.length === 0) continue;
    const id = deliveryId(stream, revision, at, type);
    const body = bodyOf(name, message, view);
    for (const { key } of wanting) deliveries.push({ endpoint: key, account: name.account, id, type, body });
  }
  for (const [at, listener] of listeners.entries()) {
    const low = tellLow(listener, { name, account, view, held, wasLow: wereLow[at] ?? true, atMs: bookedAt }, lows);
    if (low !== undefined && hearing.includes(listener))
      deliveries.push({ ...low, id: deliveryId(stream, revision, 'wallet.low', listener.key) });
  }
  return deliveries;
}

/** How an account stands, for `wallet.low`. */
export interface Standing {
  readonly name: AccountName;
  readonly account: Account;
  readonly view: AccountView;
  readonly held: Decimal;
  readonly wasLow: boolean;
  readonly atMs: number;
}

/** What an account below a threshold is told as, once a crossing; notes where it stands. */
export function tellLow(
  { key, endpoint }: Listener,
  { name, account, view, held, wasLow, atMs }: Standing,
  lows: LowMarks,
): Omit<NewDelivery, 'id'> | undefined {
  const { threshold } = endpoint;
  if (threshold === null) return undefined;
  const { available, currency } = view;
  const isLow = isBelow(threshold, view);
  lows.setLow(key, name.account, { isLow, changesAt: nextChange(account, held, atMs) });
  if (!isLow || wasLow) return undefined;
  const message = { type: 'wallet.low', timestamp: formatInstant(atMs), data: { threshold, available, currency } };
  return { endpoint: key, account: name.account, type: message.type, body: bodyOf(name, message, view) };
}

/** An account that is not there has nothing, so that it crosses nothing. */
function isBelow(threshold: string | null, view: AccountView | undefined): boolean {
  return threshold === null || view === undefined || compare(decimal(view.available), decimal(threshold)) < 0;
}
