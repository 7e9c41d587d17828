import { isNetwork } from './network';
import { integer, listOf, matching, oneOf, optional, optionally, type Setting } from './configuration-kinds';

/** Every environment variable there is; `docs/operating.md` lists the same ones. */
export const settings = {
  PORT: integer(0, 65_535, 3000, 'TCP port of the HTTP server; 0 lets the system choose.'),
  HOST: matching(
    /^[0-9A-Za-z.:_-]{1,255}$/,
    'an address or a host name',
    '127.0.0.1',
    'Address the HTTP server listens on. Without `METERBOOK_TOKENS` or `METERBOOK_JWKS_URL` only a loopback address is taken.',
  ),
  METERBOOK_TOKENS: optional(
    'the path of a JSON file',
    'Path of a JSON file of bearer tokens, `[{"name", "sha256", "scopes", "platforms"?}]`; `sha256` is the hex digest of the token.',
  ),
  METERBOOK_JWKS_URL: optionally(
    matching(
      /^(https:\/\/[^/?#@\s]+|http:\/\/(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(:\d{1,5})?|file:\/\/)(\/\S*)?$/,
      'an address that begins with https://, with file:///, or with http:// and a loopback address',
      '',
      'Where the public keys are of who issues JSON web tokens, as a JWKS: `https://…`, `file:///…`, or `http://` on loopback.',
    ),
  ),
  METERBOOK_JWT_ISSUER: optional('a text', 'What the claim `iss` of a JSON web token has to be.'),
  METERBOOK_JWT_AUDIENCE: listOf(
    /^\S{1,255}$/,
    'a list of texts with commas',
    'One of these has to be in the claim `aud` of a JSON web token.',
  ),
  METERBOOK_JWT_ALGORITHMS: listOf(
    /^([RPE]S(256|384|512)|EdDSA)$/,
    'a list of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512 and EdDSA with commas',
    'Algorithms of signatures that are taken.',
    'RS256,PS256,ES256,EdDSA',
  ),
  METERBOOK_JWT_CLOCK_SKEW_SECONDS: integer(
    0,
    300,
    30,
    'How far the clock of who issues JSON web tokens may be off, in seconds.',
  ),
  METERBOOK_JWT_SCOPE_CLAIM: optional(
    'the name of a claim',
    'The claim with the scopes, a list or a text with blanks between them. Without it `scope`, else `scopes`, else `scp`.',
  ),
  METERBOOK_JWT_PLATFORMS_CLAIM: matching(
    /^\S{1,255}$/,
    'the name of a claim',
    'platforms',
    'The claim with the platforms that a JSON web token is limited to, a list or a text with blanks between them.',
  ),
  DATA_DIR: matching(
    /^[^\0]{1,4096}$/,
    'a path',
    './data',
    'Folder of the embedded event store, topics and read models.',
  ),
  LOG_LEVEL: oneOf(
    ['fatal', 'error', 'warn', 'info', 'debug', 'trace'],
    'info',
    'The least severe log lines that are written: `fatal`, `error`, `warn`, `info`, `debug` or `trace`.',
  ),
  PRESETS: oneOf(
    ['publish', 'leave'],
    'leave',
    'Whether a start publishes the five example rulebooks of `rulebooks/`, for those of their platforms that have none yet.',
  ),
  TOPIC_PREFIX: matching(
    /^[0-9A-Za-z._-]{0,100}$/,
    'at most 100 letters, digits, dots, underscores or hyphens',
    '',
    'Put before the name of every topic, so that several deployments can share one broker.',
  ),
  PARTITIONS: integer(
    1,
    1024,
    12,
    'Partitions of a topic that is created. It cannot be changed once there are records.',
  ),
  USAGE_MAX_AGE_DAYS: integer(
    1,
    366,
    35,
    'Usage whose `time` lies further back than this many days when it is accepted is refused.',
  ),
  ACCOUNT_CACHE_MIB: integer(
    16,
    65_536,
    1024,
    'Memory, in MiB, for the states of accounts that usage is charged to; what does not fit is read again when it is needed.',
  ),
  CHECKPOINT_EVERY: integer(
    100,
    10_000,
    1000,
    'Charges of an account after which its state is written down, so that no load reads further back.',
  ),
  INGEST_IN_FLIGHT_MIB: integer(
    8,
    4096,
    64,
    'Request bodies, in MiB, that ingest holds at a time, counted as they arrive; beyond it answers 503.',
  ),
  EVENTSTORE_URL: optionally(
    matching(
      /^esdb(\+discover)?:\/\/[^/?\s]/,
      'an address that begins with esdb:// or esdb+discover://',
      '',
      'Connection string of an EventStoreDB or KurrentDB, with its credentials. Without it the event store is a file under `DATA_DIR`.',
    ),
  ),
  STREAM_PREFIX: matching(
    /^([a-z0-9-]{1,99}\.)?$/,
    'empty, or lower-case letters, digits and hyphens with a dot at the end',
    '',
    'Put before the name of every stream in EventStoreDB, so that several deployments can share one server. It cannot be changed once there are books.',
  ),
  KAFKA_BROKERS: listOf(
    /^[0-9A-Za-z._-]{1,255}:[0-9]{1,5}$|^\[[0-9A-Fa-f:.]{2,45}\]:[0-9]{1,5}$/,
    'a list of host:port with commas',
    'Some brokers of a Kafka, `host:port` with commas between them. Without it the topics are files under `DATA_DIR`.',
  ),
  KAFKA_CLIENT_ID: matching(
    /^[0-9A-Za-z._-]{1,100}$/,
    '1 to 100 letters, digits, dots, underscores or hyphens',
    'meterbook',
    'What this process calls itself in the logs and quotas of the brokers.',
  ),
  KAFKA_TLS: oneOf(['off', 'on'], 'off', 'Whether the way to the brokers is encrypted and their certificates checked.'),
  KAFKA_TLS_CA_FILE: optional(
    'the path of a PEM file',
    "Authorities that the brokers' certificates are checked against; without it, those of Node.",
  ),
  KAFKA_TLS_CERT_FILE: optional('the path of a PEM file', 'Certificate that this process shows to the brokers.'),
  KAFKA_TLS_KEY_FILE: optional('the path of a PEM file', 'Private key of that certificate.'),
  KAFKA_SASL_MECHANISM: optionally(
    oneOf(
      ['plain', 'scram-sha-256', 'scram-sha-512'],
      'plain',
      'How this process signs in to the brokers: `plain`, `scram-sha-256` or `scram-sha-512`.',
    ),
  ),
  KAFKA_SASL_USERNAME: optional('a name', 'With whose name it does.'),
  KAFKA_SASL_PASSWORD: optional('a password', 'With which password it does.'),
  KAFKA_REPLICATION_FACTOR: integer(1, 9, 3, 'Brokers that hold each record of a topic that is created.'),
  KAFKA_MIN_INSYNC_REPLICAS: integer(
    1,
    9,
    2,
    'Brokers that have to have a record before it counts as durable; of a topic that is there, at least as many are demanded.',
  ),
  KAFKA_SESSION_TIMEOUT_MS: integer(
    1000,
    300_000,
    30_000,
    'A process that the brokers have not heard of for this long has lost its partitions to others.',
  ),
  WEBHOOK_KEYS: listOf(
    /^[!-+\--~]{32,256}$/,
    'a list of keys with commas, of 32 to 256 printable characters each',
    'Keys that the secrets of webhooks are derived from, the one for new secrets first. Without it one is made and kept under `DATA_DIR`.',
  ),
  WEBHOOK_PRIVATE_NETWORKS: listOf(
    { test: isNetwork },
    'a list of networks with commas, such as 10.0.0.0/8',
    'Networks that are not public and that webhooks may be delivered to all the same, there by `http://` too, such as `10.0.0.0/8`.',
  ),
  ENTRIES_RETENTION_DAYS: integer(
    1,
    3650,
    7,
    'Days after which records of `ledger.entries` and `tier.changes` may be deleted; the event store keeps what they tell for ever.',
  ),
} as const satisfies Readonly<Record<string, Setting<unknown>>>;

type SettingName = keyof typeof settings;
type Read<S> = S extends Setting<infer T> ? T : never;

/** The environment, checked and typed; keyed by the names of the variables. */
export type Configuration = { readonly [Name in SettingName]: Read<(typeof settings)[Name]> };

/** Injection token of the `Configuration`. */
export const CONFIGURATION = Symbol('Configuration');

/** Names every variable that is wrong. The values stay out of the message, since one of them may be a secret. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly remedy = 'docs/operating.md says what each variable takes.';

  constructor(readonly faults: readonly string[]) {
    super(`The configuration is wrong: ${faults.join('; ')}.`);
  }
}

/** Reads every setting from the environment; an empty variable counts as absent. Throws a `ConfigurationError` that names all bad ones. */
export function readConfiguration(environment: Readonly<Record<string, string | undefined>>): Configuration {
  const faults: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries<Setting<unknown>>(settings)) {
    const given = environment[name];
    const text = given === undefined || given === '' ? setting.byDefault : given;
    const value = text === null ? null : setting.read(text);
    if (value === undefined) faults.push(`${name} must be ${setting.expects}`);
    values[name] = value;
  }
  if (faults.length === 0) faults.push(...contradictions(values as Configuration));
  if (faults.length > 0) throw new ConfigurationError(faults);
  return values as Configuration;
}

/** Variables that are right on their own and cannot be meant together. */
function contradictions(given: Configuration): string[] {
  const faults: string[] = [];
  const together = (...names: readonly SettingName[]): void => {
    const missing = names.filter((name) => given[name] === null);
    if (missing.length > 0 && missing.length < names.length)
      faults.push(`${names.join(', ')} must be set together, and ${missing.join(', ')} must not be missing`);
  };
  together('KAFKA_SASL_MECHANISM', 'KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD');
  const hasAudience = given.METERBOOK_JWT_AUDIENCE.length > 0;
  const ofIssuer = [given.METERBOOK_JWKS_URL !== null, given.METERBOOK_JWT_ISSUER !== null, hasAudience];
  if (new Set(ofIssuer).size > 1)
    faults.push('METERBOOK_JWKS_URL, METERBOOK_JWT_ISSUER, METERBOOK_JWT_AUDIENCE must be set together');
  together('KAFKA_TLS_CERT_FILE', 'KAFKA_TLS_KEY_FILE');
  if (given.KAFKA_TLS === 'off' && (given.KAFKA_TLS_CA_FILE !== null || given.KAFKA_TLS_CERT_FILE !== null))
    faults.push('KAFKA_TLS must be on where KAFKA_TLS_CA_FILE or KAFKA_TLS_CERT_FILE is set');
  if (given.KAFKA_MIN_INSYNC_REPLICAS > given.KAFKA_REPLICATION_FACTOR)
    faults.push('KAFKA_MIN_INSYNC_REPLICAS must not be more than KAFKA_REPLICATION_FACTOR');
  return faults;
}
