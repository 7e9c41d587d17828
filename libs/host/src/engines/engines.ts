import { EmbeddedEventStore } from '@meterbook/event-store/embedded/embedded-event-store';
import { DeliveryHealth } from '@meterbook/topics/delivery-health';
import { EmbeddedTopics } from '@meterbook/topics/embedded/embedded-topics';
import type { DeliveryListener } from '@meterbook/topics/topics';
import type { Clock } from '@meterbook/runtime/clock';
import type { Configuration } from '@meterbook/runtime/configuration';
import { makeUsable } from '../files/usable-folder';
import { folders } from './folders';
import type { OpenedStore, StoreEngine, TopicsEngine } from './opened';
import type { Log } from '@meterbook/runtime/log';
import { topicRetentionMs } from '@meterbook/messages/topic-retention';
import { topicTable } from '@meterbook/messages/topic-table';

const topicNames = Object.keys(topicTable);
/** Of the topics that do not have as many as is configured. */
const partitionsOf: Readonly<Record<string, number>> = Object.fromEntries(
  Object.entries(topicTable).flatMap(([topic, { partitions }]) => (partitions === null ? [] : [[topic, partitions]])),
);

/**
 * The event store that the configuration names: EventStoreDB where there is an `EVENTSTORE_URL`, else the embedded one, which commits
 * in a thread of its own for whoever must not wait for the disk.
 */
export async function openStore(
  configuration: Configuration,
  clock: Clock,
  log: Log,
  committing: 'here' | 'in-thread' = 'here',
): Promise<OpenedStore> {
  const { EVENTSTORE_URL } = configuration;
  if (EVENTSTORE_URL !== null) {
    // Only who uses a client pays for loading it.
    const { openEsdbStore } = await import('./open-esdb-store');
    return openEsdbStore(EVENTSTORE_URL, configuration, clock, log);
  }
  makeUsable('DATA_DIR', configuration.DATA_DIR);
  const { store: folder } = folders(configuration);
  return { store: new EmbeddedEventStore(folder, clock, committing), folder, ready: async () => undefined };
}

/** The topics that the configuration names: Kafka where there are `KAFKA_BROKERS`, else the embedded ones. */
export async function openTopics(configuration: Configuration, clock: Clock, log: Log): Promise<TopicsEngine> {
  const { TOPIC_PREFIX: prefix, PARTITIONS: partitions, KAFKA_BROKERS } = configuration;
  const deliveries = new DeliveryHealth();
  const demands = {
    prefix,
    partitions,
    partitionsOf,
    retentionMs: topicRetentionMs(configuration),
    listener: listenerOf(deliveries, log),
  };
  if (KAFKA_BROKERS.length > 0) {
    const { openKafkaTopics } = await import('./open-kafka-topics');
    return { deliveries, ...openKafkaTopics(configuration, demands, topicNames, clock, log) };
  }
  makeUsable('DATA_DIR', configuration.DATA_DIR);
  const topics = new EmbeddedTopics(folders(configuration).topics, clock, demands);
  return { topics, deliveries, ready: async () => undefined };
}

export interface Engines extends StoreEngine, TopicsEngine {
  readonly close: () => Promise<void>;
}

/** Both engines of one thread or process, without waiting for them. Threads share files and servers, and nothing else. */
export async function openEngines(
  configuration: Configuration,
  clock: Clock,
  log: Log,
  committing: 'here' | 'in-thread' = 'here',
): Promise<Engines> {
  const { store, folder, ready: storeReady } = await openStore(configuration, clock, log, committing);
  const { topics, deliveries, ready: topicsReady } = await openTopics(configuration, clock, log);
  const close = async (): Promise<void> => {
    await topics.close();
    await store.close();
  };
  const ready = async (signal: AbortSignal): Promise<void> => {
    await Promise.all([storeReady(signal), topicsReady(signal)]);
  };
  return { store, folder, topics, deliveries, ready, close };
}

function listenerOf(deliveries: DeliveryHealth, log: Log): DeliveryListener {
  return {
    failed(failure) {
      deliveries.failed(failure);
      const { error, ...place } = failure;
      log.error({ ...place, err: error }, 'A batch failed and will be delivered again.');
    },
    damaged({ topic, partition, offset, value }) {
      log.error({ topic, partition, offset, bytes: value.length }, 'A record is damaged and is delivered as it is.');
    },
    abandoned(place) {
      log.warn(place, 'Nobody consumed for this group as long as records are kept: it is waited for no more.');
    },
    recovered(recovery) {
      deliveries.recovered(recovery);
      log.info(recovery, 'A partition moves on again.');
    },
    released(place) {
      deliveries.recovered(place);
    },
  };
}
