import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { hasTable, lookIntoDatabase } from '@meterbook/runtime/database-file';
import { FILE_ENDING, GROUPS } from './embedded-files';

/** How far the file of a topic goes. */
export interface TopicExtent {
  /** Given to the topic when its file was made; null where an earlier version made it and none has opened it since. */
  readonly id: string | null;
  /** The offset after the last record of each partition. */
  readonly ends: readonly number[];
}

/** What a consumer group says to have done with of a topic. */
export interface GroupExtent {
  /** The group's file. */
  readonly file: string;
  /** The file that holds the topic, whether it is there or not. */
  readonly topicFile: string;
  /** The first offset of each partition that the group has not done with. */
  readonly committed: readonly number[];
}

/** The files of the topics in a folder, whatever their prefix. */
export function topicFiles(directory: string): string[] {
  return databasesIn(directory);
}

/** The files of the consumer groups in a folder of topics, whatever their prefix. */
export function groupFiles(directory: string): string[] {
  return groupFolders(directory).flatMap((folder) => databasesIn(join(directory, folder)));
}

/** Undefined where the file is missing. Throws `FileDamaged`. */
export function topicExtent(file: string): TopicExtent | undefined {
  return lookIntoDatabase(file, (database) => {
    const ends = hasTable(database, 'partitions')
      ? database.prepare<[], number>('SELECT next_offset FROM partitions ORDER BY partition').pluck().all()
      : [];
    const id = hasTable(database, 'identity')
      ? database.prepare<[], string>('SELECT id FROM identity').pluck().get()
      : undefined;
    return { id: id ?? null, ends };
  });
}

/** What every consumer group of a folder of topics has done with, topic by topic. Throws `FileDamaged`. */
export function groupExtents(directory: string): GroupExtent[] {
  return groupFolders(directory).flatMap((folder) => {
    const prefix = folder.slice(0, -GROUPS.length);
    return databasesIn(join(directory, folder)).flatMap((file) =>
      [...(committedIn(file) ?? [])].map(([topic, committed]) => ({
        file,
        topicFile: join(directory, `${prefix}${topic}${FILE_ENDING}`),
        committed,
      })),
    );
  });
}

function committedIn(file: string): Map<string, number[]> | undefined {
  return lookIntoDatabase(file, (database) => {
    const committed = new Map<string, number[]>();
    if (!hasTable(database, 'partitions')) return committed;
    const rows = database
      .prepare<[], { topic: string; committed: number }>(
        'SELECT topic, committed FROM partitions ORDER BY topic, partition',
      )
      .all();
    for (const row of rows) committed.set(row.topic, [...(committed.get(row.topic) ?? []), row.committed]);
    return committed;
  });
}

function groupFolders(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name.endsWith(GROUPS))
    .map(({ name }) => name);
}

function databasesIn(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(FILE_ENDING))
    .map(({ name }) => join(directory, name));
}
