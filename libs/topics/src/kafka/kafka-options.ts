import type { ConnectionOptions } from 'node:tls';
import { logLevel, type KafkaConfig, type LogEntry, type SASLOptions } from 'kafkajs';
import type { DeliveryListener } from '../topics';

/** A broker that is there answers a connect and a request within these; all that waits for a broker is bounded by them. */
const CONNECT_TIMEOUT_MS = 5000;
const REQUEST_TIMEOUT_MS = 15_000;
/**
 * How often kafkajs repeats a request on its own, about 6 seconds in all: enough for a new leader or coordinator. What lasts
 * longer is repeated here, with a new client, because a kafkajs client does not recover from everything.
 */
export const CLIENT_RETRY = { retries: 7, initialRetryTime: 100, multiplier: 2, factor: 0.2, maxRetryTime: 1500 };

export interface KafkaSasl {
  readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
  readonly username: string;
  readonly password: string;
}

/**
 * Told of everything that goes wrong inside kafkajs, for whoever looks for a cause: much of it is mended by the next try. What a
 * person has to know comes by the `DeliveryListener` and by rejections. It holds no secret.
 */
export type KafkaLog = (message: string, details: Readonly<Record<string, unknown>>) => void;

/** Where the brokers are and how to speak with them. */
export interface KafkaConnection {
  /** `host:port` of some brokers; the others are learnt from them. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  /** `true` trusts the system's authorities; an object is handed to `tls.connect`. */
  readonly ssl?: boolean | ConnectionOptions;
  readonly sasl?: KafkaSasl;
  readonly log?: KafkaLog;
}

/** How a topic is made where it is missing, and what is demanded of it where it is there. */
export interface KafkaTopicDemands {
  /** Partitions of a topic. One that has another number is refused: its keys would change place. */
  readonly partitions: number;
  /** Topics that have another number of partitions. */
  readonly partitionsOf?: Readonly<Record<string, number>>;
  /** Topics whose records may be deleted once they are older than this; those of the others are kept for ever. */
  readonly retentionMs?: Readonly<Record<string, number>>;
  /** Brokers that hold each record. */
  readonly replicationFactor: number;
  /** Brokers that have to have a record before it is acknowledged. */
  readonly minInsyncReplicas: number;
}

export interface KafkaTopicsOptions extends KafkaConnection, KafkaTopicDemands {
  /** Put before the name of every topic and group, as `TOPIC_PREFIX` says. */
  readonly prefix: string;
  readonly listener?: DeliveryListener;
  /** A member that was not heard of for this long has lost its partitions. */
  readonly sessionTimeoutMs?: number;
  /** A consumer that has had lag and has not moved on for this long is restarted. */
  readonly stallMs?: number;
  readonly maxBatchRecords?: number;
  readonly maxBatchBytes?: number;
  readonly maxQueuedBytes?: number;
}

/** The settings of a kafkajs client. */
export function clientSettings({ brokers, clientId, ssl, sasl, log }: KafkaConnection): KafkaConfig {
  return {
    brokers: [...brokers],
    clientId,
    connectionTimeout: CONNECT_TIMEOUT_MS,
    authenticationTimeout: CONNECT_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    enforceRequestTimeout: true,
    retry: CLIENT_RETRY,
    logLevel: log ? logLevel.WARN : logLevel.NOTHING,
    ...(ssl === undefined ? {} : { ssl }),
    ...(sasl === undefined ? {} : { sasl: { ...sasl } as SASLOptions }),
    ...(log === undefined ? {} : { logCreator: () => (entry: LogEntry) => passOn(log, entry) }),
  };
}

/** What is unsafe about the way to the brokers; the service runs all the same. */
export function connectionWarnings({ ssl, sasl }: KafkaConnection): string[] {
  if (sasl?.mechanism === 'plain' && !ssl)
    return ['SASL PLAIN without TLS sends the password to the brokers unencrypted'];
  return [];
}

/** Said of every idempotent producer that does not repeat for ever; what it warns of cannot happen (`kafka-publisher.ts`). */
const UNFOUNDED_WARNING = 'Limiting retries for the idempotent producer';

function passOn(log: KafkaLog, { namespace, log: { message, ...details } }: LogEntry): void {
  if (!message.startsWith(UNFOUNDED_WARNING)) log(`${namespace}: ${message}`, details);
}
