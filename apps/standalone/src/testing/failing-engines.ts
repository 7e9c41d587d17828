import type { Engines } from '@meterbook/host/engines/engines';
import {
  EventStore,
  type AppendOutcome,
  type Position,
  type Revision,
  type StoreAudit,
  type StoreCondition,
  type StoredEvent,
  type StreamAppend,
  type SubscriptionBatch,
} from '@meterbook/event-store/event-store';
import { Topics, type BatchHandler, type ConsumerLag, type TopicRecord } from '@meterbook/topics/topics';

/** Called around everything that is asked of an engine; what it throws is what the caller meets. */
export type Strike = () => void;

/** The same engines, seen by somebody for whom they fail now and then, before or after they have done what was asked. */
export function failingEngines(engines: Engines, strike: Strike): Engines {
  return {
    ...engines,
    store: new FailingStore(engines.store, strike),
    topics: new FailingTopics(engines.topics, strike),
  };
}

class FailingStore extends EventStore {
  constructor(
    private readonly store: EventStore,
    private readonly strike: Strike,
  ) {
    super();
  }

  append(appends: readonly StreamAppend[]): Promise<AppendOutcome[]> {
    return around(this.strike, () => this.store.append(appends));
  }

  read(
    stream: string,
    from: Revision | 'start' | 'end',
    direction: 'forward' | 'backward',
  ): AsyncIterable<StoredEvent> {
    return each(this.strike, this.store.read(stream, from, direction));
  }

  head(stream: string): Promise<Revision | 'no-stream'> {
    return around(this.strike, () => this.store.head(stream));
  }

  subscribe(prefixes: readonly string[], after: Position, signal: AbortSignal): AsyncIterable<SubscriptionBatch> {
    return each(this.strike, this.store.subscribe(prefixes, after, signal));
  }

  end(): Promise<Position> {
    return this.store.end();
  }

  audit(visit: (event: StoredEvent) => void): Promise<StoreAudit> {
    return this.store.audit(visit);
  }

  condition(): StoreCondition {
    return this.store.condition();
  }

  close(): Promise<void> {
    return this.store.close();
  }
}

class FailingTopics extends Topics {
  constructor(
    private readonly topics: Topics,
    private readonly strike: Strike,
  ) {
    super();
  }

  publish(topic: string, records: readonly TopicRecord[]): Promise<void> {
    return around(this.strike, () => this.topics.publish(topic, records));
  }

  consume(group: string, topics: readonly string[], handle: BatchHandler, signal: AbortSignal): Promise<void> {
    // A handler that has done its work and whose offset is not kept is met with the same batch again.
    const failing: BatchHandler = (batch, owning) => around(this.strike, () => handle(batch, owning));
    return this.topics.consume(group, topics, failing, signal);
  }

  lag(group: string, topics: readonly string[]): Promise<ConsumerLag[]> {
    return this.topics.lag(group, topics);
  }

  close(): Promise<void> {
    return this.topics.close();
  }
}

async function around<T>(strike: Strike, ask: () => Promise<T>): Promise<T> {
  strike();
  const answer = await ask();
  strike();
  return answer;
}

async function* each<T>(strike: Strike, items: AsyncIterable<T>): AsyncIterable<T> {
  strike();
  for await (const item of items) {
    strike();
    yield item;
  }
}
