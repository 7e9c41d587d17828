import { ConfigResourceTypes, KafkaJSAggregateError, type Admin } from 'kafkajs';
import type { KafkaAdmin } from './kafka-client';
import type { KafkaTopicDemands } from './kafka-options';
import {
  checkTopic,
  partitionsOf,
  settingsFor,
  topicSettings,
  type FoundTopic,
  type TopicFindings,
} from './kafka-topic-check';

/** How long the brokers may take to make a topic. */
const CREATE_TIMEOUT_MS = 10_000;
/** A new topic may be unknown for a moment to the broker that is asked. */
const LOOKS = 20;
const LOOK_EVERY_MS = 100;

/** The topics are not such that nothing is lost; nothing was published or consumed. */
export class TopicsUnfit extends Error {
  override readonly name = 'TopicsUnfit';
  readonly remedy = 'Nothing was changed. See "Kafka" in docs/operating.md.';

  constructor(readonly faults: readonly string[]) {
    super(faults.join('; '));
  }
}

/** There are not as many brokers as each record is to be held by: they are still starting, or there will never be. */
export class TooFewBrokers extends Error {
  override readonly name = 'TooFewBrokers';

  constructor(
    readonly brokers: number,
    readonly asked: number,
    cause: unknown,
  ) {
    super(`Kafka has ${brokers} brokers, and ${asked} are to hold each record`, { cause });
  }
}

/** Makes the topics that are missing and says what is wrong with the others. */
export async function setUpTopics(
  admin: KafkaAdmin,
  topics: readonly string[],
  { prefix, ...demands }: KafkaTopicDemands & { readonly prefix: string },
  sleep: (ms: number) => Promise<void>,
): Promise<TopicFindings> {
  const kafkaTopics = topics.map((topic) => `${prefix}${topic}`);
  await admin.use(async (connected) => {
    const existing = new Set(await connected.listTopics());
    const missing = topics.filter((topic) => !existing.has(`${prefix}${topic}`));
    if (missing.length > 0) await create(connected, missing, prefix, demands);
  });
  const findings: TopicFindings[] = [];
  for (let look = 1; findings.length === 0; look += 1) {
    try {
      for (const found of await admin.use((connected) => describe(connected, kafkaTopics, prefix)))
        findings.push(checkTopic(found, demands));
    } catch (error) {
      if (look === LOOKS || !isUnknownTopic(error)) throw error;
      await sleep(LOOK_EVERY_MS);
    }
  }
  return {
    faults: findings.flatMap(({ faults }) => faults),
    warnings: findings.flatMap(({ warnings }) => warnings),
  };
}

async function create(
  admin: Admin,
  topics: readonly string[],
  prefix: string,
  demands: KafkaTopicDemands,
): Promise<void> {
  try {
    await admin.createTopics({
      timeout: CREATE_TIMEOUT_MS,
      waitForLeaders: true,
      topics: topics.map((topic) => ({
        topic: `${prefix}${topic}`,
        numPartitions: partitionsOf(topic, demands),
        replicationFactor: demands.replicationFactor,
        configEntries: Object.entries(settingsFor(topic, demands)).map(([name, value]) => ({ name, value })),
      })),
    });
  } catch (error) {
    if (isForTooFewBrokers(error)) {
      const { brokers } = await admin.describeCluster();
      throw new TooFewBrokers(brokers.length, demands.replicationFactor, error);
    }
    // What kafkajs says is only that some topic could not be made.
    if (error instanceof KafkaJSAggregateError) throw new Error(error.errors.map(String).join('; '), { cause: error });
    // The broker that was asked may not have heard of the new topic yet.
    if (!isUnknownTopic(error)) throw error;
  }
}

async function describe(admin: Admin, kafkaTopics: readonly string[], prefix: string): Promise<FoundTopic[]> {
  const { topics } = await admin.fetchTopicMetadata({ topics: [...kafkaTopics] });
  const settings = await describeSettings(admin, kafkaTopics);
  return topics.map(({ name, partitions }) => ({
    topic: name.slice(prefix.length),
    partitions: partitions.length,
    replicas: Math.min(...partitions.map(({ replicas }) => replicas.length)),
    settings: settings?.get(name) ?? null,
  }));
}

async function describeSettings(
  admin: Admin,
  kafkaTopics: readonly string[],
): Promise<Map<string, Map<string, string>> | undefined> {
  try {
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: kafkaTopics.map((name) => ({
        type: ConfigResourceTypes.TOPIC,
        name,
        configNames: [...topicSettings],
      })),
    });
    return new Map(
      resources.map(({ resourceName, configEntries }) => [
        resourceName,
        new Map(configEntries.map(({ configName, configValue }) => [configName, configValue])),
      ]),
    );
  } catch (error) {
    if (typeOf(error) === 'TOPIC_AUTHORIZATION_FAILED') return undefined;
    throw error;
  }
}

function isForTooFewBrokers(error: unknown): boolean {
  const errors = error instanceof KafkaJSAggregateError ? error.errors : [error];
  return errors.some((one) => typeOf(one) === 'INVALID_REPLICATION_FACTOR');
}

function isUnknownTopic(error: unknown): boolean {
  return typeOf(error) === 'UNKNOWN_TOPIC_OR_PARTITION' || typeOf(error) === 'LEADER_NOT_AVAILABLE';
}

function typeOf(error: unknown): unknown {
  return error instanceof Error && 'type' in error ? error.type : undefined;
}
