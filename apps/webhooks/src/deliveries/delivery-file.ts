import type { Database, Statement } from '@meterbook/runtime/sqlite';
import type { Position } from '@meterbook/event-store/event-store';
import { openDeliveries } from './delivery-schema';

/** What is kept of deliveries that have ended, milliseconds. */
export const KEEP_ENDED_MS = 7 * 86_400_000;
/** Rows that one call of `forget` takes away. */
const MAX_FORGOTTEN = 5_000;

const DELIVERED = 1;
const FAILED = 2;

/** A message for one endpoint that is to be queued. */
export interface NewDelivery {
  /** `endpointKey`. */
  readonly endpoint: string;
  /** Whose order it keeps. */
  readonly account: string;
  readonly id: string;
  readonly type: string;
  readonly body: string;
}

export interface WaitingDelivery extends NewDelivery {
  readonly seq: number;
  readonly attempts: number;
}

/** How an account's deliveries to an endpoint fail; instants are milliseconds since 1970. */
export interface HeldBack {
  readonly firstAt: number;
  readonly nextAt: number;
  readonly failures: number;
}

/** Where an account stood to an endpoint's threshold when it was looked at last. */
export interface LowMark {
  readonly isLow: boolean;
  /** When time alone may change it, milliseconds since 1970; null where nothing does. */
  readonly changesAt: number | null;
}

export interface LowRow {
  readonly endpoint: string;
  readonly account: string;
  /** 1 where it is. */
  readonly isLow: number;
  readonly changesAt: number;
}

/** When an account's last paid period ends. */
export interface PeriodEnd {
  /** `{platform}/{account}`. */
  readonly account: string;
  readonly revision: number;
  readonly endsAt: number;
  readonly dueAt: number;
}

/** Deliveries whose order is nobody's: what was asked for by hand. No account's name begins like that. */
export const BESIDE_ORDER = '*';

/** The queue of deliveries and how far the store was read, in one disposable file. This is the side of its one writer. */
export class DeliveryFile {
  private readonly statements: ReturnType<typeof prepared>;

  private constructor(private readonly database: Database) {
    this.statements = prepared(database);
  }

  /** Opens the file, or makes it; see `openDeliveries`. */
  static open(...parts: Parameters<typeof openDeliveries>): DeliveryFile {
    return new DeliveryFile(openDeliveries(...parts));
  }

  progress(): { readonly position: Position | 'start'; readonly since: number } {
    return this.statements.progress.get() ?? { position: 'start', since: 0 };
  }

  /** Everything before this position in the store is queued. */
  moveTo(position: Position | 'start'): void {
    this.statements.move.run(position);
  }

  /** Does it all or nothing. */
  together(work: () => void): void {
    this.database.transaction(work)();
  }

  /** Queues what is new; what is queued already is left as it is. */
  queue({ endpoint, account, id, type, body }: NewDelivery, nowMs: number): void {
    this.statements.queue.run(endpoint, account, id, type, body, nowMs);
  }

  /** Every endpoint that something waits for. */
  waitingEndpoints(): readonly string[] {
    return this.statements.endpoints.all().map(({ endpoint }) => endpoint);
  }

  waitingCount(): number {
    return this.statements.count.get()?.waiting ?? 0;
  }

  /** Whether at least so many wait for an endpoint. */
  hasWaiting(endpoint: string, count: number): boolean {
    return this.statements.nth.get(endpoint, count - 1) !== undefined;
  }

  /** What was asked for by hand comes first. */
  nextBesideOrder(endpoint: string): WaitingDelivery | undefined {
    return this.statements.beside.get(endpoint);
  }

  /** The first delivery that waits and whose account is not held back at an instant. */
  nextDue(endpoint: string, nowMs: number): WaitingDelivery | undefined {
    return this.statements.due.get(endpoint, nowMs);
  }

  /** When the first account that is held back may be tried again; undefined where none is. */
  nextTry(endpoint: string): number | undefined {
    return this.statements.nextTry.get(endpoint)?.nextAt ?? undefined;
  }

  heldBack(endpoint: string, account: string): HeldBack | undefined {
    return this.statements.held.get(endpoint, account);
  }

  /** Taken by its receiver. */
  delivered({ seq, endpoint, account }: WaitingDelivery, status: number | null, nowMs: number): void {
    this.together(() => {
      this.statements.end.run(DELIVERED, nowMs, status, null, seq);
      this.statements.letGo.run(endpoint, account);
    });
  }

