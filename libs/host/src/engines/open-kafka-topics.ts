import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import type { KafkaSasl, KafkaTopicsOptions } from '@meterbook/topics/kafka/kafka-options';
import { TooFewBrokers, TopicsUnfit } from '@meterbook/topics/kafka/kafka-topic-setup';
import { KafkaTopics } from '@meterbook/topics/kafka/kafka-topics';
import type { Clock } from '@meterbook/runtime/clock';
import { ConfigurationError, type Configuration } from '@meterbook/runtime/configuration';
import { whyNotThere } from '@meterbook/runtime/path-failure';
import type { TopicsEngine } from './opened';
import type { Log } from '@meterbook/runtime/log';
import { SystemRandom } from '@meterbook/runtime/system-random';
import { SteadyClock } from '@meterbook/runtime/steady-clock';
import { untilThere } from './until-there';

/** How long fewer brokers than are needed may be those of a cluster that is starting, milliseconds. */
const CLUSTER_FORMS_WITHIN_MS = 30_000;

type TopicDemands = Pick<KafkaTopicsOptions, 'prefix' | 'partitions' | 'partitionsOf' | 'retentionMs' | 'listener'>;

/** The topics on a Kafka; `names` are those that are made or checked before anything is read or written. */
export function openKafkaTopics(
  configuration: Configuration,
  demands: TopicDemands,
  names: readonly string[],
  clock: Clock,
  log: Log,
): Pick<TopicsEngine, 'topics' | 'ready'> {
  const topics = new KafkaTopics(clock, {
    ...demands,
    brokers: configuration.KAFKA_BROKERS,
    clientId: configuration.KAFKA_CLIENT_ID,
    replicationFactor: configuration.KAFKA_REPLICATION_FACTOR,
    minInsyncReplicas: configuration.KAFKA_MIN_INSYNC_REPLICAS,
    sessionTimeoutMs: configuration.KAFKA_SESSION_TIMEOUT_MS,
    log: (message, details) => log.debug(details, message),
    ...encryptionOf(configuration),
    ...signInOf(configuration),
  });
  const prepare = async (): Promise<void> => {
    for (const warning of await topics.prepare(names)) log.warn({ warning }, 'Kafka is set up in a way that is weak.');
  };
  const ready = async (signal: AbortSignal): Promise<void> => {
    const steady = new SteadyClock(clock);
    const refusedFromMs = steady.now() + CLUSTER_FORMS_WITHIN_MS;
    const passes = (error: unknown): boolean =>
      !(error instanceof TopicsUnfit) && !(error instanceof TooFewBrokers && steady.now() >= refusedFromMs);
    try {
      await untilThere('Kafka', prepare, passes, { clock, random: new SystemRandom(), log, signal });
    } catch (error) {
      throw error instanceof TooFewBrokers ? tooFewBrokers(error) : error;
    }
  };
  return { topics, ready };
}

/** Says it in the words of whoever set it up. */
function tooFewBrokers({ brokers, asked }: TooFewBrokers): ConfigurationError {
  const durable = Math.min(2, brokers);
  return new ConfigurationError([
    `KAFKA_REPLICATION_FACTOR must not be more than there are brokers: it is ${asked}, and Kafka has ${brokers}. Start more brokers, ` +
      `or set KAFKA_REPLICATION_FACTOR=${brokers} and KAFKA_MIN_INSYNC_REPLICAS=${durable}`,
  ]);
}

function encryptionOf(configuration: Configuration): { readonly ssl?: ConnectionOptions } {
  if (configuration.KAFKA_TLS === 'off') return {};
  const files = {
    ca: pem('KAFKA_TLS_CA_FILE', configuration),
    cert: pem('KAFKA_TLS_CERT_FILE', configuration),
    key: pem('KAFKA_TLS_KEY_FILE', configuration),
  };
  return { ssl: Object.fromEntries(Object.entries(files).filter(([, text]) => text !== undefined)) };
}

function pem(
  name: 'KAFKA_TLS_CA_FILE' | 'KAFKA_TLS_CERT_FILE' | 'KAFKA_TLS_KEY_FILE',
  configuration: Configuration,
): string | undefined {
  const path = configuration[name];
  if (path === null) return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigurationError([
      `${name} must be the path of a PEM file that can be read; ${resolve(path)} cannot: ${whyNotThere(error)}`,
    ]);
  }
}

function signInOf(configuration: Configuration): { readonly sasl?: KafkaSasl } {
  const {
    KAFKA_SASL_MECHANISM: mechanism,
    KAFKA_SASL_USERNAME: username,
    KAFKA_SASL_PASSWORD: password,
  } = configuration;
  if (mechanism === null || username === null || password === null) return {};
  return { sasl: { mechanism, username, password } };
}
