import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EsdbEventStore } from '@meterbook/event-store/esdb/esdb-event-store';
import { isUnknownOutcome } from '@meterbook/event-store/esdb/esdb-failure';
import type { Clock } from '@meterbook/runtime/clock';
import { ConfigurationError, type Configuration } from '@meterbook/runtime/configuration';
import type { OpenedStore } from './opened';
import { withoutSecrets, type Log } from '@meterbook/runtime/log';
import { SystemRandom } from '@meterbook/runtime/system-random';
import { makeUsable } from '../files/usable-folder';
import { untilThere } from './until-there';
import { streamKinds } from '@meterbook/books/stream-kinds';

/** Where a process remembers under which prefix it has met its books. */
const rememberedIn = 'stream-prefix';

/** The store on EventStoreDB or KurrentDB. */
export function openEsdbStore(
  connectionString: string,
  { STREAM_PREFIX: prefix, DATA_DIR }: Pick<Configuration, 'STREAM_PREFIX' | 'DATA_DIR'>,
  clock: Clock,
  log: Log,
): OpenedStore {
  rememberPrefix(DATA_DIR, prefix);
  const store = open(connectionString, prefix, clock);
  const ready = (signal: AbortSignal): Promise<void> =>
    untilThere('event store', () => store.ready(), isUnknownOutcome, {
      clock,
      random: new SystemRandom(),
      log,
      signal,
    });
  return { store, folder: null, ready };
}

function open(connectionString: string, prefix: string, clock: Clock): EsdbEventStore {
  try {
    return new EsdbEventStore(connectionString, clock, { kinds: streamKinds, prefix });
  } catch (error) {
    const why = withoutSecrets(error instanceof Error ? error.message : String(error));
    throw new ConfigurationError([`EVENTSTORE_URL cannot be used: ${why}`]);
  }
}

/** Under another prefix the books would look empty, and be begun anew beside the old ones. */
function rememberPrefix(folder: string, prefix: string): void {
  const file = join(folder, rememberedIn);
  const before = remembered(file);
  if (before === undefined) {
    makeUsable('DATA_DIR', folder);
    writeFileSync(file, `${prefix}\n`);
  } else if (before !== prefix)
    throw new ConfigurationError([
      `STREAM_PREFIX is "${prefix}" and was "${before}" when ${file} was written: set it back, or remove the folder for other books`,
    ]);
}

function remembered(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return undefined;
  }
}