  /** To be tried again: all of its account waits with it. */
  holdBack({ seq, endpoint, account }: WaitingDelivery, held: HeldBack, status: number | null, error: string): void {
    this.together(() => {
      this.statements.attempt.run(status, error, seq);
      this.statements.hold.run(endpoint, account, held.firstAt, held.nextAt, held.failures);
    });
  }

  /** Not to be tried again; the account goes on with what comes after it. */
  giveUp({ seq, endpoint, account }: WaitingDelivery, status: number | null, error: string, nowMs: number): void {
    this.together(() => {
      this.statements.end.run(FAILED, nowMs, status, error, seq);
      this.statements.letGo.run(endpoint, account);
    });
  }

  /** Gives up everything that waits for an endpoint. */
  giveUpAll(endpoint: string, error: string, nowMs: number): void {
    this.together(() => {
      this.statements.endAll.run(FAILED, nowMs, error, endpoint);
      this.statements.letGoAll.run(endpoint);
    });
  }

  /** Forgets how deliveries to an endpoint failed: they are due at once. */
  letGo(endpoint: string): void {
    this.statements.letGoAll.run(endpoint);
  }

  /** Puts a delivery that has ended beside the order of its account, to be sent once more; one that waits is tried at once. */
  sendAgain(endpoint: string, id: string): void {
    const ended = this.statements.again.run(endpoint, id).changes;
    if (ended === 0) this.statements.tryNow.run(endpoint, endpoint, id);
  }

  /** All of an endpoint that was removed. */
  remove(endpoint: string): void {
    this.together(() => {
      for (const table of ['deliveries', 'held_back', 'low', 'learned', 'behind'])
        this.database.prepare(`DELETE FROM ${table} WHERE endpoint = ?`).run(endpoint);
    });
  }

  /** Takes away what ended long ago; true where there may be more of it. */
  forget(nowMs: number): boolean {
    return this.statements.forget.run(nowMs - KEEP_ENDED_MS, MAX_FORGOTTEN).changes === MAX_FORGOTTEN;
  }

  /** Undefined where the account was never looked at. */
  lowMark(endpoint: string, account: string): LowMark | undefined {
    const row = this.statements.low.get(endpoint, account);
    return row && { isLow: row.isLow === 1, changesAt: row.changesAt };
  }

  setLow(endpoint: string, account: string, { isLow, changesAt }: LowMark): void {
    this.statements.setLow.run(endpoint, account, isLow ? 1 : 0, changesAt);
  }

  lowsDue(nowMs: number, limit: number): readonly LowRow[] {
    return this.statements.lowsDue.all(nowMs, limit);
  }

  /** Whether the periods were found that had been paid before the endpoint asked for them. */
  isLearned(endpoint: string): boolean {
    return this.statements.learned.get(endpoint) !== undefined;
  }

  setLearned(endpoint: string): void {
    this.statements.setLearned.run(endpoint);
  }

  /** Endpoints for which so much waits that nothing more is queued, each with the place up to which all is. */
  behind(): readonly { readonly endpoint: string; readonly position: Position | 'start' }[] {
    return this.statements.behind.all();
  }

  setBehind(endpoint: string, position: Position | 'start'): void {
    this.statements.setBehind.run(endpoint, position);
  }

  dropBehind(endpoint: string): void {
    this.statements.dropBehind.run(endpoint);
  }

  setPeriod({ account, revision, endsAt, dueAt }: PeriodEnd): void {
    this.statements.setPeriod.run(account, revision, endsAt, dueAt);
  }

  periodsDue(nowMs: number, limit: number): readonly PeriodEnd[] {
    return this.statements.periodsDue.all(nowMs, limit);
  }

  /** Forgets a period; one that was paid since, and has taken its place, stays. */
  dropPeriod({ account, revision }: PeriodEnd): void {
    this.statements.dropPeriod.run(account, revision);
  }

  close(): void {
    this.database.close();
  }
}

const waiting =
  'SELECT seq, endpoint, account, id, type, body, attempts FROM deliveries WHERE endpoint = ? AND state = 0';

type Statements = Statement;

