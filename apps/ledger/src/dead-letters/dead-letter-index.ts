import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { instantMs } from '@meterbook/domain/time/instant';
import type { Random } from '@meterbook/runtime/random';
import type { DeliveredBatch, DeliveredRecord } from '@meterbook/topics/topics';
import type { DeadLetter, DeadLetterRecord } from '@meterbook/messages/dead-letter';

/** Dead letters on one page, and bytes of their events; at least one letter, however large it is. */
export const maxPageLetters = 100;
const maxPageBytes = 4 * 1024 * 1024;
const fileIdBytes = 12;
/** Raised whenever the tables change: an older file is emptied and filled anew from the topic. */
const schemaVersion = 1;

const schema = `
  DROP TABLE IF EXISTS letters; DROP TABLE IF EXISTS progress; DROP TABLE IF EXISTS file;
  CREATE TABLE letters (
    id TEXT PRIMARY KEY, accepted_at INTEGER NOT NULL, occurred_at INTEGER NOT NULL, platform TEXT, reason TEXT NOT NULL, letter TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX letters_by_time ON letters (accepted_at, id);
  CREATE INDEX letters_by_platform ON letters (platform, accepted_at, id);
  CREATE TABLE progress (topic TEXT NOT NULL, partition INTEGER NOT NULL, next_offset INTEGER NOT NULL, PRIMARY KEY (topic, partition)) WITHOUT ROWID;
  CREATE TABLE file (id TEXT NOT NULL)`;

/** Where a page of the list goes on: after the letter of this instant and id. */
export interface DeadLetterPlace {
  /** When its usage was accepted, milliseconds since 1970. */
  readonly acceptedAt: number;
  readonly id: string;
}

export interface DeadLetterFilter {
  /** The platforms that may be seen; null for all, those of unreadable letters included. */
  readonly platforms: readonly string[] | null;
  readonly reason: string | null;
  readonly after: DeadLetterPlace | null;
}

export interface DeadLetterPage {
  /** Newest first. */
  readonly letters: readonly DeadLetter[];
  /** Null on the last page. */
  readonly next: DeadLetterPlace | null;
}

export interface FoundDeadLetter {
  readonly letter: DeadLetter;
  /** When the usage occurred, as far as its bytes say; else when it was accepted. Milliseconds since 1970. */
  readonly occurredAt: number;
}

interface Row {
  readonly id: string;
  readonly accepted_at: number;
  readonly occurred_at: number;
  readonly letter: string;
}

/**
 * The dead letters that wait, in a local file that can be deleted at any time: a new file has a new id, so its consumer group
 * is a new one too and reads the topic from its start. Every process that answers for dead letters has a file, and so a group,
 * of its own, because each has to know all of them.
 */
export class DeadLetterIndex {
  /** The consumer group that fills this file. */
  readonly group: string;
  private readonly database: Database.Database;

  constructor(path: string, random: Random) {
    mkdirSync(dirname(path), { recursive: true });
    this.database = new Database(path);
    this.database.pragma('journal_mode = WAL');
    // The group's offset must never be ahead of the file.
    this.database.pragma('synchronous = FULL');
    if (this.database.pragma('user_version', { simple: true }) !== schemaVersion) this.create(random);
    const file = this.database.prepare<[], { id: string }>('SELECT id FROM file').get();
    if (!file) throw new Error(`${path} has no id`);
    this.group = `ledger-dead-letters-${file.id}`;
  }

  /** Takes in what a batch says, once: what was taken before changes nothing. */
  take({ topic, partition, records }: DeliveredBatch): void {
    this.database
      .transaction(() => {
        const next = this.nextOffset(topic, partition);
        for (const record of records) if (record.offset >= next) this.apply(record);
        const end = (records.at(-1)?.offset ?? -1) + 1;
        if (end > next)
          this.database
            .prepare('INSERT OR REPLACE INTO progress (topic, partition, next_offset) VALUES (?, ?, ?)')
            .run(topic, partition, end);
      })
      .immediate();
  }

