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
  it('has a default for everything but the tokens', () => {
    expect(readConfiguration({})).toEqual({
      PORT: 3000,
      HOST: '127.0.0.1',
      METERBOOK_TOKENS: null,
      DATA_DIR: './data',
      LOG_LEVEL: 'info',
      PRESETS: 'publish',
      TOPIC_PREFIX: '',
      PARTITIONS: 12,
      USAGE_MAX_AGE_DAYS: 35,
      ACCOUNT_CACHE_MIB: 1024,
      CHECKPOINT_EVERY: 1000,
      INGEST_IN_FLIGHT_MIB: 64,
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

  it('counts an empty variable as absent', () => {
    expect(readConfiguration({ PORT: '', HOST: '', METERBOOK_TOKENS: '' })).toEqual(readConfiguration({}));
  });

  it.each([
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '3000.5'],
    ['PORT', '0x10'],
    ['PORT', ' 80'],
    ['HOST', 'a b'],
    ['LOG_LEVEL', 'INFO'],
    ['LOG_LEVEL', 'verbose'],
    ['TOPIC_PREFIX', 'eu/'],
    ['PARTITIONS', '0'],
    ['PARTITIONS', 'twelve'],
    ['USAGE_MAX_AGE_DAYS', '0'],
    ['USAGE_MAX_AGE_DAYS', '367'],
    ['INGEST_IN_FLIGHT_MIB', '7'],
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
