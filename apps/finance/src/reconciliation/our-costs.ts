import type { Charge } from '@meterbook/domain/account/charging/events';
import { decimal, type Decimal } from '@meterbook/domain/amount/decimal';
import { storedInstant } from '@meterbook/domain/time/instant';
import { MAX_AHEAD_MS } from '@meterbook/domain/usage/age-window';
import { decodeAccountEvent } from '@meterbook/books/account-event';
import { accountPrefix } from '@meterbook/books/stream-kinds';
import { comparePositions, type EventStore, type StoredEvent } from '@meterbook/event-store/event-store';
import { Buckets } from './buckets';
import type { Key } from './read-bill';
import type { ReconciliationQuestion } from './question';

/** Usage may be dated ahead of its acceptance, and clocks may differ: what was booked so long before an instant occurred before it. */
const BOOKED_BEFORE_MS = 2 * MAX_AHEAD_MS;

/**
 * What the usage that occurred in the time of a bill was booked to have cost, charge by charge, reversed or not: one pass over the store
 * up to what was booked at an instant, in milliseconds since 1970. What cannot be read of a stream is left out, as it is in reports.
 */
export async function ourCosts(
  store: EventStore,
  question: ReconciliationQuestion,
  asOf: number,
  take: (key: Key, cost: Decimal) => void,
): Promise<void> {
  const ours = new OurCosts(question);
  const end = await store.end();
  const done = new AbortController();
  try {
    for await (const batch of store.subscribe([`${accountPrefix}${question.platform}/`], 'start', done.signal)) {
      for (const stored of batch.events)
        if (stored.bookedAt <= asOf) for (const [key, cost] of ours.of(stored)) take(key, cost);
      if (batch.caughtUp || comparePositions(batch.position, end) >= 0) return;
    }
  } finally {
    done.abort();
  }
}

class OurCosts {
  private readonly buckets: Buckets;
  private readonly channels: ReadonlySet<string>;
  private readonly hasModels: boolean;

  constructor(private readonly question: ReconciliationQuestion) {
    this.buckets = new Buckets(question.granularity, question.zone);
    this.channels = new Set(question.channels);
    this.hasModels = question.columns.model !== null;
  }

  /** The costs that an event books of the time that is compared; none of one that makes no sense. */
  of(stored: StoredEvent): readonly (readonly [Key, Decimal])[] {
    if (stored.type !== 'UsageCharged' || stored.bookedAt < this.question.from - BOOKED_BEFORE_MS) return [];
    try {
      const event = decodeAccountEvent(stored);
      return event.type === 'UsageCharged' ? event.charges.flatMap((charge) => this.costOf(charge)) : [];
    } catch {
      return [];
    }
  }

  private costOf({ id, occurredAt, model, channel = '', cost, amount }: Charge): [Key, Decimal][] {
    const { from, to, granularity } = this.question;
    const atMs = storedInstant(occurredAt);
    if (atMs < from || atMs >= to || (this.channels.size > 0 && !this.channels.has(channel))) return [];
    const key: Key = granularity === 'request' ? [id, ''] : [this.buckets.of(atMs), this.hasModels ? model : ''];
    return [[key, decimal(cost ?? amount)]];
  }
}
