import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import type { KafkaSasl, KafkaTopicsOptions } from '@meterbook/topics/kafka/kafka-options';
import { TopicsUnfit } from '@meterbook/topics/kafka/kafka-topic-setup';
import { KafkaTopics } from '@meterbook/topics/kafka/kafka-topics';
import type { Clock } from '@meterbook/runtime/clock';
import { ConfigurationError, type Configuration } from '@meterbook/runtime/configuration';
import type { TopicsEngine } from './opened';
import type { Log } from '@meterbook/runtime/log';
import { SystemRandom } from '@meterbook/runtime/system-random';
import { untilThere } from './until-there';

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
  const ready = (signal: AbortSignal): Promise<void> =>
    untilThere('Kafka', prepare, (error) => !(error instanceof TopicsUnfit), {
      clock,
      random: new SystemRandom(),
      log,
      signal,
    });
  return { topics, ready };
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
  } catch {
    throw new ConfigurationError([`${name} must be the path of a PEM file that can be read`]);
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
