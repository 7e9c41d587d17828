import type { TierEvent } from '@meterbook/domain/tier/events';
import { evolveTier, newTierState, type TierState } from '@meterbook/domain/tier/tier';
import { tierPrefix } from '@meterbook/books/stream-kinds';
import { decodeEvent } from '@meterbook/books/event-codec';
import { folded } from '@meterbook/event-store/damaged-streams';
import type { EventStore, StoredEvent } from '@meterbook/event-store/event-store';
import { chainStart } from '@meterbook/event-store/hash-chain';

/** Accounts whose tier state is kept in memory. */
const MAX_STATES = 50_000;

/** What a `tier-` stream says, with the hash its next event is chained to. */
export interface ReadTier {
  readonly state: TierState;
  readonly hash: string;
}

/** The stream of an account's promotions and pins; the account is named `{platform}/{account}`. */
export function tierStream(account: string): string {
  return `${tierPrefix}${account}`;
}

/** What a state can be folded from; another type stands for a later version's event. */
const known: ReadonlySet<string> = new Set<TierEvent['type']>(['TierPromoted', 'TierPinned']);

/**
 * Reads a `tier-` stream, which holds a handful of events; an empty state where there is none. Throws `StreamDamaged` where
 * its events make no sense.
 */
export async function readTier(store: EventStore, account: string): Promise<ReadTier> {
  const stream = tierStream(account);
  let tier: ReadTier = { state: newTierState, hash: chainStart };
  for await (const stored of store.read(stream, 'start', 'forward')) tier = folded(stream, () => after(tier, stored));
  return tier;
}

function after({ state }: ReadTier, stored: StoredEvent): ReadTier {
  const { type, revision, hash } = stored;
  if (!known.has(type)) throw new Error(`revision ${revision} is a ${type}, which this version does not know`);
  return { state: evolveTier(state, decodeEvent<TierEvent>(stored), revision), hash };
}

/** Tier states in memory, the most recently used ones. Each may be behind its stream: an append says so. */
export class TierStates {
  private readonly kept = new Map<string, ReadTier>();

  constructor(private readonly store: EventStore) {}

  async load(account: string): Promise<ReadTier> {
    const known = this.kept.get(account) ?? (await readTier(this.store, account));
    this.keep(account, known);
    return known;
  }

  keep(account: string, tier: ReadTier): void {
    this.kept.delete(account);
    this.kept.set(account, tier);
    if (this.kept.size <= MAX_STATES) return;
    const oldest = this.kept.keys().next();
    if (!oldest.done) this.kept.delete(oldest.value);
  }

  forget(account: string): void {
    this.kept.delete(account);
  }
}
