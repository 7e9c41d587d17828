import type { Database } from '@meterbook/runtime/sqlite';
import { PARTITION_SPAN } from './frame-reader';

/** Bytes of a page of a topic's file. */
export const PAGE_BYTES = 4096;
/** A writer whom no consumer relieves moves the write-ahead log into the file itself at this many pages (128 MiB). */
export const AUTO_CHECKPOINT_PAGES = 32_768;

const schema = `
  CREATE TABLE IF NOT EXISTS partitions (
    partition INTEGER PRIMARY KEY, next_offset INTEGER NOT NULL, timestamp INTEGER NOT NULL
  );
  CREATE TABLE IF NOT EXISTS identity (id TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS frames (
    place INTEGER PRIMARY KEY, records INTEGER NOT NULL, timestamp INTEGER NOT NULL, body BLOB NOT NULL
  );
  CREATE VIEW IF NOT EXISTS readable AS
    SELECT place / ${PARTITION_SPAN} AS partition, place % ${PARTITION_SPAN} AS base_offset, records,
           strftime('%Y-%m-%dT%H:%M:%fZ', timestamp / 1000.0, 'unixepoch') AS published, CAST(body AS TEXT) AS lines
    FROM frames`;

/** Makes the tables of a topic's file where they are missing. */
export function makeTopicTables(database: Database): void {
  database.exec(schema);
  // Frames that an earlier version wrote have no sums.
  const columns = database.pragma('table_info(frames)') as readonly { readonly name: string }[];
  if (!columns.some(({ name }) => name === 'sums')) database.exec('ALTER TABLE frames ADD COLUMN sums BLOB');
}
