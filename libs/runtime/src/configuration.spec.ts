import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigurationError, readConfiguration, settings } from './configuration';

const faultsOf = (environment: Record<string, string>): readonly string[] => {
  try {
    readConfiguration(environment);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.faults;
    throw error;
  }
  return [];
};

describe('configuration', () => {
  it('has a default for everything but the tokens and where the engines are', () => {
    expect(readConfiguration({})).toEqual({
      PORT: 3000,
      HOST: '127.0.0.1',
      METERBOOK_TOKENS: null,
      METERBOOK_JWKS_URL: null,
      METERBOOK_JWT_ISSUER: null,
      METERBOOK_JWT_AUDIENCE: [],
      METERBOOK_JWT_ALGORITHMS: ['RS256', 'PS256', 'ES256', 'EdDSA'],
      METERBOOK_JWT_CLOCK_SKEW_SECONDS: 30,
      METERBOOK_JWT_SCOPE_CLAIM: null,
      METERBOOK_JWT_PLATFORMS_CLAIM: 'platforms',
      DATA_DIR: './data',
      LOG_LEVEL: 'info',
      PRESETS: 'leave',
      STREAM_PREFIX: '',
      TOPIC_PREFIX: '',
      PARTITIONS: 12,
      USAGE_MAX_AGE_DAYS: 35,
      ACCOUNT_CACHE_MIB: 1024,
      CHECKPOINT_EVERY: 1000,
      INGEST_IN_FLIGHT_MIB: 64,
      EVENTSTORE_URL: null,
      KAFKA_BROKERS: [],
      KAFKA_CLIENT_ID: 'meterbook',
      KAFKA_TLS: 'off',
      KAFKA_TLS_CA_FILE: null,
      KAFKA_TLS_CERT_FILE: null,
      KAFKA_TLS_KEY_FILE: null,
      KAFKA_SASL_MECHANISM: null,
      KAFKA_SASL_USERNAME: null,
      KAFKA_SASL_PASSWORD: null,
      KAFKA_REPLICATION_FACTOR: 3,
      KAFKA_MIN_INSYNC_REPLICAS: 2,
      KAFKA_SESSION_TIMEOUT_MS: 30_000,
      WEBHOOK_KEYS: [],
      WEBHOOK_PRIVATE_NETWORKS: [],
      ENTRIES_RETENTION_DAYS: 7,
    });
  });

  it('takes what the environment says', () => {
    const given = {
      PORT: '0',
      HOST: '::1',
      METERBOOK_TOKENS: '/etc/tokens.json',
      LOG_LEVEL: 'debug',
      TOPIC_PREFIX: 'eu.',
    };
    expect(readConfiguration({ ...given, PATH: '/bin' })).toMatchObject({ ...given, PORT: 0 });
  });

  it('takes the addresses of engines', () => {
    const given = {
      EVENTSTORE_URL: 'esdb+discover://ledger:secret@es-1:2113,es-2:2113?tls=true',
      KAFKA_BROKERS: 'kafka-1:9092, kafka-2:9092,[::1]:9092',
      KAFKA_TLS: 'on',
      KAFKA_SASL_MECHANISM: 'scram-sha-512',
      KAFKA_SASL_USERNAME: 'ledger',
      KAFKA_SASL_PASSWORD: 'secret',
    };
    const brokers = ['kafka-1:9092', 'kafka-2:9092', '[::1]:9092'];
    expect(readConfiguration(given)).toMatchObject({ ...given, KAFKA_BROKERS: brokers });
  });

  it.each([
    'https://issuer.example/.well-known/jwks.json',
    'https://issuer.example:8443',
    'http://localhost:8080/keys?a=b',
    'http://[::1]/keys',
    'file:///etc/keys.json',
  ])('takes the keys at %s', (url) => {
    const given = { METERBOOK_JWKS_URL: url, METERBOOK_JWT_ISSUER: 'i', METERBOOK_JWT_AUDIENCE: 'a,b' };
    expect(readConfiguration(given)).toMatchObject({ ...given, METERBOOK_JWT_AUDIENCE: ['a', 'b'] });
  });

  it.each(['10.0.0.0', '10.0.0.0/33', '10.0.0/8', '::/129', 'fd00::/x', '300.0.0.0/8'])(
    'takes no network from %s, and no other than a whole list of them',
    (network) => {
      const of = (networks: string) => () => readConfiguration({ WEBHOOK_PRIVATE_NETWORKS: networks });
      expect(of('10.0.0.0/8, fd00::/8')()).toMatchObject({ WEBHOOK_PRIVATE_NETWORKS: ['10.0.0.0/8', 'fd00::/8'] });
      expect(of(`10.0.0.0/8,${network}`)).toThrow('WEBHOOK_PRIVATE_NETWORKS must be');
    },
  );

  it('counts an empty variable as absent', () => {
    const empty = { PORT: '', HOST: '', METERBOOK_TOKENS: '', EVENTSTORE_URL: '', KAFKA_BROKERS: '' };
    expect(readConfiguration(empty)).toEqual(readConfiguration({}));
  });

  it.each([
    [{ KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_USERNAME: 'ledger' }, /KAFKA_SASL_PASSWORD must not be missing/],
    [{ KAFKA_SASL_PASSWORD: 'secret-one' }, /KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME must not be missing/],
    [
      { METERBOOK_JWKS_URL: 'https://a.example/keys' },
      /METERBOOK_JWKS_URL, .*METERBOOK_JWT_AUDIENCE must be set together/,
    ],
    [{ METERBOOK_JWT_ISSUER: 'a', METERBOOK_JWT_AUDIENCE: 'b' }, /METERBOOK_JWKS_URL, .* must be set together/],
    [{ KAFKA_TLS: 'on', KAFKA_TLS_CERT_FILE: '/pem' }, /KAFKA_TLS_KEY_FILE must not be missing/],
    [{ KAFKA_TLS_CA_FILE: '/pem' }, /^KAFKA_TLS must be on/],
    [{ KAFKA_REPLICATION_FACTOR: '1' }, /^KAFKA_MIN_INSYNC_REPLICAS must not be more/],
  ])('names what cannot be meant together in %j', (environment, fault) => {
    const faults = faultsOf(environment);
    expect(faults).toEqual([expect.stringMatching(fault)]);
    expect(faults.join()).not.toContain('secret-one');
  });

  it.each([
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '3000.5'],
    ['PORT', '0x10'],
    ['PORT', ' 80'],
    ['HOST', 'a b'],
    ['METERBOOK_JWKS_URL', 'http://issuer.example/keys'],
    ['METERBOOK_JWKS_URL', 'http://127.0.0.1.example.com/keys'],
    ['METERBOOK_JWKS_URL', 'http://localhost@issuer.example/keys'],
    ['METERBOOK_JWKS_URL', 'https://name:secret@issuer.example/keys'],
    ['METERBOOK_JWKS_URL', '/etc/keys.json'],
    ['METERBOOK_JWT_ALGORITHMS', 'none'],
    ['METERBOOK_JWT_ALGORITHMS', 'RS256,HS256'],
    ['METERBOOK_JWT_CLOCK_SKEW_SECONDS', '301'],
    ['LOG_LEVEL', 'INFO'],
    ['LOG_LEVEL', 'verbose'],
    ['TOPIC_PREFIX', 'eu/'],
    ['STREAM_PREFIX', 'eu'],
    ['PARTITIONS', '0'],
    ['PARTITIONS', 'twelve'],
    ['USAGE_MAX_AGE_DAYS', '0'],
    ['USAGE_MAX_AGE_DAYS', '367'],
    ['INGEST_IN_FLIGHT_MIB', '7'],
    ['EVENTSTORE_URL', 'http://es-1:2113'],
    ['EVENTSTORE_URL', 'esdb://'],
    ['KAFKA_BROKERS', 'kafka-1'],
    ['KAFKA_BROKERS', 'kafka-1:9092,'],
    ['KAFKA_BROKERS', 'SASL_SSL://kafka-1:9092'],
    ['KAFKA_SASL_MECHANISM', 'PLAIN'],
    ['KAFKA_TLS', 'true'],
    ['KAFKA_SESSION_TIMEOUT_MS', '999'],
  ])('names %s when it is %j', (name, value) => {
    const faults = faultsOf({ [name]: value });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(new RegExp(`^${name} must be `));
  });

  it('names every bad variable at once and shows no value', () => {
    const faults = faultsOf({ PORT: 'secret-one', PARTITIONS: 'secret-two' });
    expect(faults).toEqual([
      'PORT must be a whole number from 0 to 65535',
      'PARTITIONS must be a whole number from 1 to 1024',
    ]);
  });

  it('stands in docs/operating.md, variable by variable, and nothing else does', () => {
    const text = readFileSync(join(__dirname, '../../../docs/operating.md'), 'utf8');
    const section = text.split(/^## /m).find((part) => part.startsWith('Configuration\n')) ?? '';
    const rows = section.split('\n').filter((line) => line.startsWith('| `'));
    const documented = rows.map((row) =>
      row
        .slice(1, -1)
        .split(' | ')
        .map((cell) => cell.trim()),
    );
    const real = Object.entries(settings).map(([name, { byDefault, meaning }]) => [
      `\`${name}\``,
      byDefault ? `\`${byDefault}\`` : '–',
      meaning,
    ]);
    expect(documented).toEqual(real);
  });
});
