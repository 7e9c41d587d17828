import type { Database, Statement } from 'better-sqlite3';
import { postingsOf, walletOf } from '@meterbook/domain/entries/postings';
import type { Position } from '@meterbook/event-store/event-store';
import type { BookedEvent, Fold, Projection } from '../projection';
import { lotsAfter } from './expiring-lots';
import { LineBook, type Opening } from './line-book';
import { controlOf, rollup } from './line-names';
import { dayMs } from './line-state';

/** Gross turnover per ledger account and commodity, answerable as of the start of every day. */
export const trialBalance: Projection = {
  name: 'trial-balance',
  layout: 2,
  schema: `
    CREATE TABLE lines (
      platform TEXT NOT NULL, ledger_account TEXT NOT NULL, commodity TEXT NOT NULL, line INTEGER NOT NULL,
      rollup INTEGER NOT NULL, day INTEGER NOT NULL, debit TEXT NOT NULL, credit TEXT NOT NULL, lots TEXT,
      PRIMARY KEY (platform, ledger_account, commodity)
    ) WITHOUT ROWID;
    CREATE INDEX control_lines ON lines (platform, ledger_account, commodity) WHERE rollup > 0;
    CREATE INDEX expiring_lines ON lines (platform, ledger_account, commodity) WHERE lots IS NOT NULL;
    CREATE TABLE line_days (
      day INTEGER NOT NULL, line INTEGER NOT NULL, previous_day INTEGER, debit TEXT NOT NULL, credit TEXT NOT NULL, lots TEXT,
      PRIMARY KEY (day, line)
    ) WITHOUT ROWID;
    CREATE TABLE days (day INTEGER PRIMARY KEY, after_position TEXT NOT NULL, last_position TEXT NOT NULL);`,
  tables: [
    { name: 'lines', key: ['platform', 'ledger_account', 'commodity'] },
    { name: 'line_days', key: ['day', 'line'] },
    { name: 'days', key: ['day'] },
  ],
  open: (database) => new TrialBalanceFold(database),
};

/** Folds events into lines; with an opening, a book that goes on from there. */
export class TrialBalanceFold implements Fold {
  private readonly book: LineBook;
  private readonly saveDay: Statement<[number, string, string]>;
  private day: number;
  private lastPosition: Position | 'start';

  constructor(database: Database, opening?: Opening) {
    this.book = new LineBook(database, opening);
    // `after_position` is where the day before ended: reading the store from there shows the day's first event first.
    this.saveDay = database.prepare(
      `INSERT INTO days (day, after_position, last_position) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET last_position = excluded.last_position`,
    );
    const last = database
      .prepare<[], { day: number; lastPosition: Position }>(
        'SELECT day, last_position AS lastPosition FROM days ORDER BY day DESC LIMIT 1',
      )
      .get();
    this.day = last?.day ?? -1;
    this.lastPosition = last?.lastPosition ?? 'start';
    this.book.startDay(this.day);
  }

  fold(events: readonly BookedEvent[]): void {
    let dayBegan = this.lastPosition;
    for (const booked of events) {
      const day = Math.floor(booked.bookedAt / dayMs);
      if (day > this.day) {
        if (this.day >= 0) this.saveDay.run(this.day, dayBegan, this.lastPosition);
        this.day = day;
        dayBegan = this.lastPosition;
        this.book.startDay(day);
      }
      this.take(booked);
      this.lastPosition = booked.position;
    }
    if (events.length > 0) this.saveDay.run(this.day, dayBegan, this.lastPosition);
    this.book.write();
  }

  private take({ platform, account, event }: BookedEvent): void {
    for (const { ledgerAccount, commodity, amount } of postingsOf(event, account)) {
      const control = controlOf(ledgerAccount);
      this.book.post(
        { platform, ledgerAccount, commodity },
        control === undefined ? rollup.both : rollup.lineOnly,
        amount,
      );
      if (control !== undefined)
        this.book.post({ platform, ledgerAccount: control, commodity }, rollup.controlOnly, amount);
    }
    if (!('currency' in event) || event.type === 'AccountOpened' || event.type === 'WalletRecharged') return;
    const wallet = { platform, ledgerAccount: walletOf(account), commodity: event.currency };
    this.book.changeLots(wallet, rollup.lineOnly, (lots) => lotsAfter(lots, event));
  }
}
