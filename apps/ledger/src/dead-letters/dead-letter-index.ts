import type { Database } from '@meterbook/runtime/sqlite';
import { instantMs } from '@meterbook/domain/time/instant';
import type { DeadLetterReason } from '@meterbook/domain/usage/usage';
import {
  readDeadLetterRecord,
  readDeadLetterText,
  type DeadLetter,
  type DeadLetterRecord,
} from '@meterbook/messages/dead-letter';
import type { DeadLetterPart } from '@meterbook/messages/dead-letter-parts';
import type { Log } from '@meterbook/runtime/log';
import type { Random } from '@meterbook/runtime/random';
import type { ConsumerLag, DeliveredBatch } from '@meterbook/topics/topics';
import { idOf, openDeadLetterFile, startOver } from './dead-letter-file';

/** Dead letters on one page, and bytes of their events; at least one letter, however large it is. */
export const maxPageLetters = 100;
const maxPageBytes = 4 * 1024 * 1024;

/** Where a page of the list goes on: after the letter of this instant and id. */
export interface DeadLetterMark {
  /** When its usage was accepted, milliseconds since 1970. */
  readonly acceptedAt: number;
  readonly id: string;
}

export interface DeadLetterFilter {
  /** The platforms that may be seen; null for all, those of unreadable letters included. */
  readonly platforms: readonly string[] | null;
  readonly reason: string | null;
  readonly after: DeadLetterMark | null;
}

export interface DeadLetterPage {
  /** Newest first. */
  readonly letters: readonly DeadLetter[];
  /** Null on the last page. */
  readonly next: DeadLetterMark | null;
}

export interface FoundDeadLetter {
  readonly letter: DeadLetter;
  /** When the usage occurred, as far as its bytes say; else when it was accepted. Milliseconds since 1970. */
  readonly occurredAt: number;
}

/** An account whose usage waits among the dead letters. */
export interface WaitingAccount {
  readonly platform: string;
  readonly account: string;
}

interface Row {
  readonly occurred_at: number;
  readonly letter: string;
}

interface MarkRow {
  readonly id: string;
  readonly accepted_at: number;
}

/**
 * The dead letters that wait, in a local file that can be deleted at any time: a new file has a new id, so its consumer group
 * is a new one too and reads the topic from its start. Every process that answers for dead letters has a file, and so a group,
 * of its own, because each has to know all of them. Every question is answered along an index, however many there are.
 */
export class DeadLetterIndex {
  private readonly database: Database;
  private id: string;