  find(id: string): FoundDeadLetter | undefined {
    const row = this.database.prepare<[string], Row>('SELECT * FROM letters WHERE id = ?').get(id);
    return row && { letter: toLetter(row), occurredAt: row.occurred_at };
  }

  list({ platforms, reason, after }: DeadLetterFilter): DeadLetterPage {
    const conditions: string[] = [];
    const values: (string | number)[] = [];
    const where = (condition: string, ...given: (string | number)[]): void => {
      conditions.push(condition);
      values.push(...given);
    };
    if (platforms) where(`platform IN (${platforms.map(() => '?').join(', ')})`, ...platforms);
    if (reason !== null) where('reason = ?', reason);
    if (after) where('(accepted_at, id) < (?, ?)', after.acceptedAt, after.id);
    const rows = this.database.prepare<(string | number)[], Row>(
      `SELECT * FROM letters ${conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''} ORDER BY accepted_at DESC, id DESC`,
    );
    return pageOf(rows.iterate(...values));
  }

  close(): void {
    this.database.close();
  }

  private create(random: Random): void {
    this.database.transaction(() => {
      this.database.exec(schema);
      this.database
        .prepare('INSERT INTO file (id) VALUES (?)')
        .run(Buffer.from(random.bytes(fileIdBytes)).toString('base64url'));
      this.database.pragma(`user_version = ${schemaVersion}`);
    })();
  }

  private nextOffset(topic: string, partition: number): number {
    const row = this.database
      .prepare<[string, number], { next_offset: number }>(
        'SELECT next_offset FROM progress WHERE topic = ? AND partition = ?',
      )
      .get(topic, partition);
    return row?.next_offset ?? 0;
  }

  private apply(record: DeliveredRecord): void {
    const said = readRecord(record.value);
    if (!said) return;
    if (said.kind === 'resolved') {
      this.database.prepare('DELETE FROM letters WHERE id = ?').run(said.id);
      return;
    }
    const acceptedAt = instantMs(said.acceptedAt);
    this.database
      .prepare(
        'INSERT OR REPLACE INTO letters (id, accepted_at, occurred_at, platform, reason, letter) VALUES (?, ?, ?, ?, ?, ?)',
      )
      .run(
        said.id,
        acceptedAt,
        occurredAtOf(said.event) ?? acceptedAt,
        said.platform,
        said.reason,
        JSON.stringify(said),
      );
  }
}

/** The event of a dead letter: parsed where it is JSON, else its text. */
export function eventOf(letter: DeadLetter): unknown {
  try {
    return JSON.parse(letter.event) as unknown;
  } catch {
    return letter.event;
  }
}

function pageOf(rows: Iterable<Row>): DeadLetterPage {
  const letters: DeadLetter[] = [];
  let bytes = 0;
  let last: DeadLetterPlace | null = null;
  for (const row of rows) {
    if (last && (letters.length >= maxPageLetters || bytes + row.letter.length > maxPageBytes))
      return { letters, next: last };
    letters.push(toLetter(row));
    bytes += row.letter.length;
    last = { acceptedAt: row.accepted_at, id: row.id };
  }
  return { letters, next: null };
}

function toLetter({ letter }: Row): DeadLetter {
  return JSON.parse(letter) as DeadLetter;
}

/** What a record says; undefined where it is none of the ledger's, which nobody else should have written here. */
function readRecord(value: string): DeadLetterRecord | undefined {
  try {
    const said = JSON.parse(value) as Partial<DeadLetterRecord> | null;
    return said?.kind === 'dead-letter' || said?.kind === 'resolved' ? (said as DeadLetterRecord) : undefined;
  } catch {
    return undefined;
  }
}

function occurredAtOf(event: string): number | undefined {
  try {
    const read = JSON.parse(event) as { readonly time?: unknown } | null;
    const at = typeof read?.time === 'string' ? instantMs(read.time) : Number.NaN;
    return Number.isNaN(at) ? undefined : at;
  } catch {
    return undefined;
  }
}
