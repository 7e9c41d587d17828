import { chargeUsage } from '@meterbook/domain/account/charging/charge';
import type { PublishedRulebook } from '@meterbook/domain/rulebook/rulebook';
import { MAX_AHEAD_MS, type AgeWindow } from '@meterbook/domain/usage/age-window';
import type { DeadLetterReason } from '@meterbook/domain/usage/usage';
import type { EventMetadata } from '@meterbook/books/event-codec';
import type { Clock } from '@meterbook/runtime/clock';
import type { Decided } from '../engine/account-writer';
import type { Accounts } from '../engine/accounts';
import { digestBits } from '../engine/identity-key';
import type { LoadedAccount } from '../engine/loaded-account';
import type { ChargedAt } from '../engine/recent-identities';
import { chargeRatable } from './charge-ratable';
import type { ReceivedUsage } from './usage-record';

export type UsageResult =
  | { readonly kind: 'charged' }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'dead'; readonly reason: DeadLetterReason; readonly detail: string; readonly error?: unknown }
  /** Its identity stands earlier in the same batch with other content: ask again once that one is settled. */
  | { readonly kind: 'later' };

/** An identity may have been booked this long before the instant that its usage names, at the most (SPEC §9: five minutes, doubled). */
const bookedBeforeMs = 2 * MAX_AHEAD_MS;

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
  ): Decided<readonly UsageResult[]> | Promise<Decided<readonly UsageResult[]>> {
    const places: (ChargedAt | undefined)[] = [];
    const asked: Promise<void>[] = [];
    for (const [i, one] of received.entries()) {
      const place = this.find(account, one);
      if (place instanceof Promise) asked.push(place.then((found) => void (places[i] = found)));
      else places[i] = place;
    }
    const decide = (): Decided<readonly UsageResult[]> =>
      decideKnown(account, received, places, rulebooks, this.charge, this.clock.now());
    return asked.length > 0 ? Promise.all(asked).then(decide) : decide();
  }

  private find(
    account: LoadedAccount,
    { usage, acceptedAt, record }: ReceivedUsage,
  ): ChargedAt | undefined | Promise<ChargedAt | undefined> {
    return this.accounts.findIdentity(
      account,
      usage.source,
      usage.id,
      this.window.earliest(Math.min(acceptedAt, record.timestamp)) - bookedBeforeMs,
    );
  }
}

function decideKnown(
  loaded: LoadedAccount,
  received: readonly ReceivedUsage[],
  places: readonly (ChargedAt | undefined)[],
  rulebooks: readonly PublishedRulebook[],
  charge: typeof chargeUsage,
  decidedAt: number,
): Decided<readonly UsageResult[]> {
  const metadata = metadataOf(received);
  const { account } = loaded;
  if (!account) {
    const unknown: UsageResult = { kind: 'dead', reason: 'unknown_account', detail: 'No such account was opened.' };
    return { events: [], metadata, answer: () => received.map(() => unknown) };
  }
  const fresh: ReceivedUsage[] = [];
  const results = classify(received, places, fresh);
  const { event, outcomes } = chargeRatable(
    account,
    fresh.map(({ usage }) => usage),
    rulebooks,
    decidedAt,
    charge,
  );
  const settled = results.map((result) => {
    if (typeof result !== 'number') return result;
    const outcome = outcomes[Math.abs(result) - 1];
    if (!outcome) throw new Error('a usage without an outcome');
    if (outcome.kind === 'dead') return outcome;
    return result > 0 ? ({ kind: 'charged' } as const) : ({ kind: 'duplicate' } as const);
  });
  return { events: event ? [event] : [], metadata, answer: () => settled };
}

/** Results that are known at once; else n for the n-th fresh usage and −n for a copy of it in the same batch, from 1. */
function classify(
  received: readonly ReceivedUsage[],
  places: readonly (ChargedAt | undefined)[],
  fresh: ReceivedUsage[],
): (UsageResult | number)[] {
  const inBatch = received.length > 1 ? new Map<string, number>() : null;
  return received.map((one, i) => {
    const { source, id, digest } = one.usage;
    const place = places[i];
    if (place) return isSame(place, digest) ? { kind: 'duplicate' } : conflict;
    const identity = inBatch ? `${source.length} ${source}${id}` : '';
    const earlier = inBatch?.get(identity);
    if (earlier !== undefined) return fresh[earlier - 1]?.usage.digest === digest ? -earlier : { kind: 'later' };
    const number = fresh.push(one);
    inBatch?.set(identity, number);
    return number;
  });
}

const conflict: UsageResult = {
  kind: 'dead',
  reason: 'id_conflict',
  detail: 'The same source and id were charged with other content.',
};

function isSame(place: ChargedAt, digest: string): boolean {
  const [high, low] = digestBits(digest);
  return place.digestBits[0] === high && place.digestBits[1] === low;
}

function metadataOf(received: readonly ReceivedUsage[]): EventMetadata {
  const first = received[0]?.record;
  const last = received[received.length - 1]?.record;
  if (!first || !last) throw new Error('a batch without usage');
  const range = first.offset === last.offset ? String(first.offset) : `${first.offset}-${last.offset}`;
  return { record: `${first.topic}/${first.partition}/${range}` };
}
