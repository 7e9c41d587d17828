import type { Clock } from '@meterbook/runtime/clock';
import {
  comparePositions,
  EventStore,
  type AppendOutcome,
  type Position,
  type Revision,
  type StoreAudit,
  type StoreCondition,
  type StoredEvent,
  type StreamAppend,
  type SubscriptionBatch,
} from '../event-store';
import type { StreamKind } from '../stream-kind';
import { StoreUnavailable, StoreUnfit } from '../store-failure';
import { bookedTooEarly, sideBySide, type BookedAppend, type TakesOver } from '../take-over';
import { BookedAt } from './booked-at';
import { ChainAudit } from './chain-audit';
import { EsdbAppender } from './esdb-appender';
import { EsdbConnection } from './esdb-connection';
import { EsdbFeed } from './esdb-feed';
import { isUnknownOutcome, unfitConnection, unfitCredentials } from './esdb-failure';
import { esdbLimits, type EsdbLimits } from './esdb-limits';
import { EsdbReader } from './esdb-reader';
import { FeedSorter } from './feed-sorter';
import { ForeignStreams } from './foreign-streams';
import { toStoredEvent } from './recorded-event';
import { bookedAtOf, withBookedAt } from './position-text';
import { metadataPrefix, streamOfMetadata } from './retention-check';
import { RetentionWatch } from './retention-watch';
import { Slots } from './slots';
import { StreamNames } from './stream-names';
import { StreamReads } from './stream-reads';

/** Records read from the log at a time. */
const LOG_PAGE_EVENTS = 1000;
/** How many times less often the watch over metadata asks for news that were not brought: nobody waits for its marks. */
const WATCH_PATIENCE = 25;
/** Events before a position without *booked at* that are asked for the latest time of booking. */
const BOOKED_BEFORE_RECORDS = 500;

/**
 * The event store on EventStoreDB 23.10+ or KurrentDB. README.md says how each promise of the port is kept, and which are
 * bounded by the server's clock. Appends of different streams run side by side.
 */
export class EsdbEventStore extends EventStore implements TakesOver {
  private readonly connection: EsdbConnection;
  private readonly reader: EsdbReader;
  private readonly appender: EsdbAppender;
  private readonly slots: Slots;
  private readonly closing = new AbortController();
  private readonly running = new Set<Promise<unknown>>();
  private readonly reads: StreamReads;
  private readonly foreign = new ForeignStreams();
  private readonly kinds: readonly StreamKind[];
  private readonly names: StreamNames;
  private newestBooked = 0;
  private readonly allPrefixes: readonly string[];
  private readonly lastingPrefixes: readonly string[];
  private watch: RetentionWatch | undefined;
  private checked: Promise<void> | undefined;

  /**
   * @param connectionString `esdb://…`, with TLS and credentials as in EventStoreDB's own documentation.
   * @param streams every kind of stream there is, of which those that may not age are the books, and what stands before the names
   * of all of them on a server that is shared.
   */
  constructor(
    connectionString: string,
    private readonly clock: Clock,
    streams: { readonly kinds: readonly StreamKind[]; readonly prefix: string },
    private readonly limits: EsdbLimits = esdbLimits,
  ) {
    super();
    const { kinds, prefix: streamPrefix } = streams;
    this.kinds = kinds;
    this.names = new StreamNames(streamPrefix);
    this.allPrefixes = kinds.map(({ prefix }) => prefix);
    this.lastingPrefixes = kinds.filter(({ mayAge }) => !mayAge).map(({ prefix }) => prefix);
    this.connection = new EsdbConnection(connectionString, limits, clock);
    this.reader = new EsdbReader(this.connection, limits, clock, this.names);
    this.reads = new StreamReads(this.reader, {
      mayAge: (stream) => this.mayAge(stream),
      losingSettings: (stream) => this.watch?.settingsOf(stream),
    });
    this.appender = new EsdbAppender(this.connection, this.reader, limits, clock, this.names);
    this.slots = new Slots(limits.parallelAppends, limits.giveUpAfterMs, clock);
  }

  /** Resolves once no stream is found that could lose events; everything else waits for it. Refuses otherwise. */
  async ready(): Promise<void> {
    this.checked ??= this.checkRetention();
    try {
      await this.checked;
    } catch (error) {
      if (isUnknownOutcome(error)) this.checked = undefined;
      throw unfitConnection(error) ?? unfitCredentials(error) ?? error;
    }
  }

  /** Reads harm nothing, so they only wait for the check: whoever verifies a store has to be able to name what it refuses. */
  private async looked(): Promise<void> {
    try {
      await this.ready();
    } catch (error) {
      if (!(error instanceof StoreUnfit)) throw error;
    }
  }

  override append(appends: readonly StreamAppend[]): Promise<AppendOutcome[]> {
    return this.tracked(this.appendAll(appends));
  }

  /** What was booked in one millisecond goes over side by side, what was booked later behind it: the server has one order for all. */
  async takeOver(appends: readonly BookedAppend[]): Promise<AppendOutcome[]> {
    const refusal = bookedTooEarly(appends, 0);
    if (refusal) throw refusal;
    const outcomes: AppendOutcome[] = [];
    for (const together of sideBySide(appends)) outcomes.push(...(await this.tracked(this.appendAll(together))));
    return outcomes;
  }

  override async head(stream: string): Promise<Revision | 'no-stream'> {
    await this.looked();
    return this.reads.head(stream);
  }

