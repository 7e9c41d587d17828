import { SystemClock } from '@meterbook/runtime/system-clock';
import { KafkaTopics } from '@meterbook/topics/kafka/kafka-topics';
import { CONTRACT_PARTITIONS, describeTopics } from '@meterbook/topics/topics-contract';
import { clusterForTests, START_TIMEOUT_MS, type KafkaCluster } from '../kafka/kafka-cluster';

describe('on a real Kafka', () => {
  const clock = new SystemClock();
  /** Topics of an earlier run may still be there on a given cluster. */
  const prefix = `contract-${clock.now()}.`;
  let cluster: Pick<KafkaCluster, 'brokers' | 'destroy'>;
  let topics = 0;

  beforeAll(async () => {
    cluster = await clusterForTests();
  }, START_TIMEOUT_MS);
  afterAll(() => cluster.destroy(), START_TIMEOUT_MS);

  describeTopics('KafkaTopics', () => ({
    open: (listener) =>
      new KafkaTopics(clock, {
        brokers: cluster.brokers,
        clientId: 'contract',
        prefix,
        partitions: CONTRACT_PARTITIONS,
        replicationFactor: 1,
        minInsyncReplicas: 1,
        ...(listener ? { listener } : {}),
      }),
    freshTopic: async () => `topic-${(topics += 1)}`,
    destroy: async () => undefined,
  }));
});
