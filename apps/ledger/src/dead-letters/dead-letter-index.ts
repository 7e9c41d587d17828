import type { Database } from '@meterbook/runtime/sqlite';
import type { DeadLetterReason } from '@meterbook/domain/usage/usage';
import { readDeadLetterRecord, type DeadLetter, type DeadLetterRecord } from '@meterbook/messages/dead-letter';
import type { Log } from '@meterbook/runtime/log';
import type { Random } from '@meterbook/runtime/random';
import type { ConsumerLag, DeliveredBatch } from '@meterbook/topics/topics';
import { idOf, openDeadLetterFile, startOver } from './dead-letter-file';
import { DeadLetterQueries, type Dismissal } from './dead-letter-queries';
import { DeadLetterRows } from './dead-letter-rows';

export interface FoundDeadLetter {
  readonly letter: DeadLetter;
  /** When the usage occurred, as far as its bytes say; else when it was accepted. Milliseconds since 1970. */
  readonly occurredAt: number;
  /** Another one whenever something new was said of the letter. */
  readonly place: number;
  /** Null while it waits. */
  readonly dismissal: Dismissal | null;
}

interface FoundRow {
  readonly occurred_at: number;
  readonly letter: string;
  readonly place: number;
  readonly dismissal: string | null;
}

/**
 * The dead letters, in a local file that can be deleted at any time: a new file has a new id, so its consumer group is a new one
 * too and reads the topic from its start. Every process that answers for dead letters has a file, and so a group, of its own,
 * because each has to know all of them. Every question is answered along an index, however many there are.
 */
export class DeadLetterIndex {
  /** What can be asked of many letters. */
  readonly queries: DeadLetterQueries;
  private readonly database: Database;
  private readonly rows: DeadLetterRows;
  private id: string;

  constructor(
    path: string,
    private readonly random: Random,
    private readonly log: Log,
  ) {
    const { database, id } = openDeadLetterFile(path, random, log);
    this.database = database;
    this.id = id;
    this.queries = new DeadLetterQueries(database);
    this.rows = new DeadLetterRows(database);
  }

  /** The consumer group that fills this file; another one once it started over. */
  get group(): string {
    return `ledger-dead-letters-${this.id}`;
  }

  /** Starts over under a new group where this one has committed more than the file holds, as where an older file was put back. */
  startOverIfBehind(committed: readonly Pick<ConsumerLag, 'topic' | 'partition' | 'committed'>[]): void {
    const behind = committed.find((row) => row.committed > this.nextOffset(row.topic, row.partition));
    if (!behind) return;
    startOver(this.database, this.random);
    this.id = idOf(this.database);
    const { topic, partition } = behind;
    this.log.warn(
      { file: this.database.name, topic, partition },
      'The index of dead letters is behind: it is filled anew.',
    );
  }

  /** Takes in what a batch says, once: what was taken before changes nothing. */
  take({ topic, partition, records }: DeliveredBatch): void {
    this.database
      .transaction(() => {
        const next = this.nextOffset(topic, partition);
        for (const record of records) {
          const said = record.offset >= next ? readDeadLetterRecord(record) : undefined;
          if (said) this.rows.apply(said, record.timestamp);
        }
        const end = (records.at(-1)?.offset ?? -1) + 1;
        if (end > next)
          this.database
            .prepare('INSERT OR REPLACE INTO progress (topic, partition, next_offset) VALUES (?, ?, ?)')
            .run(topic, partition, end);
      })
      .immediate();
  }

  /** Takes in a word that was just published, before it comes back from the topic; when it does it changes nothing. */
  hear(said: DeadLetterRecord, nowMs: number): void {
    this.database.transaction(() => this.rows.apply(said, nowMs)).immediate();
  }

  /** Drops some of what was dealt with before an instant, milliseconds since 1970. True where there is more. */
  forget(before: number): boolean {
    return this.database.transaction(() => this.rows.forget(before)).immediate();
  }

  /** A letter that waits or was dismissed. */
  find(id: string): FoundDeadLetter | undefined {
    const row = this.database
      .prepare<[string], FoundRow>('SELECT occurred_at, letter, place, dismissal FROM letters WHERE id = ?')
      .get(id);
    if (!row) return undefined;
    const dismissal = row.dismissal === null ? null : (JSON.parse(row.dismissal) as Dismissal);
    return { letter: JSON.parse(row.letter) as DeadLetter, occurredAt: row.occurred_at, place: row.place, dismissal };
  }

  /** The platform of a letter that was dealt with not long ago, null where it is not known; undefined where there was none. */
  platformOfSettled(id: string): string | null | undefined {
    const row = this.database
      .prepare<[string], { platform: string }>('SELECT platform FROM settled WHERE id = ?')
      .get(id);
    return row && (row.platform === '' ? null : row.platform);
  }

  /** How many wait, by reason. */
  waiting(): ReadonlyMap<DeadLetterReason, number> {
    const rows = this.database
      .prepare<[], { reason: DeadLetterReason; count: number }>('SELECT reason, count FROM totals')
      .all();
    return new Map(rows.map(({ reason, count }) => [reason, count]));
  }

  close(): void {
    this.database.close();
  }

  private nextOffset(topic: string, partition: number): number {
    const row = this.database
      .prepare<[string, number], { next_offset: number }>(
        'SELECT next_offset FROM progress WHERE topic = ? AND partition = ?',
      )
      .get(topic, partition);
    return row?.next_offset ?? 0;
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