  override async *read(
    stream: string,
    from: Revision | 'start' | 'end',
    direction: 'forward' | 'backward',
  ): AsyncIterable<StoredEvent> {
    await this.looked();
    yield* this.reads.read(stream, from, direction);
  }

  override async *subscribe(
    prefixes: readonly string[],
    after: Position | 'start',
    signal: AbortSignal,
  ): AsyncIterable<SubscriptionBatch> {
    const stop = AbortSignal.any([signal, this.closing.signal]);
    if (stop.aborted) return;
    await this.looked();
    const clockOf = new BookedAt(after === 'start' ? 0 : await this.bookedBy(after), (stream) => this.mayAge(stream));
    const matches = (stream: string): boolean => prefixes.some((prefix) => stream.startsWith(prefix));
    const asked = new Set([...this.lastingPrefixes, ...prefixes, ...prefixes.map(metadataPrefix)]);
    const feed = this.feed([...asked], after);
    const sorter = new FeedSorter(this.reader, this.foreign);
    for await (const { events: records, position, caughtUp, askedAt } of feed.batches(stop)) {
      const booked = new Map(records.map((record) => [record, clockOf.take(record)]));
      const { events, damaged } = await sorter.sort(
        records.filter(({ stream }) => matches(streamOfMetadata(stream) ?? stream)),
      );
      const stored = events.map((record) => toStoredEvent(record, booked.get(record)));
      this.newestBooked = Math.max(this.newestBooked, clockOf.latest);
      yield {
        events: stored,
        damaged,
        position: withBookedAt(position, clockOf.latest),
        caughtUp,
        observedAt: askedAt - this.limits.clockAllowanceMs,
      };
    }
  }

  override async end(): Promise<Position | 'start'> {
    await this.looked();
    try {
      const page = await this.reader.all(this.allPrefixes, 'end', 'backward', 1);
      return page.events[0]?.position ?? 'start';
    } catch (error) {
      throw unfitCredentials(error) ?? error;
    }
  }

  override async audit(visit: (event: StoredEvent) => void): Promise<StoreAudit> {
    const audit = new ChainAudit(visit, (stream) => this.mayAge(stream));
    const prefixes = [...this.allPrefixes, ...this.lastingPrefixes.map(metadataPrefix)];
    for (let from: Position | 'start' = 'start'; ;) {
      const page = await this.reader.all(prefixes, from, 'forward', LOG_PAGE_EVENTS);
      for (const record of page.events) if (comparePositions(record.position, from) !== 0) audit.check(record);
      const last = page.events.at(-1)?.position ?? from;
      if (!page.more || comparePositions(last, from) === 0) return audit.result();
      from = last;
    }
  }

  override condition(): StoreCondition {
    return {
      foreignStreams: this.foreign.count,
      alarms: this.watch?.alarms() ?? [],
      aheadMs: Math.max(0, this.newestBooked - this.clock.now()),
    };
  }

  /** Waits for appends that are under way, but no longer than one call may take. */
  override async close(): Promise<void> {
    this.closing.abort();
    const settled = new AbortController();
    const work = Promise.allSettled([...this.running, this.checked]).then(() => settled.abort());
    await Promise.race([work, this.clock.sleep(this.limits.callDeadlineMs, settled.signal)]);
    this.connection.close();
  }

  private async appendAll(appends: readonly (StreamAppend & Partial<BookedAppend>)[]): Promise<AppendOutcome[]> {
    await this.ready();
    const lastOf = new Map<string, Promise<AppendOutcome>>();
    const outcomes = appends.map((append) => {
      const before = lastOf.get(append.stream);
      const outcome = this.slots.run(
        async () => {
          await before;
          return this.appender.append(append);
        },
        () => new StoreUnavailable(`too many appends were under way for ${this.limits.giveUpAfterMs} ms`),
      );
      lastOf.set(append.stream, outcome);
      return outcome;
    });
    // Nothing goes on behind the back of a caller who is told of a failure.
    await Promise.allSettled(outcomes);
    return Promise.all(outcomes);
  }

  private feed(prefixes: readonly string[], after: Position | 'start', limits = this.limits): EsdbFeed {
    return new EsdbFeed(this.connection, this.reader, limits, this.clock, this.names, prefixes, after);
  }

  private async checkRetention(): Promise<void> {
    const limits = { ...this.limits, markEveryMs: this.limits.markEveryMs * WATCH_PATIENCE };
    const feed = this.feed(this.lastingPrefixes.map(metadataPrefix), 'start', limits);
    this.watch = new RetentionWatch(feed, (stream) => this.reads.isForeign(stream), this.clock);
    await this.watch.begin(this.closing.signal);
  }

  private mayAge(stream: string): boolean {
    return this.kinds.some(({ prefix, mayAge }) => mayAge && stream.startsWith(prefix));
  }

  /** The latest time of booking at or before a position: the position says it, unless an earlier version noted it down. */
  private async bookedBy(position: Position): Promise<number> {
    const noted = bookedAtOf(position);
    if (noted !== undefined) return noted;
    const [at, before] = await Promise.all([
      this.reader.all(this.lastingPrefixes, position, 'forward', 1),
      this.reader.all(this.lastingPrefixes, position, 'backward', BOOKED_BEFORE_RECORDS),
    ]);
    const records = [
      ...before.events,
      ...at.events.filter((record) => comparePositions(record.position, position) === 0),
    ];
    return records.reduce((latest, { ours, bookedAt }) => (ours ? Math.max(latest, bookedAt) : latest), 0);
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
