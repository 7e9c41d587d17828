import type { Clock } from '@meterbook/runtime/clock';
import {
  EventStore,
  type AppendOutcome,
  type Position,
  type Revision,
  type StoreAudit,
  type StoredEvent,
  type StreamAppend,
  type SubscriptionBatch,
} from '../event-store';
import { ChainAudit } from './chain-audit';
import { EsdbAppender } from './esdb-appender';
import { EsdbConnection } from './esdb-connection';
import { EsdbFeed } from './esdb-feed';
import { isUnknownOutcome } from './esdb-failure';
import { esdbLimits, type EsdbLimits } from './esdb-limits';
import { EsdbReader } from './esdb-reader';
import { toStoredEvent, type RecordedEvent } from './recorded-event';
import { metadataPrefix, RetentionCheck } from './retention-check';
import { Slots } from './slots';

/** Streams that are the books: the server may never drop an event of theirs. */
const ledgerPrefixes = ['account-', 'tier-', 'rulebook-'];
/** Streams that can be derived again, so that their older events may be gone. */
const derivedPrefixes = ['checkpoint-'];
const allPrefixes = [...ledgerPrefixes, ...derivedPrefixes];
/** Events of the first page of a stream, which is often the last; each further page has four times as many. */
const firstPageEvents = 32;
const largestPageEvents = 1000;
/** Records of the log before a position that are asked for the latest time of booking: more than fall into a step of a clock. */
const bookedBeforeRecords = 500;

/**
 * The event store on EventStoreDB 23.10+ or KurrentDB. README.md says how each promise of the port is kept, and which are
 * bounded by the server's clock. Appends of different streams run side by side.
 */
export class EsdbEventStore extends EventStore {
  private readonly connection: EsdbConnection;
  private readonly reader: EsdbReader;
  private readonly appender: EsdbAppender;
  private readonly slots: Slots;
  private readonly closing = new AbortController();
  private readonly running = new Set<Promise<unknown>>();
  private checked: Promise<void> | undefined;

  /** @param connectionString `esdb://…`, with TLS and credentials as in EventStoreDB's own documentation. */
  constructor(
    connectionString: string,
    private readonly clock: Clock,
    private readonly limits: EsdbLimits = esdbLimits,
  ) {
    super();
    this.connection = new EsdbConnection(connectionString, limits, clock);
    this.reader = new EsdbReader(this.connection, limits, clock);
    this.appender = new EsdbAppender(this.connection, this.reader, limits, clock);
    this.slots = new Slots(limits.parallelAppends);
  }

  /** Resolves once no stream is found that could lose events; everything else waits for it. Refuses otherwise. */
  async ready(): Promise<void> {
    this.checked ??= this.checkRetention();
    try {
      await this.checked;
    } catch (error) {
      if (isUnknownOutcome(error)) this.checked = undefined;
      throw error;
    }
  }

  override append(appends: readonly StreamAppend[]): Promise<AppendOutcome[]> {
    return this.tracked(this.appendAll(appends));
  }

  override async head(stream: string): Promise<Revision | 'no-stream'> {
    await this.ready();
    const page = await this.reader.stream(stream, 'end', 'backward', 1);
    return page.events[0]?.revision ?? 'no-stream';
  }

  override async *read(
    stream: string,
    from: Revision | 'start' | 'end',
    direction: 'forward' | 'backward',
  ): AsyncIterable<StoredEvent> {
    await this.ready();
    if (from === 'end' && direction === 'forward') {
      const { events } = await this.reader.stream(stream, 'end', 'backward', 1);
      yield* events.map((record) => toStoredEvent(record));
      return;
    }
    let next = from === 'start' ? 0 : from;
    let last: RecordedEvent | undefined;
    for (let size = firstPageEvents, more = true; more; size = Math.min(size * 4, largestPageEvents)) {
      const page = await this.reader.stream(stream, next, direction, size);
      for (const record of page.events) {
        if (!isDerived(stream)) checkPlace(record, next, direction);
        yield toStoredEvent(record);
        last = record;
        next = record.revision + (direction === 'forward' ? 1 : -1);
      }
      more = page.more && next !== -1;
    }
    if (direction === 'backward' && last && last.revision > 0 && !isDerived(stream))
      throw lost(stream, 0, last.revision);
  }

