import { accountPrefix } from '@meterbook/books/stream-kinds';
import { decodeAccountEvent } from '@meterbook/books/account-event';
import { storedInstant } from '@meterbook/domain/time/instant';
import { MAX_AHEAD_MS } from '@meterbook/domain/usage/age-window';
import { comparePositions, type EventStore, type Position, type StoredEvent } from '@meterbook/event-store/event-store';
import { openDatabase, type Database, type Statement } from '@meterbook/runtime/sqlite';

/** Accounts that are noted in memory before they are written to the index; some hundred bytes each. */
const MAX_ACCOUNTS_IN_MEMORY = 20_000;
/** Page cache of the index, KiB. */
const CACHE_KIB = 16_384;
/** Accounts that are read from the index at a time. */
const ACCOUNTS_AT_ONCE = 500;
/** Usage may be dated ahead of its acceptance, and clocks may differ: what was booked so long before an instant occurred before it. */
const BOOKED_BEFORE_MS = 2 * MAX_AHEAD_MS;

/** An account with something to decide again. */
export interface AccountToDecide {
  readonly account: string;
  /** Revision of its first event that occurred since the beginning. */
  readonly first: number;
  /** How many events follow from there on. */
  readonly events: number;
  readonly inSpan: boolean;
}

interface Noted {
  first: number;
  last: number;
  inSpan: boolean;
}

export interface Span {
  readonly platform: string;
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
}

/**
 * Where each account's events begin that occurred since an instant, and which of its charges are reversed later: one pass over the
 * store, up to a position. It stands in a file of nobody, so that memory does not grow with the number of accounts.
 */
export class SpanIndex {
  private readonly database: Database = openDatabase('');
  private readonly noteAccount: Statement<[string, number, number, number]>;
  private readonly noteReversal: Statement<[string, number, number]>;
  private noted = new Map<string, Noted>();
  private reversals: [account: string, revision: number, index: number][] = [];

  private constructor(private readonly span: Span) {
    this.database.pragma('journal_mode = OFF');
    this.database.pragma(`cache_size = -${CACHE_KIB}`);
    this.database.exec(`
      CREATE TABLE accounts (
        account TEXT PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL, in_span INTEGER NOT NULL
      ) WITHOUT ROWID;
      CREATE TABLE reversals (account TEXT, revision INTEGER, place INTEGER, PRIMARY KEY (account, revision, place)) WITHOUT ROWID;`);
    this.noteAccount = this.database.prepare(
      `INSERT INTO accounts VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET
       first = min(first, excluded.first), last = max(last, excluded.last), in_span = max(in_span, excluded.in_span)`,
    );
    this.noteReversal = this.database.prepare('INSERT OR IGNORE INTO reversals VALUES (?, ?, ?)');
  }

  /** Reads the store up to a position. Streams that cannot be read are left as far as they could. */
  static async read(store: EventStore, span: Span, end: Position): Promise<SpanIndex> {
    const index = new SpanIndex(span);
    const prefix = `${accountPrefix}${span.platform}/`;
    const done = new AbortController();
    try {
      for await (const batch of store.subscribe([prefix], 'start', done.signal)) {
        for (const event of batch.events)
          if (comparePositions(event.position, end) <= 0) index.note(event.stream.slice(prefix.length), event);
        for (const { stream } of batch.damaged) index.noteDamaged(stream.slice(prefix.length));
        if (batch.caughtUp || comparePositions(batch.position, end) >= 0) break;
      }
    } finally {
      done.abort();
    }
    index.write();
    return index;
  }

  /** How many accounts had something in the span. */
  get accountsInSpan(): number {
    return this.number('SELECT count(*) AS number FROM accounts WHERE in_span = 1');
  }

  /** Events that are to be decided again. */
  get events(): number {
    return this.number('SELECT coalesce(sum(last - first + 1), 0) AS number FROM accounts');
  }

