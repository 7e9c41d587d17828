import type { TierEvent } from '@meterbook/domain/tier/events';
import { evolveTier, newTierState, type TierState } from '@meterbook/domain/tier/tier';
import { decodeEvent } from '@meterbook/books/event-codec';
import type { EventStore } from '@meterbook/event-store/event-store';
import { chainStart } from '@meterbook/event-store/hash-chain';

/** Accounts whose tier state is kept in memory. */
const maxStates = 50_000;

/** What a `tier-` stream says, with the hash its next event is chained to. */
export interface ReadTier {
  readonly state: TierState;
  readonly hash: string;
}

/** The stream of an account's promotions and pins; the account is named `{platform}/{account}`. */
export function tierStream(account: string): string {
  return `tier-${account}`;
}

/** Reads a `tier-` stream, which holds a handful of events; an empty state where there is none. */
export async function readTier(store: EventStore, account: string): Promise<ReadTier> {
  let tier: ReadTier = { state: newTierState, hash: chainStart };
  for await (const stored of store.read(tierStream(account), 'start', 'forward'))
    tier = { state: evolveTier(tier.state, decodeEvent<TierEvent>(stored), stored.revision), hash: stored.hash };
  return tier;
}

/** Tier states in memory, the most recently used ones. Each may be behind its stream: an append says so. */
export class TierStates {
  private readonly known = new Map<string, ReadTier>();

  constructor(private readonly store: EventStore) {}

  async load(account: string): Promise<ReadTier> {
    const known = this.known.get(account) ?? (await readTier(this.store, account));
    this.keep(account, known);
    return known;
  }

  keep(account: string, tier: ReadTier): void {
    this.known.delete(account);
    this.known.set(account, tier);
    if (this.known.size <= maxStates) return;
    const oldest = this.known.keys().next();
    if (!oldest.done) this.known.delete(oldest.value);
  }

  forget(account: string): void {
    this.known.delete(account);
  }
}
