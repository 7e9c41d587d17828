import { pino, stdSerializers, stdTimeFunctions, type DestinationStream, type Logger, type LoggerOptions } from 'pino';
import type { Configuration } from './configuration';
import { DiskLines } from './disk-lines';
import { SystemClock } from './system-clock';

/** Where every line of the log goes. */
export type Log = Logger;

/** Injection token of the `Log`. */
export const LOG = Symbol('Log');

/** What stands in the log instead of a secret. */
const REDACTED = '[redacted]';

const secretNames = ['authorization', 'cookie', 'password', 'secret', 'token', 'apiKey', 'sha256'];

/** A secret is taken out where it stands at the top of a line, one object below, or two (`req.headers.authorization`). */
const secretPaths = secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

/** User and password of an address, and bearer tokens, in a text such as the message of a driver's error. */
const secretTexts: readonly (readonly [RegExp, string])[] = [
  [/\/\/[^/\s:@]*:[^/\s@]*@/g, `//${REDACTED}@`],
  [/\bBearer\s+[\w.~+/=-]+/gi, `Bearer ${REDACTED}`],
];

/** The text without credentials in addresses and without bearer tokens. */
export function withoutSecrets(text: string): string {
  return secretTexts.reduce((cleaned, [pattern, replacement]) => cleaned.replace(pattern, replacement), text);
}

function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return typeof error === 'string' ? withoutSecrets(error) : error;
  const { type, message, stack } = stdSerializers.err(error);
  const code: unknown = 'code' in error ? error.code : undefined;
  const known = { type, message: withoutSecrets(message), stack: withoutSecrets(stack) };
  return typeof code === 'string' ? { ...known, code } : known;
}

/** Writes a line unless it is to be left out. */
function keeping(diskLines: DiskLines): NonNullable<NonNullable<LoggerOptions['hooks']>['logMethod']> {
  return function (this: Logger, [fields, ...text], write) {
    const kept = diskLines.keep(fields);
    if (kept !== undefined) write.apply(this, [kept as object, ...text]);
  };
}

/** The one log of a process: JSON lines on standard output, without secrets, and few of a full disk. */
export function createLog(
  level: Configuration['LOG_LEVEL'],
  destination?: DestinationStream,
  diskLines = destination ? undefined : new DiskLines(new SystemClock()),
): Log {
  const options = {
    level,
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: secretPaths, censor: REDACTED },
    ...(diskLines && { hooks: { logMethod: keeping(diskLines) } }),
    serializers: { err: describeError, error: describeError },
  };
  return destination ? pino(options, destination) : pino(options);
}
