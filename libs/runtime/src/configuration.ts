/** One environment variable: how it is read, what it means and what stands in for it. */
export interface Setting<T> {
  /** The text that is read where the variable is absent or empty; null where the setting then is null. */
  readonly byDefault: string | null;
  /** Completes the sentence "NAME must be …". */
  readonly expects: string;
  /** One sentence for `docs/operating.md`. */
  readonly meaning: string;
  /** Undefined when the text is not what is expected. */
  readonly read: (text: string) => T | undefined;
}

const integer = (least: number, most: number, byDefault: number, meaning: string): Setting<number> => ({
  byDefault: String(byDefault),
  expects: `a whole number from ${least} to ${most}`,
  meaning,
  read: (text) => {
    const value = /^[0-9]{1,15}$/.test(text) ? Number(text) : Number.NaN;
    return value >= least && value <= most ? value : undefined;
  },
});

const matching = (pattern: RegExp, expects: string, byDefault: string, meaning: string): Setting<string> => ({
  byDefault,
  expects,
  meaning,
  read: (text) => (pattern.test(text) ? text : undefined),
});

const oneOf = <const Word extends string>(words: readonly Word[], byDefault: Word, meaning: string): Setting<Word> => ({
  byDefault,
  expects: `one of ${words.join(', ')}`,
  meaning,
  read: (text) => words.find((word) => word === text),
});

const optional = (expects: string, meaning: string): Setting<string | null> => ({
  byDefault: null,
  expects,
  meaning,
  read: (text) => text,
});

/** Every environment variable there is; `docs/operating.md` lists the same ones. */
export const settings = {
  PORT: integer(0, 65_535, 3000, 'TCP port of the HTTP server; 0 lets the system choose.'),
  HOST: matching(
    /^[0-9A-Za-z.:_-]{1,255}$/,
    'an address or a host name',
    '127.0.0.1',
    'Address the HTTP server listens on. Without `METERBOOK_TOKENS` only a loopback address is taken.',
  ),
  METERBOOK_TOKENS: optional(
    'the path of a JSON file',
    'Path of a JSON file of bearer tokens, `[{"name", "sha256", "scopes", "platforms"?}]`; `sha256` is the hex digest of the token.',
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
    'publish',
    'Whether a start publishes the rulebooks of `rulebooks/` for those of their platforms that have none yet.',
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
    'Request bodies, in MiB, that ingest holds at a time; beyond it answers 503 before it reads a body.',
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
  if (faults.length > 0) throw new ConfigurationError(faults);
  return values as Configuration;
}
