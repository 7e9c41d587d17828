import {
  EventStore,
  type AppendOutcome,
  type NewEvent,
  type Position,
  type Revision,
  type StoreAudit,
  type StoreCondition,
  type StoredEvent,
  type StreamAppend,
  type SubscriptionBatch,
} from '@meterbook/event-store/event-store';
import { chainHash, chainStart } from '@meterbook/event-store/hash-chain';

/** The platform that the contract suite writes for. */
const contractPlatform = 'p';

/**
 * Shows one platform of a store that others have written to before, as if it were alone and called `p`. So a suite that
 * expects an empty store can run again and again on a server that keeps everything.
 */
export class TenantEventStore extends EventStore {
  constructor(
    private readonly store: EventStore,
    private readonly platform: string,
  ) {
    super();
  }

  override async append(appends: readonly StreamAppend[]): Promise<AppendOutcome[]> {
    return this.store.append(await Promise.all(appends.map((append) => this.inward(append))));
  }

  override async *read(
    stream: string,
    from: Revision | 'start' | 'end',
    direction: 'forward' | 'backward',
  ): AsyncIterable<StoredEvent> {
    for await (const event of this.store.read(this.inwardName(stream), from, direction)) yield this.outward(event);
  }

  override head(stream: string): Promise<Revision | 'no-stream'> {
    return this.store.head(this.inwardName(stream));
  }

  override async *subscribe(
    prefixes: readonly string[],
    after: Position | 'start',
    signal: AbortSignal,
  ): AsyncIterable<SubscriptionBatch> {
    const ours = prefixes.map((prefix) => `${prefix}${this.platform}/`);
    for await (const batch of this.store.subscribe(ours, after, signal))
      yield { ...batch, events: batch.events.map((event) => this.outward(event)) };
  }

  override end(): Promise<Position | 'start'> {
    return this.store.end();
  }

  override async audit(visit: (event: StoredEvent) => void): Promise<StoreAudit> {
    const streams = new Set<string>();
    let events = 0;
    const { faults } = await this.store.audit((event) => {
      if (!this.isOurs(event.stream)) return;
      streams.add(event.stream);
      events += 1;
      visit(this.outward(event));
    });
    return { streams: streams.size, events, faults: faults.filter(({ stream }) => stream && this.isOurs(stream)) };
  }

  override condition(): StoreCondition {
    return this.store.condition();
  }

  override close(): Promise<void> {
    return this.store.close();
  }

  /** The hash covers the stream's name, so the events are chained anew under theirs. */
  private async inward(append: StreamAppend): Promise<StreamAppend> {
    const stream = this.inwardName(append.stream);
    const first = append.expectedRevision === 'no-stream' ? 0 : append.expectedRevision + 1;
    let hash = chainStart;
    if (first > 0)
      for await (const before of this.store.read(stream, first - 1, 'backward')) {
        hash = before.hash;
        break;
      }
    const events: NewEvent[] = append.events.map((event, i) => {
      hash = chainHash(hash, stream, first + i, event.type, event.metadata, event.data);
      return { ...event, hash };
    });
    return { ...append, stream, events };
  }

  private outward(event: StoredEvent): StoredEvent {
    return { ...event, stream: event.stream.replace(`-${this.platform}/`, `-${contractPlatform}/`) };
  }

  private inwardName(stream: string): string {
    return stream.replace(`-${contractPlatform}/`, `-${this.platform}/`);
  }

  private isOurs(stream: string): boolean {
    return stream.includes(`-${this.platform}/`);
  }
}
