import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import type { StoreExtent } from '@meterbook/event-store/embedded/store-extent';
import type { TopicExtent } from '@meterbook/topics/embedded/topic-extents';

/** Raised whenever what a witness says changes; one of another format says nothing. */
const FORMAT = 1;

/** How far store and topics went at some moment. They only ever grow, so that it stays true of the same files for ever. */
export interface Extents {
  /** Null where nobody has seen a store. */
  readonly store: StoreExtent | null;
  /** By the path of the topic's file. */
  readonly topics: Readonly<Record<string, TopicExtent>>;
}

interface WitnessText extends Extents {
  readonly format: number;
}

/** What is noted in a folder that a process works in, and in one that holds a backup of such a folder. */
export const WITNESS = 'witness.json';
export const BACKUP_NOTE = 'backup.json';

export function witnessFile(directory: string, name = WITNESS): string {
  return join(directory, name);
}

/** What was noted last; undefined where nothing was, or where it cannot be read any more. Topics are told by their whole paths. */
export function readWitness(directory: string, name = WITNESS): Extents | undefined {
  try {
    const { format, store, topics } = JSON.parse(readFileSync(witnessFile(directory, name), 'utf8')) as WitnessText;
    if (format !== FORMAT) return undefined;
    const paths = Object.entries(topics).map(([file, extent]) => [join(directory, file), extent]);
    return { store, topics: Object.fromEntries(paths) as Extents['topics'] };
  } catch {
    return undefined;
  }
}

/** Notes how far the files go, whole or not at all. */
export function writeWitness(directory: string, { store, topics }: Extents, name = WITNESS): void {
  const text: WitnessText = {
    format: FORMAT,
    store,
    topics: Object.fromEntries(
      Object.entries(topics).map(([file, extent]) => [file.slice(directory.length + 1), extent]),
    ),
  };
  const temporary = `${witnessFile(directory, name)}.${process.pid}.${threadId}`;
  writeFileSync(temporary, `${JSON.stringify(text)}\n`);
  renameSync(temporary, witnessFile(directory, name));
}