  constructor(
    path: string,
    private readonly random: Random,
    private readonly log: Log,
  ) {
    const { database, id } = openDeadLetterFile(path, random, log);
    this.database = database;
    this.id = id;
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
          if (said) this.apply(said);
        }
        const end = (records.at(-1)?.offset ?? -1) + 1;
        if (end > next)
          this.database
            .prepare('INSERT OR REPLACE INTO progress (topic, partition, next_offset) VALUES (?, ?, ?)')
            .run(topic, partition, end);
      })
      .immediate();
  }

  find(id: string): FoundDeadLetter | undefined {
    const row = this.database.prepare<[string], Row>('SELECT occurred_at, letter FROM letters WHERE id = ?').get(id);
    return row && { letter: JSON.parse(row.letter) as DeadLetter, occurredAt: row.occurred_at };
  }

  list({ platforms, reason, after }: DeadLetterFilter): DeadLetterPage {
    const marks =
      platforms === null
        ? this.marks(null, reason, after)
        : platforms.flatMap((platform) => this.marks(platform, reason, after)).sort(newestFirst);
    const letters: DeadLetter[] = [];
    let bytes = 0;
    let last: DeadLetterMark | null = null;
    for (const { id, accepted_at: acceptedAt } of marks) {
      const found = this.text(id);
      if (last && (letters.length >= maxPageLetters || bytes + found.length > maxPageBytes))
        return { letters, next: last };
      letters.push(JSON.parse(found) as DeadLetter);
      bytes += found.length;
      last = { acceptedAt, id };
    }
    return { letters, next: null };
  }

  /** The accounts with dead letters of a reason, as far as they could be read; a step along the index each, however many letters. */
  accountsWaiting(reason: DeadLetterReason, limit: number): readonly WaitingAccount[] {
    const next = this.database.prepare<[string, string, string], WaitingAccount>(
      'SELECT platform, account FROM letters WHERE reason = ? AND (platform, account) > (?, ?) ORDER BY platform, account LIMIT 1',
    );
    const waiting: WaitingAccount[] = [];
    for (let one = next.get(reason, '', ''); one && waiting.push(one) < limit;)
      one = next.get(reason, one.platform, one.account);
    return waiting;
  }

  /** Ids of an account's dead letters of a reason, the oldest first. */
  idsOf({ platform, account }: WaitingAccount, reason: DeadLetterReason, limit: number): readonly string[] {
    return this.database
      .prepare<[string, string, string, number], { id: string }>(
        'SELECT id FROM letters WHERE reason = ? AND platform = ? AND account = ? ORDER BY accepted_at, id LIMIT ?',
      )
      .all(reason, platform, account, limit)
      .map(({ id }) => id);
  }

  close(): void {
    this.database.close();
  }

  /** Where the letters of one page and the one after it stand, newest first; all platforms' for null. */
  private marks(platform: string | null, reason: string | null, after: DeadLetterMark | null): MarkRow[] {
    const conditions: string[] = [];
    const values: (string | number)[] = [];
    const where = (condition: string, ...given: (string | number)[]): void => {
      conditions.push(condition);
      values.push(...given);
    };
    if (platform !== null) where('platform = ?', platform);
    if (reason !== null) where('reason = ?', reason);
    if (after) where('(accepted_at, id) < (?, ?)', after.acceptedAt, after.id);
    return this.database
      .prepare<(string | number)[], MarkRow>(
        `SELECT id, accepted_at FROM letters ${conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''} ORDER BY accepted_at DESC, id DESC LIMIT ${maxPageLetters + 1}`,
      )
      .all(...values);
  }

  private text(id: string): string {
    const row = this.database.prepare<[string], { letter: string }>('SELECT letter FROM letters WHERE id = ?').get(id);
    if (!row) throw new Error(`the index has lost the dead letter ${id}`);
    return row.letter;
  }

  private nextOffset(topic: string, partition: number): number {
    const row = this.database
      .prepare<[string, number], { next_offset: number }>(
        'SELECT next_offset FROM progress WHERE topic = ? AND partition = ?',
      )
      .get(topic, partition);
    return row?.next_offset ?? 0;
  }

  private apply(said: DeadLetterRecord): void {
    if (said.kind === 'dead-letter-part') this.putTogether(said);
    else if (said.kind === 'resolved') {
      this.database.prepare('DELETE FROM letters WHERE id = ?').run(said.id);
      this.dropParts(said.id);
    } else this.keep(said);
  }

  private keep(letter: DeadLetter): void {
    const { id, reason, platform, account, event } = letter;
    const acceptedAt = instantMs(letter.acceptedAt);
    this.database
      .prepare(
        'INSERT OR REPLACE INTO letters (id, accepted_at, occurred_at, platform, account, reason, letter) VALUES (?, ?, ?, ?, ?, ?, ?)',
      )
      .run(id, acceptedAt, occurredAtOf(event) ?? acceptedAt, platform, account, reason, JSON.stringify(letter));
    this.dropParts(id);
  }

  /** Keeps a part until all of its text are there; a text whose writer died half-way is written again, whole. */
  private putTogether({ id, digest, part, parts, text }: DeadLetterPart): void {
    this.database
      .prepare('INSERT OR REPLACE INTO parts (id, digest, part, text) VALUES (?, ?, ?, ?)')
      .run(id, digest, part, text);
    if (part !== parts) return;
    const texts = this.database
      .prepare<[string, string], { text: string }>('SELECT text FROM parts WHERE id = ? AND digest = ? ORDER BY part')
      .all(id, digest);
    if (texts.length !== parts) return;
    const letter = readDeadLetterText(texts.map((row) => row.text).join(''));
    if (letter?.kind === 'dead-letter' && letter.id === id) this.keep(letter);
  }

  private dropParts(id: string): void {
    this.database.prepare('DELETE FROM parts WHERE id = ?').run(id);
  }
}

function newestFirst(a: MarkRow, b: MarkRow): number {
  if (a.accepted_at !== b.accepted_at) return b.accepted_at - a.accepted_at;
  return a.id < b.id ? 1 : -1;
}

/** The event of a dead letter: parsed where it is JSON, else its text. */
export function eventOf(letter: DeadLetter): unknown {
  try {
    return JSON.parse(letter.event) as unknown;
  } catch {
    return letter.event;
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
