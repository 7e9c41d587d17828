import type { Database, Statement } from '@meterbook/runtime/sqlite';
import { add, isZero, toText, zero, type Decimal } from '@meterbook/domain/amount/decimal';
import type { AccountEvent } from '@meterbook/domain/account/events';
import { walletOf, type Posting } from '@meterbook/domain/entries/legs';
import { entriesOf, postingsOf } from '@meterbook/domain/entries/postings';
import { storedInstant } from '@meterbook/domain/time/instant';
import type { Position } from '@meterbook/event-store/event-store';
import type { BookedEvent, Fold, Projection } from '../projection';
import { lateSchema, LateEvents } from './late-events';
import { LineBook, type Opening } from './line-book';
import { controlOf, rollup, viewsOf, type Rollup } from './line-names';
import { occurredDay, shiftsSchema } from './line-shifts';
import { DAY_MS, type LineKey } from './line-state';
import { accountsSchema, OpenedAccounts } from './opened-accounts';
import { timedLinesAfter } from './timed-lines';
import { noParts, partEntriesOf, type PartEntry } from './wallet-part-legs';

/** Gross turnover per ledger account and commodity, answerable as of the start of every day. */
export const trialBalance: Projection = {
  name: 'trial-balance',
  layout: 6,
  schema: `
    CREATE TABLE lines (
      platform TEXT NOT NULL, ledger_account TEXT NOT NULL, commodity TEXT NOT NULL, line INTEGER NOT NULL,
      rollup INTEGER NOT NULL, day INTEGER NOT NULL, debit TEXT NOT NULL, credit TEXT NOT NULL, timed TEXT,
      PRIMARY KEY (platform, ledger_account, commodity)
    ) WITHOUT ROWID;
    CREATE INDEX control_lines ON lines (platform, ledger_account, commodity) WHERE rollup > 0;
    CREATE INDEX timed_lines ON lines (platform, ledger_account, commodity) WHERE timed IS NOT NULL;
    CREATE TABLE line_days (
      day INTEGER NOT NULL, line INTEGER NOT NULL, previous_day INTEGER, debit TEXT NOT NULL, credit TEXT NOT NULL, timed TEXT,
      PRIMARY KEY (day, line)
    ) WITHOUT ROWID;
    CREATE TABLE days (day INTEGER PRIMARY KEY, after_position TEXT NOT NULL, last_position TEXT NOT NULL);
    ${shiftsSchema}
    ${accountsSchema}
    ${lateSchema}`,
  tables: [
    { name: 'lines', key: ['platform', 'ledger_account', 'commodity'] },
    { name: 'line_days', key: ['day', 'line'] },
    { name: 'line_shifts', key: ['line', 'booked_day', 'quarter'] },
    { name: 'days', key: ['day'] },
    { name: 'accounts', key: ['platform', 'account'] },
    { name: 'late_events', key: ['number'] },
  ],
  open: (database) => new TrialBalanceFold(database),
};

/** Folds events into lines; with an opening, a book that goes on from there. */
export class TrialBalanceFold implements Fold {
  private readonly book: LineBook;
  private readonly opened: OpenedAccounts;
  private readonly late: LateEvents;
  private readonly saveDay: Statement<[number, string, string]>;
  private day: number;
  /** Where the day before the current one ended. */
  private dayBegan: Position | 'start';
  private lastPosition: Position | 'start';

  constructor(database: Database, opening?: Opening) {
    this.book = new LineBook(database, opening);
    this.opened = new OpenedAccounts(database);
    this.late = new LateEvents(database);
    // `after_position` is where the day before ended: reading the store from there shows the day's first event first.
    this.saveDay = database.prepare(
      `INSERT INTO days (day, after_position, last_position) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET last_position = excluded.last_position`,
    );
    const last = database
      .prepare<[], { day: number; began: Position | 'start'; lastPosition: Position }>(
        'SELECT day, after_position AS began, last_position AS lastPosition FROM days ORDER BY day DESC LIMIT 1',
      )
      .get();
    this.day = last?.day ?? -1;
    this.dayBegan = last?.began ?? 'start';
    this.lastPosition = last?.lastPosition ?? 'start';
    this.book.startDay(this.day);
  }

