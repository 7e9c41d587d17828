import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '@meterbook/runtime/clock';
import type { Log } from '@meterbook/runtime/log';
import { extentsOf, type DataFolder } from './data-folder';
import { readWitness, writeWitness, type Extents } from './witness';

/** How often is noted how far store and topics go. What is lost from them since the last note is not missed at the next start. */
const NOTE_EVERY_MS = 1_000;

/** Notes beside the engines' files how far they go, until aborted and once more then. A note that fails is left to the next one. */
export async function keepWitness(folder: DataFolder, clock: Clock, log: Log, signal: AbortSignal): Promise<void> {
  if (folder.store === null && folder.topics === null) return;
  let noted: Extents | undefined;
  let failed = false;
  while (!signal.aborted) {
    await clock.sleep(NOTE_EVERY_MS, signal);
    try {
      noted = note(folder, noted);
      failed = false;
    } catch (error) {
      if (!failed) log.warn({ err: error }, 'How far store and topics go could not be noted.');
      failed = true;
    }
  }
}

/** Keeps what was noted of files that are not this process's engines. */
function note(folder: DataFolder, noted: Extents | undefined): Extents {
  const now = extentsOf(folder);
  if (noted && isDeepStrictEqual(now, noted)) return noted;
  const before = readWitness(folder.directory);
  writeWitness(folder.directory, {
    store: now.store ?? before?.store ?? null,
    topics: { ...before?.topics, ...now.topics },
  });
  return now;
}
