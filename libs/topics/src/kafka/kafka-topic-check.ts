import type { KafkaTopicDemands } from './kafka-options';
import { MAX_RECORD_BYTES } from '../topics';

/** Settings of a topic that are made and checked. */
export const topicSettings = [
  'cleanup.policy',
  'max.message.bytes',
  'message.timestamp.type',
  'min.insync.replicas',
  'retention.bytes',
  'retention.ms',
  'unclean.leader.election.enable',
] as const;

/** What a broker says of a topic. */
export interface FoundTopic {
  /** The name that callers use. */
  readonly topic: string;
  readonly partitions: number;
  /** Brokers that hold the least replicated partition. */
  readonly replicas: number;
  /** By the names of `topicSettings`; null where this client may not ask. */
  readonly settings: ReadonlyMap<string, string> | null;
}

/** Faults lose records or give them out of order, and are refused; warnings only weaken a promise. */
export interface TopicFindings {
  readonly faults: readonly string[];
  readonly warnings: readonly string[];
}

export const KEPT_FOR_EVER = '-1';

/** The settings that a new topic is given, beside its partitions and replicas. */
export function settingsFor(
  topic: string,
  { retentionMs, minInsyncReplicas }: KafkaTopicDemands,
): Record<string, string> {
  return {
    'cleanup.policy': 'delete',
    'message.timestamp.type': 'LogAppendTime',
    'min.insync.replicas': String(minInsyncReplicas),
    'retention.bytes': KEPT_FOR_EVER,
    'retention.ms': String(retentionMs?.[topic] ?? KEPT_FOR_EVER),
    'unclean.leader.election.enable': 'false',
  };
}

/** How many partitions a topic has to have. */
export function partitionsOf(topic: string, demands: KafkaTopicDemands): number {
  return demands.partitionsOf?.[topic] ?? demands.partitions;
}

/** Compares a topic with what is demanded of it. */
export function checkTopic(found: FoundTopic, demands: KafkaTopicDemands): TopicFindings {
  const { topic, partitions, replicas, settings } = found;
  const faults: string[] = [];
  const warnings: string[] = [];
  const demanded = partitionsOf(topic, demands);
  if (partitions !== demanded)
    faults.push(`topic ${topic} has ${partitions} partitions, not ${demanded}: its keys would change place`);
  if (replicas < demands.replicationFactor)
    faults.push(`topic ${topic} has ${replicas} replicas, not ${demands.replicationFactor}`);
  if (settings) faults.push(...settingFaults(topic, replicas, settings, demands));
  else warnings.push(`the settings of topic ${topic} could not be checked: this client may not ask for them`);
  if (replicas < 2) warnings.push(`topic ${topic} has one replica: a lost disk loses acknowledged records`);
  return { faults, warnings };
}

function settingFaults(
  topic: string,
  replicas: number,
  settings: ReadonlyMap<string, string>,
  { retentionMs, minInsyncReplicas }: KafkaTopicDemands,
): string[] {
  const is = (name: (typeof topicSettings)[number]): string => settings.get(name) ?? '';
  const inSync = Number(is('min.insync.replicas'));
  const neededMs = retentionMs?.[topic];
  const keptMs = Number(is('retention.ms'));
  const keptTooShort = keptMs >= 0 && (neededMs === undefined || keptMs < neededMs);
  const checks: readonly (readonly [boolean, string])[] = [
    [inSync < minInsyncReplicas, `acknowledges with min.insync.replicas=${inSync}, not ${minInsyncReplicas}`],
    [inSync > replicas, `can never acknowledge: min.insync.replicas=${inSync}, but ${replicas} replicas`],
    [
      is('unclean.leader.election.enable') === 'true',
      'may lose acknowledged records: unclean.leader.election.enable=true',
    ],
    [is('cleanup.policy') !== 'delete', `would drop records of a key: cleanup.policy=${is('cleanup.policy')}`],
    [
      is('message.timestamp.type') !== 'LogAppendTime',
      `lets its producers set the time of a record: message.timestamp.type=${is('message.timestamp.type')}`,
    ],
    [
      keptTooShort,
      `deletes records after ${keptMs} ms, too early: retention.ms has to be ${neededMs ?? KEPT_FOR_EVER}`,
    ],
    [
      Number(is('retention.bytes')) >= 0,
      `deletes records by size, whatever their age: retention.bytes=${is('retention.bytes')}`,
    ],
    [
      Number(is('max.message.bytes')) <= MAX_RECORD_BYTES,
      `does not take the largest record: max.message.bytes=${is('max.message.bytes')}`,
    ],
  ];
  return checks.filter(([holds]) => holds).map(([, fault]) => `topic ${topic} ${fault}`);
}
