import { SystemClock } from '@meterbook/runtime/system-clock';
import { KafkaTopics } from '@meterbook/topics/kafka/kafka-topics';
import { consumeAloud } from '@meterbook/topics/testing/consume-aloud';

/** A member of the group that is named after its topic, in a process of its own. */
const [, , brokers = '', prefix = '', topic = '', sessionTimeoutMs = '', mode] = process.argv;
const topics = new KafkaTopics(new SystemClock(), {
  brokers: brokers.split(','),
  clientId: 'child',
  prefix,
  partitions: 4,
  replicationFactor: 1,
  minInsyncReplicas: 1,
  sessionTimeoutMs: Number(sessionTimeoutMs),
  maxBatchRecords: 10,
});
void consumeAloud(topics, topic, topic, mode === 'wait');