  take(booked: BookedEvent): void {
    const { platform, account, position, bookedAt, event } = booked;
    const legs = postingsOf(event, account);
    refuseImbalance(legs);
    const timedLines = timedLinesAfter(event, account, (ledgerAccount, commodity) =>
      this.book.timedOf({ platform, ledgerAccount, commodity }, rollup.lineOnly),
    );
    const parts = this.partsOf(booked);
    const day = Math.max(this.day, dayOf(bookedAt));
    const shifted = [
      ...occurredElsewhere(event, account, day),
      ...parts.filter(({ occurredAtMs }) => occurredDay(occurredAtMs) !== day),
    ];
    this.late.take(booked);
    // Whatever makes no sense has been refused by now: from here on the event changes lines.
    this.opened.take(booked);
    this.reach(bookedAt);
    eachLine(platform, legs, (key, view, amount) => this.book.post(key, view, amount));
    for (const part of parts) eachLine(platform, part.legs, (key, view, amount) => this.book.post(key, view, amount));
    for (const { occurredAtMs, legs } of shifted)
      eachLine(platform, legs, (key, view, amount) => this.book.shift(key, view, occurredAtMs, amount));
    for (const { ledgerAccount, commodity, items } of timedLines)
      this.book.setTimed({ platform, ledgerAccount, commodity }, rollup.lineOnly, items);
    this.lastPosition = position;
  }

  write(): void {
    if (this.day >= 0) this.saveDay.run(this.day, this.dayBegan, this.lastPosition);
    this.book.write();
    this.opened.write();
    this.late.write();
  }

  /** What it moves of the parts of a wallet. A recharge is paid for. */
  private partsOf({ platform, account, event }: BookedEvent): readonly PartEntry[] {
    if (!('wallet' in event) || event.type === 'WalletRecharged') return noParts;
    const key = { platform, ledgerAccount: walletOf(account), commodity: event.currency };
    return partEntriesOf(event, account, this.book.timedOf(key, rollup.lineOnly));
  }

  private reach(bookedAt: number): void {
    const day = dayOf(bookedAt);
    if (day <= this.day) return;
    if (this.day >= 0) this.saveDay.run(this.day, this.dayBegan, this.lastPosition);
    this.day = day;
    this.dayBegan = this.lastPosition;
    this.book.startDay(day);
  }
}

/** The lines that legs are booked on: an account's own with the control line that it adds up to, and each that is its own. */
export function eachLine(
  platform: string,
  legs: readonly Posting[],
  book: (key: LineKey, view: Rollup, amount: Decimal) => void,
): void {
  for (const { ledgerAccount, commodity, amount } of legs) {
    const control = controlOf(ledgerAccount);
    book({ platform, ledgerAccount, commodity }, viewsOf(ledgerAccount, control), amount);
    if (control !== undefined) book({ platform, ledgerAccount: control, commodity }, rollup.controlOnly, amount);
  }
}

function dayOf(bookedAt: number): number {
  return Math.floor(bookedAt / DAY_MS);
}

const nothingShifted: readonly PartEntry[] = [];

/** What of an event occurred on another day than that of its booking, charge by charge. */
function occurredElsewhere(event: AccountEvent, account: string, day: number): readonly PartEntry[] {
  if (event.type !== 'UsageCharged') {
    if (!('wallet' in event) || occurredDay(storedInstant(event.occurredAt)) === day) return nothingShifted;
  } else if (event.charges.every(({ occurredAt }) => occurredDay(storedInstant(occurredAt)) === day))
    return nothingShifted;
  return entriesOf(event, account)
    .map(({ occurredAt, legs }) => ({ occurredAtMs: storedInstant(occurredAt), legs }))
    .filter(({ occurredAtMs }) => occurredDay(occurredAtMs) !== day);
}

/** Throws where legs are no entry: the total of the books is zero after every event, whatever stands in it. */
function refuseImbalance(legs: readonly Posting[]): void {
  const sums = new Map<string, Decimal>();
  for (const { ledgerAccount, commodity, amount } of legs) {
    if (typeof ledgerAccount !== 'string' || typeof commodity !== 'string')
      throw new Error('its entry names no commodity');
    sums.set(commodity, add(sums.get(commodity) ?? zero, amount));
  }
  for (const [commodity, sum] of sums)
    if (!isZero(sum)) throw new Error(`its entry is off by ${toText(sum)} ${commodity}`);
}