  /** Every account with something to decide, by name. */
  *accounts(): Iterable<AccountToDecide> {
    const some = this.database.prepare<[string, number], AccountRow>(
      'SELECT account, first, last, in_span FROM accounts WHERE account > ? ORDER BY account LIMIT ?',
    );
    for (let last = ''; ;) {
      const rows = some.all(last, ACCOUNTS_AT_ONCE);
      for (const { account, first, last: lastRevision, in_span } of rows)
        yield { account, first, events: lastRevision - first + 1, inSpan: in_span === 1 };
      const end = rows.at(-1);
      if (!end) return;
      last = end.account;
    }
  }

  /** Whether a charge of an account is reversed later on, by revision and index. */
  reversedOf(account: string): (revision: number, index: number) => boolean {
    const rows = this.database
      .prepare<[string], { revision: number; place: number }>('SELECT revision, place FROM reversals WHERE account = ?')
      .all(account);
    const known = new Set(rows.map(({ revision, place }) => `${revision}/${place}`));
    return (revision, index) => known.has(`${revision}/${index}`);
  }

  close(): void {
    this.database.close();
  }

  private note(account: string, stored: StoredEvent): void {
    if (stored.bookedAt < this.span.from - BOOKED_BEFORE_MS) return;
    const { reversed, occurred } = readFrom(stored);
    if (reversed) this.reversals.push([account, reversed.revision, reversed.index]);
    const isSince = occurred.some((atMs) => atMs >= this.span.from);
    const inSpan = occurred.some((atMs) => atMs >= this.span.from && atMs < this.span.to);
    const known = this.noted.get(account);
    if (known) {
      known.last = stored.revision;
      if (isSince) known.first = Math.min(known.first, stored.revision);
      known.inSpan ||= inSpan;
    } else if (isSince || this.isWritten(account)) {
      // Where it began is written already, unless it begins here.
      const first = isSince ? stored.revision : Number.MAX_SAFE_INTEGER;
      this.add(account, { first, last: stored.revision, inSpan });
    }
  }

  /** Whoever decides it finds out that it cannot be read. */
  private noteDamaged(account: string): void {
    if (!this.noted.has(account) && !this.isWritten(account)) this.add(account, { first: 0, last: 0, inSpan: false });
  }

  private add(account: string, noted: Noted): void {
    this.noted.set(account, noted);
    if (this.noted.size >= MAX_ACCOUNTS_IN_MEMORY) this.write();
  }

  private isWritten(account: string): boolean {
    return this.database.prepare('SELECT 1 FROM accounts WHERE account = ?').get(account) !== undefined;
  }

  private write(): void {
    this.database.transaction(() => {
      for (const [account, { first, last, inSpan }] of this.noted)
        this.noteAccount.run(account, first, last, inSpan ? 1 : 0);
      for (const [account, revision, index] of this.reversals) this.noteReversal.run(account, revision, index);
    })();
    this.noted = new Map();
    this.reversals = [];
  }

  private number(query: string): number {
    return this.database.prepare<[], { number: number }>(query).get()?.number ?? 0;
  }
}

interface AccountRow {
  readonly account: string;
  readonly first: number;
  readonly last: number;
  readonly in_span: number;
}

interface Read {
  readonly reversed?: { readonly revision: number; readonly index: number };
  /** When what it tells of occurred, milliseconds since 1970. */
  readonly occurred: readonly number[];
}

/** What an event says of when it occurred. One that makes no sense may be of any time: whoever decides its account finds it. */
function readFrom(stored: StoredEvent): Read {
  try {
    const event = decodeAccountEvent(stored);
    if (event.type === 'UsageCharged')
      return { occurred: event.charges.map(({ occurredAt }) => storedInstant(occurredAt)) };
    const occurred = [storedInstant(event.occurredAt)];
    return event.type === 'UsageReversed' ? { reversed: event.charge, occurred } : { occurred };
  } catch {
    return { occurred: [Infinity] };
  }
}
