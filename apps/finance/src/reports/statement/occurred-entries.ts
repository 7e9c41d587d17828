import { openDatabase, type Database, type Statement } from '@meterbook/runtime/sqlite';
import type { AccountEvent } from '@meterbook/domain/account/events';
import type { Posting } from '@meterbook/domain/entries/legs';
import { entriesOf, inLedgerOrder } from '@meterbook/domain/entries/postings';
import { formatInstant } from '@meterbook/domain/time/instant';
import type { StoredEvent } from '@meterbook/event-store/event-store';
import { kinds, type OccurredPlace } from './occurred-place';
import type { StatementEntry } from './statement-fold';

/** Entries beyond those that are wanted, after which they are thrown away. */
const MAX_SPARE_ENTRIES = 10_000;

/** An entry that was booked, at its place. */
export interface OccurredEntry {
  readonly place: OccurredPlace;
  readonly booked: NonNullable<StatementEntry['booked']>;
  readonly occurredAt: string;
  readonly bookedAt: string;
  readonly legs: readonly Posting[];
}

interface Row {
  readonly at: number;
  readonly revision: number;
  readonly index: number;
  readonly bookedAt: number;
  readonly position: string;
  readonly event: string;
}

/**
 * Puts an account's entries in the order in which they occurred, however many there are: in a file of its own that goes away with
 * it. Where only the first so many are wanted it keeps little more than those.
 */
export class OccurredEntries {
  private readonly database: Database;
  private readonly insert: Statement<[number, number, number, number, string, string]>;
  private spare = 0;

  constructor(
    private readonly account: string,
    private readonly limit: number,
  ) {
    this.database = openDatabase('');
    this.database.exec(
      `CREATE TABLE entries (
         occurred_at INTEGER NOT NULL, revision INTEGER NOT NULL, place INTEGER NOT NULL,
         booked_at INTEGER NOT NULL, position TEXT NOT NULL, event TEXT NOT NULL, PRIMARY KEY (occurred_at, revision, place)
       ) WITHOUT ROWID`,
    );
    this.insert = this.database.prepare('INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?)');
  }

  /** Of a batch each charge is added for itself, in the shape of a batch of one. */
  add({ at, revision, index }: OccurredPlace, stored: StoredEvent, event: AccountEvent): void {
    this.insert.run(at, revision, index, stored.bookedAt, stored.position, JSON.stringify(event));
    this.spare += 1;
    if (this.spare < this.limit + MAX_SPARE_ENTRIES) return;
    this.database
      .prepare(
        `DELETE FROM entries WHERE (occurred_at, revision, place) >
         (SELECT occurred_at, revision, place FROM entries ORDER BY occurred_at, revision, place LIMIT 1 OFFSET ?)`,
      )
      .run(this.limit);
    this.spare = 0;
  }

  /** In the order in which they occurred. */
  *list(): Iterable<OccurredEntry> {
    const rows = this.database.prepare<[], Row>(
      `SELECT occurred_at AS at, revision, place AS "index", booked_at AS bookedAt, position, event FROM entries
       ORDER BY occurred_at, revision, place`,
    );
    for (const row of rows.iterate()) yield this.entryOf(row);
  }

  close(): void {
    this.database.close();
  }

  private entryOf({ at, revision, index, bookedAt, position, event: text }: Row): OccurredEntry {
    const event = JSON.parse(text) as AccountEvent;
    const [entry] = entriesOf(event, this.account);
    return {
      place: { at, kind: kinds.booked, revision, index },
      booked: { stored: { revision, position }, event, charge: entry?.charge ?? null },
      occurredAt: entry?.occurredAt ?? formatInstant(at),
      bookedAt: formatInstant(bookedAt),
      legs: inLedgerOrder(entry?.legs ?? []),
    };
  }
}