function prepared(database: Database) {
  const change = (sql: string): Statements => database.prepare(sql);
  return {
    progress: database.prepare<[], { position: Position | 'start'; since: number }>(
      'SELECT position, since FROM progress',
    ),
    move: change('UPDATE progress SET position = ?'),
    queue: change(
      'INSERT OR IGNORE INTO deliveries (endpoint, account, id, type, body, queued_at) VALUES (?, ?, ?, ?, ?, ?)',
    ),
    endpoints: database.prepare<[], { endpoint: string }>('SELECT DISTINCT endpoint FROM deliveries WHERE state = 0'),
    count: database.prepare<[], { waiting: number }>('SELECT count(*) AS waiting FROM deliveries WHERE state = 0'),
    nth: database.prepare<[string, number], { seq: number }>(
      'SELECT seq FROM deliveries WHERE endpoint = ? AND state = 0 LIMIT 1 OFFSET ?',
    ),
    beside: database.prepare<[string], WaitingDelivery>(`${waiting} AND account LIKE '*%' ORDER BY seq LIMIT 1`),
    due: database.prepare<[string, number], WaitingDelivery>(
      `${waiting} AND account NOT LIKE '*%' AND NOT EXISTS (SELECT 1 FROM held_back AS held
       WHERE held.endpoint = deliveries.endpoint AND held.account = deliveries.account AND held.next_at > ?)
       ORDER BY seq LIMIT 1`,
    ),
    nextTry: database.prepare<[string], { nextAt: number | null }>(
      'SELECT min(next_at) AS nextAt FROM held_back WHERE endpoint = ?',
    ),
    held: database.prepare<[string, string], HeldBack>(
      'SELECT first_at AS firstAt, next_at AS nextAt, failures FROM held_back WHERE endpoint = ? AND account = ?',
    ),
    end: change(
      'UPDATE deliveries SET state = ?, attempts = attempts + 1, ended_at = ?, status = ?, error = ? WHERE seq = ?',
    ),
    endAll: change('UPDATE deliveries SET state = ?, ended_at = ?, error = ? WHERE endpoint = ? AND state = 0'),
    attempt: change('UPDATE deliveries SET attempts = attempts + 1, status = ?, error = ? WHERE seq = ?'),
    hold: change(
      `INSERT INTO held_back VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
       first_at = excluded.first_at, next_at = excluded.next_at, failures = excluded.failures`,
    ),
    letGo: change('DELETE FROM held_back WHERE endpoint = ? AND account = ?'),
    letGoAll: change('DELETE FROM held_back WHERE endpoint = ?'),
    again: change(
      `UPDATE deliveries SET state = 0, account = '${BESIDE_ORDER}' || id, ended_at = NULL
       WHERE endpoint = ? AND id = ? AND state <> 0`,
    ),
    tryNow: change(
      `UPDATE held_back SET next_at = 0 WHERE endpoint = ? AND account =
       (SELECT account FROM deliveries WHERE endpoint = ? AND id = ? AND state = 0)`,
    ),
    forget: change(
      'DELETE FROM deliveries WHERE seq IN (SELECT seq FROM deliveries WHERE state <> 0 AND ended_at < ? LIMIT ?)',
    ),
    low: database.prepare<[string, string], { isLow: number; changesAt: number | null }>(
      'SELECT is_low AS isLow, changes_at AS changesAt FROM low WHERE endpoint = ? AND account = ?',
    ),
    lowsDue: database.prepare<[number, number], LowRow>(
      `SELECT endpoint, account, is_low AS isLow, changes_at AS changesAt FROM low
       WHERE changes_at IS NOT NULL AND changes_at <= ? ORDER BY changes_at LIMIT ?`,
    ),
    setLow: change(
      `INSERT INTO low VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET
       is_low = excluded.is_low, changes_at = excluded.changes_at`,
    ),
    learned: database.prepare<[string], { endpoint: string }>('SELECT endpoint FROM learned WHERE endpoint = ?'),
    setLearned: change('INSERT OR IGNORE INTO learned VALUES (?)'),
    behind: database.prepare<[], { endpoint: string; position: Position | 'start' }>(
      'SELECT endpoint, position FROM behind',
    ),
    setBehind: change('INSERT INTO behind VALUES (?, ?) ON CONFLICT DO UPDATE SET position = excluded.position'),
    dropBehind: change('DELETE FROM behind WHERE endpoint = ?'),
    setPeriod: change(
      `INSERT INTO periods VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET revision = excluded.revision,
       ends_at = excluded.ends_at, due_at = excluded.due_at WHERE excluded.revision >= periods.revision`,
    ),
    periodsDue: database.prepare<[number, number], PeriodEnd>(
      'SELECT account, revision, ends_at AS endsAt, due_at AS dueAt FROM periods WHERE due_at <= ? ORDER BY due_at LIMIT ?',
    ),
    dropPeriod: change('DELETE FROM periods WHERE account = ? AND revision = ?'),
  };
}
