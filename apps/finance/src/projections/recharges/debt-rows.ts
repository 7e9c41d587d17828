import type { Database, Statement } from '@meterbook/runtime/sqlite';
import { add, decimal, isZero, toText, zero, type Decimal } from '@meterbook/domain/amount/decimal';
import { moveMoney, type MoneyBook } from '@meterbook/domain/entries/lot-moves';
import type { Lot } from '@meterbook/domain/account/wallet/wallet';
import { storedInstant } from '@meterbook/domain/time/instant';
import type { BookedEvent } from '../projection';

export const debtsSchema = `
  CREATE TABLE debts (
    platform TEXT NOT NULL, account TEXT NOT NULL, revision INTEGER NOT NULL, place INTEGER NOT NULL, kind TEXT NOT NULL,
    booked INTEGER NOT NULL, occurred INTEGER NOT NULL, amount TEXT NOT NULL, of_revision INTEGER, of_place INTEGER,
    PRIMARY KEY (platform, account, revision, place)
  ) WITHOUT ROWID;`;

export const debtsTable = { name: 'debts', key: ['platform', 'account', 'revision', 'place'] };

/** What was owed from then on, or was owed no more. Instants are milliseconds since 1970. */
export interface DebtRow {
  readonly account: string;
  readonly revision: number;
  /** Of a charge its place in its batch; of all else in its event. */
  readonly place: number;
  /** `settled` and `forgiven` are owed no more: by payment or written off, or since a charge was reversed. */
  readonly kind: 'owed' | 'settled' | 'forgiven';
  readonly booked: number;
  readonly occurred: number;
  readonly amount: string;
  /** Of what is forgiven the charge, by revision and place in its batch; null for all else. */
  readonly ofRevision: number | null;
  readonly ofPlace: number | null;
}

type Debt = DebtRow & { readonly platform: string };

/** Keeps what every account came to owe, and what became of it: a row each. An account that never owed anything has none. */
export class DebtRows {
  private readonly insert: Statement<
    [string, string, number, number, string, number, number, string, number | null, number | null]
  >;
  private added: Debt[] = [];

  constructor(database: Database) {
    this.insert = database.prepare('INSERT INTO debts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  }

  /** What an event changes of what is owed. Throws where it makes no sense. */
  of(booked: BookedEvent): readonly Debt[] {
    const { event, platform, account, revision, bookedAt } = booked;
    if (!('wallet' in event)) return none;
    if (event.type === 'UsageCharged' && event.charges.every(({ owed }) => owed === undefined)) return none;
    const found: Debt[] = [];
    const note = (kind: Debt['kind'], amount: Decimal, occurredAt: string, place: number, of = nothing): void => {
      if (isZero(amount)) return;
      const occurred = storedInstant(occurredAt);
      const { revision: ofRevision, index: ofPlace } = of;
      const text = toText(amount);
      found.push({
        platform,
        account,
        revision,
        place,
        kind,
        booked: bookedAt,
        occurred,
        amount: text,
        ofRevision,
        ofPlace,
      });
    };
    if (event.type === 'UsageCharged') {
      for (const [place, { owed, occurredAt }] of event.charges.entries())
        if (owed !== undefined) note('owed', decimal(owed), occurredAt, place);
      return found;
    }
    const moved = { owed: zero, settled: zero, forgiven: zero };
    moveMoney(event, owing, moved);
    note('owed', moved.owed, event.occurredAt, 0);
    if (event.type === 'UsageReversed') note('forgiven', moved.forgiven, event.occurredAt, 1, event.charge);
    note('settled', moved.settled, event.occurredAt, 2);
    return found;
  }

  add(debt: Debt): void {
    this.added.push(debt);
  }

  /** Inside the caller's transaction. */
  write(): void {
    for (const { platform, account, revision, place, kind, booked, occurred, amount, ofRevision, ofPlace } of this
      .added)
      this.insert.run(platform, account, revision, place, kind, booked, occurred, amount, ofRevision, ofPlace);
    this.added = [];
  }
}

const none: readonly Debt[] = [];
const nothing: { readonly revision: number | null; readonly index: number | null } = { revision: null, index: null };

interface Moved {
  owed: Decimal;
  settled: Decimal;
  forgiven: Decimal;
}

/** What of an event is about what is owed; the lots are another book's. */
const owing: MoneyBook<Moved> = {
  open: (kept: Moved, _lot: Lot, settled: Decimal): void => {
    kept.settled = add(kept.settled, settled);
  },
  settle: (kept: Moved, _lot: number, amount: Decimal): void => {
    kept.settled = add(kept.settled, amount);
  },
  writeOff: (kept: Moved, amount: Decimal): void => {
    kept.settled = add(kept.settled, amount);
  },
  owe: (kept: Moved, amount: Decimal): void => {
    kept.owed = add(kept.owed, amount);
  },
  forgive: (kept: Moved, amount: Decimal): void => {
    kept.forgiven = add(kept.forgiven, amount);
  },
  draw: ofLots,
  refill: ofLots,
  freeze: ofLots,
  thaw: ofLots,
  writeBack: ofLots,
};

function ofLots(): void {
  // What moves between lots changes nothing of what is owed.
}
