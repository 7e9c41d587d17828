import type { Account } from '@meterbook/domain/account/account';
import { chargeUsage } from '@meterbook/domain/account/charging/charge';
import type { PublishedRulebook } from '@meterbook/domain/rulebook/rulebook';
import { MAX_AHEAD_MS, type AgeWindow } from '@meterbook/domain/usage/age-window';
import type { DeadLetterReason, Usage } from '@meterbook/domain/usage/usage';
import type { EventMetadata } from '@meterbook/books/event-codec';
import type { Clock } from '@meterbook/runtime/clock';
import type { Decided } from '../engine/account-writer';
import type { Accounts } from '../engine/accounts';
import { digestBits, type IdentityKey } from '../engine/identity-key';
import type { LoadedAccount } from '../engine/loaded-account';
import type { ChargedAt } from '../engine/recent-identities';
import { chargeRatable, type RatablyCharged } from '@meterbook/domain/account/charging/charge-ratable';
import type { ReceivedUsage } from './usage-record';

export type UsageResult =
  | { readonly kind: 'charged' }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'dead'; readonly reason: DeadLetterReason; readonly detail: string; readonly error?: unknown }
  /** Ask again once those before it are decided: one of them has its identity and other content, or the event is full. */
  | { readonly kind: 'later' };

/** An identity may have been booked this long before the instant that its usage names, at the most (SPEC §9: five minutes, doubled). */
const BOOKED_BEFORE_MS = 2 * MAX_AHEAD_MS;

/** What an account owes for a batch of its usage: each identity once, whatever came before or stands twice in the batch. */
export class AccountUsage {
  constructor(
    private readonly accounts: Accounts,
    private readonly window: AgeWindow,
    private readonly clock: Pick<Clock, 'now'>,
    private readonly charge = chargeUsage,
  ) {}

  decide(
    account: LoadedAccount,
    received: readonly ReceivedUsage[],
    rulebooks: readonly PublishedRulebook[],
    maxCharges: number,
  ): Decided<readonly UsageResult[]> | Promise<Decided<readonly UsageResult[]>> {
    const keys = received.map(({ usage }) => account.keyOf(usage.source, usage.id));
    const found = received.map((one, i) => this.find(account, one, keys[i]));
    const decide = (charged: KnownUsage['charged']): Decided<readonly UsageResult[]> =>
      decideKnown(account, { received, keys, charged }, rulebooks, maxCharges, this.chargeNow);
    return areKnown(found) ? decide(found) : Promise.all(found.map((one) => Promise.resolve(one))).then(decide);
  }

  /** Decided now, which is stored with the charge. */
  private readonly chargeNow = (
    account: Account,
    usages: readonly Usage[],
    rulebooks: readonly PublishedRulebook[],
  ): RatablyCharged => chargeRatable(account, usages, rulebooks, this.clock.now(), this.charge);

  private find(
    account: LoadedAccount,
    { acceptedAt, record }: ReceivedUsage,
    key: IdentityKey | undefined,
  ): Found | Promise<Found> {
    const since = this.window.earliest(Math.min(acceptedAt, record.timestamp)) - BOOKED_BEFORE_MS;
    return key && this.accounts.identities.find(account, key, since);
  }
}

type Found = ChargedAt | undefined;

/** Whether memory could tell all of them. */
function areKnown(found: readonly (Found | Promise<Found>)[]): found is readonly Found[] {
  return !found.some((one) => one instanceof Promise);
}

/** A batch of an account's usage, with the keys of their identities and where these were charged, in the same order. */
interface KnownUsage {
  readonly received: readonly ReceivedUsage[];
  readonly keys: readonly IdentityKey[];
  readonly charged: readonly Found[];
}

function decideKnown(
  loaded: LoadedAccount,
  known: KnownUsage,
  rulebooks: readonly PublishedRulebook[],
  maxCharges: number,
  charge: (account: Account, usages: readonly Usage[], rulebooks: readonly PublishedRulebook[]) => RatablyCharged,
): Decided<readonly UsageResult[]> {
  const { received } = known;
  const metadata = metadataOf(received);
  const { account } = loaded;
  if (!account) {
    const unknown: UsageResult = { kind: 'dead', reason: 'unknown_account', detail: 'No such account was opened.' };
    return { events: [], metadata, answer: () => received.map(() => unknown) };
  }
  const fresh: Fresh = { usages: [], keys: [], most: maxCharges };
  const results = classify(known, fresh);
  const { event, outcomes } = charge(account, fresh.usages, rulebooks);
  const answers = results.map((result) => {
    if (typeof result !== 'number') return result;
    const outcome = outcomes[Math.abs(result) - 1];
    if (!outcome) throw new Error('a usage without an outcome');
    if (outcome.kind === 'dead') return outcome;
    return result > 0 ? charged : duplicate;
  });
  if (!event) return { events: [], metadata, answer: () => answers };
  const keys = fresh.keys.filter((_, i) => outcomes[i]?.kind === 'charged');
  return { events: [event], keys, metadata, answer: () => answers };
}

/** Usage that was not charged before, and the keys of their identities; at most so many as one event can hold. */
interface Fresh {
  readonly usages: Usage[];
  readonly keys: IdentityKey[];
  readonly most: number;
}

/** Results that are known at once; else n for the n-th fresh usage and −n for a copy of it in the same batch, from 1. */
function classify({ received, keys, charged: known }: KnownUsage, fresh: Fresh): (UsageResult | number)[] {
  const inBatch = received.length > 1 ? new Map<string, number>() : null;
  return received.map(({ usage }, i) => {
    const { source, id, digest } = usage;
    const at = known[i];
    if (at) return isSame(at, digest) ? duplicate : conflict;
    const identity = inBatch ? `${source.length} ${source}${id}` : '';
    const earlier = inBatch?.get(identity);
    if (earlier !== undefined) return fresh.usages[earlier - 1]?.digest === digest ? -earlier : later;
    const key = keys[i];
    if (!key || fresh.usages.length >= fresh.most) return later;
    const number = fresh.usages.push(usage);
    fresh.keys.push(key);
    inBatch?.set(identity, number);
    return number;
  });
}

const charged: UsageResult = { kind: 'charged' };
const duplicate: UsageResult = { kind: 'duplicate' };
const later: UsageResult = { kind: 'later' };
const conflict: UsageResult = {
  kind: 'dead',
  reason: 'id_conflict',
  detail: 'The same source and id were charged with other content.',
};

function isSame(at: ChargedAt, digest: string): boolean {
  const [high, low] = digestBits(digest);
  return at.digestBits[0] === high && at.digestBits[1] === low;
}

function metadataOf(received: readonly ReceivedUsage[]): EventMetadata {
  const first = received[0]?.record;
  const last = received[received.length - 1]?.record;
  if (!first || !last) throw new Error('a batch without usage');
  const range = first.offset === last.offset ? String(first.offset) : `${first.offset}-${last.offset}`;
  return { record: `${first.topic}/${first.partition}/${range}` };
}