  override async *subscribe(
    prefixes: readonly string[],
    after: Position | 'start',
    signal: AbortSignal,
  ): AsyncIterable<SubscriptionBatch> {
    const stop = AbortSignal.any([signal, this.closing.signal]);
    if (stop.aborted) return;
    await this.ready();
    let booked = after === 'start' ? 0 : await this.bookedBy(prefixes, after);
    const feed = this.feed(prefixes, after);
    for await (const { events, position, caughtUp, askedAt } of feed.batches(stop)) {
      const stored = events.map((record) => toStoredEvent(record, (booked = Math.max(booked, record.bookedAt))));
      const observedAt = askedAt - this.limits.clockAllowanceMs;
      if (caughtUp) booked = Math.max(booked, observedAt);
      yield { events: stored, damaged: [], position, caughtUp, observedAt };
    }
  }

  override async end(): Promise<Position | 'start'> {
    await this.ready();
    const page = await this.reader.all(allPrefixes, 'end', 'backward', 1);
    return page.events[0]?.position ?? 'start';
  }

  override async audit(visit: (event: StoredEvent) => void): Promise<StoreAudit> {
    const audit = new ChainAudit(visit, isDerived);
    for (let from: Position | 'start' = 'start'; ;) {
      const page = await this.reader.all(allPrefixes, from, 'forward', largestPageEvents);
      for (const record of page.events) if (record.position !== from) audit.check(record);
      const last = page.events.at(-1)?.position ?? from;
      if (!page.more || last === from) return audit.result();
      from = last;
    }
  }

  /** Waits for appends that are under way, but no longer than one call may take. */
  override async close(): Promise<void> {
    this.closing.abort();
    const settled = new AbortController();
    const work = Promise.allSettled([...this.running, this.checked]).then(() => settled.abort());
    await Promise.race([work, this.clock.sleep(this.limits.callDeadlineMs, settled.signal)]);
    this.connection.close();
  }

  private async appendAll(appends: readonly StreamAppend[]): Promise<AppendOutcome[]> {
    await this.ready();
    const lastOf = new Map<string, Promise<AppendOutcome>>();
    const outcomes = appends.map((append) => {
      const before = lastOf.get(append.stream);
      const outcome = this.slots.run(async () => {
        await before;
        return this.appender.append(append);
      });
      lastOf.set(append.stream, outcome);
      return outcome;
    });
    // Nothing goes on behind the back of a caller who is told of a failure.
    await Promise.allSettled(outcomes);
    return Promise.all(outcomes);
  }

  private feed(prefixes: readonly string[], after: Position | 'start'): EsdbFeed {
    return new EsdbFeed(this.connection, this.reader, this.limits, this.clock, prefixes, after);
  }

  private async checkRetention(): Promise<void> {
    const check = new RetentionCheck();
    for await (const batch of this.feed(ledgerPrefixes.map(metadataPrefix), 'start').batches(this.closing.signal)) {
      for (const record of batch.events) check.add(record);
      if (!batch.caughtUp) continue;
      check.conclude();
      return;
    }
    throw new Error('the event store was closed before it was ready');
  }

  /** The latest time of booking at or before a position, as far back as it matters. */
  private async bookedBy(prefixes: readonly string[], position: Position): Promise<number> {
    const [at, before] = await Promise.all([
      this.reader.all([], position, 'forward', 1),
      this.reader.all([], position, 'backward', bookedBeforeRecords),
    ]);
    const records = [...before.events, ...at.events.filter((record) => record.position === position)];
    const events = records.filter(({ stream }) => prefixes.some((prefix) => stream.startsWith(prefix)));
    return events.reduce((latest, { bookedAt }) => Math.max(latest, bookedAt), 0);
  }

  private async tracked<T>(work: Promise<T>): Promise<T> {
    this.running.add(work);
    try {
      return await work;
    } finally {
      this.running.delete(work);
    }
  }
}

/** Revisions have no gaps: where the server gives others than those asked for, the stream was cut. */
function checkPlace(
  { stream, revision }: RecordedEvent,
  next: Revision | 'end',
  direction: 'forward' | 'backward',
): void {
  if (next === 'end' || revision === next) return;
  if (direction === 'forward') throw lost(stream, next, revision);
}

function lost(stream: string, from: Revision, to: Revision): Error {
  return new Error(`${stream} has lost its events from revision ${from} to ${to - 1}`);
}

function isDerived(stream: string): boolean {
  return derivedPrefixes.some((prefix) => stream.startsWith(prefix));
}
