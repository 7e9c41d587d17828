import { takenBy } from '@meterbook/domain/entries/timed-items';
import { openDatabase, type Database, type Statement } from '@meterbook/runtime/sqlite';
import type { StoredEvent } from '@meterbook/event-store/event-store';
import { namesOf, toBooked } from '../projections/booked-event';
import { StoredLines } from '../projections/trial-balance/read-lines';
import { trialBalance, TrialBalanceFold } from '../projections/trial-balance/trial-balance';
import { DerivedTotals, withDerived, type TrialBalanceLine } from '../reports/trial-balance/derived-lines';
import type { StreamHead } from '../closings/stream-heads';

const headsSchema = `
  CREATE TABLE heads (platform TEXT NOT NULL, account TEXT NOT NULL, revision INTEGER NOT NULL, hash TEXT NOT NULL,
    PRIMARY KEY (platform, account)) WITHOUT ROWID;`;

/** The books as the events up to some moment make them: every line, and how far every stream goes. They stand in a scratch file. */
export class BooksThen {
  private readonly scratch: Database = openDatabase('');
  private readonly fold: TrialBalanceFold;
  private readonly saveHead: Statement<[string, string, number, string]>;
  private heads = new Map<string, { readonly revision: number; readonly hash: string }>();
  /** Streams that are told of elsewhere: what they booked before counts, as in the projections. */
  private readonly unreadable = new Set<string>();

  private readonly damaged = new Set<string>();

  constructor() {
    this.scratch.exec(trialBalance.schema + headsSchema);
    this.fold = new TrialBalanceFold(this.scratch);
    this.saveHead = this.scratch.prepare(
      'INSERT INTO heads VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET revision = excluded.revision, hash = excluded.hash',
    );
  }

  /** A stream that cannot be read any more: how far it went is not known. */
  noteDamage(stream: string): void {
    this.damaged.add(stream);
  }

  isDamaged(stream: string): boolean {
    return this.damaged.has(stream);
  }

  take(stored: StoredEvent): void {
    const { stream, revision, hash } = stored;
    this.heads.set(stream, { revision, hash });
    if (this.unreadable.has(stream)) return;
    try {
      this.fold.take(toBooked(stored));
    } catch {
      this.unreadable.add(stream);
    }
  }

  /** Before anything is asked, and now and then. */
  write(): void {
    this.scratch.transaction(() => {
      this.fold.write();
      for (const [stream, { revision, hash }] of this.heads) {
        const { platform, account } = namesOf(stream);
        this.saveHead.run(platform, account, revision, hash);
      }
    })();
    this.heads = new Map();
  }

  /** The lines of a platform's trial balance, what time alone has changed by an instant included. */
  *balanceAt(platform: string, atMs: number): Iterable<TrialBalanceLine> {
    const lines = new StoredLines(this.scratch, platform, null);
    const derived = new DerivedTotals(takenBy, atMs);
    for (const line of lines.timed()) derived.take(line);
    yield* withDerived(lines.lines('lines'), derived);
  }

  /** The heads of a platform's streams, by account. */
  headsOf(platform: string): Iterable<StreamHead> {
    return this.scratch
      .prepare<[string], StreamHead>('SELECT account, revision, hash FROM heads WHERE platform = ? ORDER BY account')
      .iterate(platform);
  }

  close(): void {
    this.scratch.close();
  }
}
