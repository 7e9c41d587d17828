import { accountPrefix, tierPrefix } from '@meterbook/books/stream-kinds';
import { TOPICS } from '@meterbook/messages/topic-table';
import type { EventStore, Position } from '@meterbook/event-store/event-store';
import type { Topics } from '@meterbook/topics/topics';

/** When each hop of a promotion was done, milliseconds since 1970. */
interface Hops {
  recharged?: number;
  /** The recharge stood on `ledger.entries`. */
  told?: number;
  promoted?: number;
  /** The promotion stood on `tier.changes`. */
  promotionTold?: number;
  followed?: number;
}

const hops = [
  ['recharge booked → told on ledger.entries', 'recharged', 'told'],
  ['told → promotion booked', 'told', 'promoted'],
  ['promotion booked → told on tier.changes', 'promoted', 'promotionTold'],
  ['told → taken into the account', 'promotionTold', 'followed'],
  ['recharge booked → promotion in the account, whole', 'recharged', 'followed'],
] as const;

/** Milliseconds that each hop took, of every account whose promotion came through after a position. */
export async function promotionHops(
  store: EventStore,
  topics: Topics,
  after: Position,
): Promise<(readonly [hop: string, ms: number[]])[]> {
  const byAccount = new Map<string, Hops>();
  await takeBooked(store, after, byAccount);
  await takeTold(topics, byAccount);
  return hops.map(([hop, from, to]) => {
    const ms = [...byAccount.values()].flatMap((one) => {
      const [begun, done] = [one[from], one[to]];
      return begun === undefined || done === undefined || one.followed === undefined ? [] : [done - begun];
    });
    return [hop, ms] as const;
  });
}

async function takeBooked(store: EventStore, after: Position, byAccount: Map<string, Hops>): Promise<void> {
  const done = new AbortController();
  for await (const batch of store.subscribe([accountPrefix, tierPrefix], after, done.signal)) {
    for (const { stream, type, bookedAt } of batch.events) {
      const account = stream.slice(stream.indexOf('-') + 1);
      if (type === 'WalletRecharged') byAccount.set(account, { recharged: bookedAt });
      const known = byAccount.get(account);
      if (known && type === 'TierPromoted') known.promoted = bookedAt;
      if (known && type === 'TierChanged') known.followed = bookedAt;
    }
    if (batch.caughtUp) done.abort();
  }
}

async function takeTold(topics: Topics, byAccount: ReadonlyMap<string, Hops>): Promise<void> {
  const group = 'bench-hops';
  const done = new AbortController();
  const asked = [TOPICS.entries, TOPICS.tierChanges];
  const consuming = topics.consume(
    group,
    asked,
    async ({ records }) => {
      for (const { key, headers, timestamp } of records) {
        const known = byAccount.get(key);
        if (known?.recharged === undefined || timestamp < known.recharged) continue;
        if (headers['type'] === 'WalletRecharged') known.told = timestamp;
        if (headers['type'] === 'TierPromoted') known.promotionTold = timestamp;
      }
    },
    done.signal,
  );
  for (;;) {
    const lags = await topics.lag(group, asked);
    if (lags.length > 0 && lags.every(({ lag, committed }) => lag === 0 && committed > 0)) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  done.abort();
  await consuming;
}
