import { streamKinds } from '@meterbook/books/stream-kinds';
import { EsdbEventStore } from '@meterbook/event-store/esdb/esdb-event-store';
import type { EventStore, Position } from '@meterbook/event-store/event-store';
import { chargingParts } from '@meterbook/ledger/charging/charging-parts';
import { RelayEntries } from '@meterbook/ledger/relay/relay-entries';
import { createLog } from '@meterbook/runtime/log';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { Topics, type BatchHandler, type ConsumerLag, type TopicRecord } from '@meterbook/topics/topics';
import { alone, compared, cpuEach, heading, measured, perSecond, Stopwatch, tell, type Measured } from './measure';
import { bareProducer, publishAll, publishBare } from './topics';
import { chargingLimits, kafkaTopics, listsOf, openBooks, usageRecords, usageTopic } from './workload';

const accounts = 2000;
const published = 2000;
const entriesTopic = 'ledger.entries';
const bareTopic = 'bare';
const clock = new SystemClock();

/** Usage from Kafka to charges in the event store, and from there back to Kafka. */
export async function measureLedger(
  brokers: readonly string[],
  url: string,
  run: string,
  usages: number,
): Promise<void> {
  const prefix = `${run}-ledger.`;
  const topics = kafkaTopics(brokers, prefix);
  // One after the other: an admin of kafkajs cannot look at topics while it makes others.
  for (const topic of [usageTopic, entriesTopic, bareTopic]) await topics.prepare([topic]);
  const store = new EsdbEventStore(url, clock, { kinds: streamKinds, prefix: '' });
  const before = await store.end();
  await openBooks(store, run, accounts);
  for (const list of listsOf(usageRecords(run, usages, accounts), published)) await topics.publish(usageTopic, list);
  tell(`opened ${accounts} accounts and published ${usages} usages`);
  const charging = await charge(store, topics, usages);
  console.log('');
  alone(
    `charge ${usages} usages of ${accounts} accounts, Kafka → event store`,
    `${perSecond(charging).toFixed(0)}/s, CPU ${cpuEach(charging).toFixed(1)} µs each`,
  );
  await compareRelay({ brokers, prefix, topics, store, before });
  await topics.close();
  await store.close();
}

/** From the first batch delivered until everything is charged. */
async function charge(store: EventStore, topics: Topics, usages: number): Promise<Measured> {
  const { charge, writer } = chargingParts(store, topics, chargingLimits, { clock, log: createLog('error') });
  const stop = new AbortController();
  let watch: Stopwatch | undefined;
  let charged: Measured | undefined;
  const handle: BatchHandler = async (batch, signal) => {
    watch ??= new Stopwatch();
    await charge.handle(batch, signal);
    if (charge.counts.charged < usages) return;
    charged ??= watch.read(usages);
    stop.abort();
  };
  await topics.consume('ledger', [usageTopic], handle, stop.signal);
  await writer.idle();
  if (!charged) throw new Error('not everything was charged');
  return charged;
}

interface Relayed {
  readonly brokers: readonly string[];
  readonly prefix: string;
  readonly topics: Topics;
  readonly store: EventStore;
  readonly before: Position;
}

/**
 * The relay, then a bare producer that is handed the same records in the lists that the relay came to: how much the store delivers
 * at a time depends on how fast it is taken. The relay goes from start to end once, since it goes on from its own note.
 */
async function compareRelay({ brokers, prefix, topics, store, before }: Relayed): Promise<void> {
  const { measure, lists } = await relay(store, topics, await countAfter(store, before));
  const producer = await bareProducer(brokers);
  const publish = (): Promise<number> =>
    publishAll(lists, 1, (list) => publishBare(producer, `${prefix}${bareTopic}`, list));
  await publish();
  const bare = await measured(publish);
  await producer.disconnect();
  const records = lists.flat();
  const bytes = records.reduce((sum, { value }) => sum + value.length, 0) / records.length;
  const each = records.length / lists.length;
  heading(`${records.length} events of ${bytes.toFixed(0)} bytes, about ${each.toFixed(0)} in a list`);
  compared('relay, event store → Kafka; bare: publish alone', bare, measure);
}

/** How many events the relay will publish. */
async function countAfter(store: EventStore, position: Position): Promise<number> {
  const stop = new AbortController();
  let count = 0;
  for await (const { events, caughtUp } of store.subscribe(['account-', 'tier-'], position, stop.signal)) {
    count += events.length;
    if (caughtUp) stop.abort();
  }
  return count;
}

async function relay(
  store: EventStore,
  topics: Topics,
  expected: number,
): Promise<{ readonly measure: Measured; readonly lists: readonly (readonly TopicRecord[])[] }> {
  const stop = new AbortController();
  const recording = new RecordingTopics(topics, expected, () => stop.abort());
  await new RelayEntries(store, recording, clock).run(stop.signal);
  if (!recording.reached) throw new Error('the relay ended early');
  return { measure: recording.reached, lists: recording.lists };
}

/** Keeps what is published, and says when it is as much as expected. */
class RecordingTopics extends Topics {
  readonly lists: (readonly TopicRecord[])[] = [];
  reached: Measured | undefined;
  private published = 0;
  private readonly watch = new Stopwatch();

  constructor(
    private readonly topics: Topics,
    private readonly expected: number,
    private readonly done: () => void,
  ) {
    super();
  }

  override async publish(topic: string, records: readonly TopicRecord[]): Promise<void> {
    await this.topics.publish(topic, records);
    this.lists.push(records);
    this.published += records.length;
    if (this.published < this.expected) return;
    this.reached ??= this.watch.read(this.published);
    this.done();
  }

  override consume(...args: Parameters<Topics['consume']>): Promise<void> {
    return this.topics.consume(...args);
  }

  override lag(group: string, topics: readonly string[]): Promise<ConsumerLag[]> {
    return this.topics.lag(group, topics);
  }

  override close(): Promise<void> {
    return this.topics.close();
  }
}
