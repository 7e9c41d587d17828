import type { Database, Statement } from '@meterbook/runtime/sqlite';
import { decimal, isZero, subtract, toText, zero } from '@meterbook/domain/amount/decimal';
import type { Fee } from '@meterbook/domain/account/subscription/fee';
import { storedInstant } from '@meterbook/domain/time/instant';
import type { BookedEvent } from '../projection';

export const feeSchema = `
  CREATE TABLE fees (
    platform TEXT NOT NULL, account TEXT NOT NULL, number INTEGER NOT NULL, plan TEXT NOT NULL, price TEXT NOT NULL,
    begins INTEGER NOT NULL, ends INTEGER NOT NULL, scale INTEGER NOT NULL, booked INTEGER NOT NULL, occurred INTEGER NOT NULL,
    switched INTEGER, switch_booked INTEGER, credited TEXT, revision INTEGER NOT NULL, switch_revision INTEGER,
    PRIMARY KEY (platform, account, number)
  ) WITHOUT ROWID;`;

export const feeTables = [{ name: 'fees', key: ['platform', 'account', 'number'] }];

/** A fee that was paid, and what became of it. Instants are milliseconds since 1970. */
export interface FeeRow {
  readonly account: string;
  readonly number: number;
  readonly plan: string;
  readonly price: string;
  readonly begins: number;
  readonly ends: number;
  readonly scale: number;
  readonly booked: number;
  readonly occurred: number;
  /** When it was switched away from, when that was booked, and what of it was credited; null where it was not. */
  readonly switched: number | null;
  readonly switchBooked: number | null;
  readonly credited: string | null;
  /** Of the event that paid for it, and of the switch. */
  readonly revision: number;
  readonly switchRevision: number | null;
}

/** The fee as it is earned, before a switch that ended it, or after. */
export function feeOf(row: FeeRow, isSwitched: boolean): Fee {
  return {
    price: decimal(row.price),
    from: row.begins,
    to: row.ends,
    scale: row.scale,
    switchedAt: isSwitched ? row.switched : null,
    credited: isSwitched && row.credited !== null ? decimal(row.credited) : zero,
  };
}

type InsertRow = [string, string, number, string, string, number, number, number, number, number, number];

/** Keeps the fees of subscriptions: a row for each period that was paid for. */
export class FeeRows {
  private readonly insert: Statement<InsertRow>;
  private readonly end: Statement<[number, number, number, number, string, string, string, number, number]>;

  constructor(database: Database) {
    this.insert = database.prepare(
      `INSERT OR IGNORE INTO fees (platform, account, number, plan, price, begins, ends, scale, booked, occurred, revision)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.end = database.prepare(
      `UPDATE fees SET switched = ?, switch_booked = ?, switch_revision = ?, credited = CASE WHEN begins > ? THEN price ELSE ? END
       WHERE platform = ? AND account = ? AND ends > ? AND number < ? AND switched IS NULL`,
    );
  }

  /** Takes in an event, if it is about a fee. Throws where it makes no sense, and has changed nothing then. */
  take({ event, platform, account, revision, bookedAt }: BookedEvent): void {
    if (!('period' in event)) return;
    const { number, plan, price, from, to, scale } = event.period;
    const occurred = storedInstant(event.occurredAt);
    const fee: InsertRow = [
      ...([platform, account, number, plan, price] as const),
      ...([storedInstant(from), storedInstant(to), scale, bookedAt, occurred, revision] as const),
    ];
    if (!Number.isSafeInteger(number) || !Number.isSafeInteger(scale) || typeof plan !== 'string')
      throw new Error('its period has no number, plan or scale');
    const isSwitch = event.type === 'PlanSwitched';
    // What is credited of the running period; renewals that wait are credited whole.
    const credited = isSwitch
      ? toText(subtract(decimal(event.credit), decimal(event.proration.renewals ?? '0')))
      : null;
    if (!isZero(decimal(price)) && this.insert.run(...fee).changes === 0)
      throw new Error(`period ${number} was paid before`);
    if (credited === null) return;
    this.end.run(occurred, bookedAt, revision, occurred, credited, platform, account, occurred, number);
  }
}
