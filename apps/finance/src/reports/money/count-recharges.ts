import type { Database } from '@meterbook/runtime/sqlite';
import { decimal } from '@meterbook/domain/amount/decimal';
import type { Clock } from '@meterbook/runtime/clock';
import type { PaymentRow } from '../../projections/recharges/payment-rows';
import { Calendar, QUARTER_MS } from '../grouped/calendar';
import type { Question } from '../grouped/question';
import { allRows, rowsWithin, startOf, type RowRange } from '../grouped/row-range';
import type { ReportSource } from '../grouped/source';
import type { Sums } from '../grouped/sums';

/** Payments read at a time, between which others have their turn. */
const PAYMENTS_PER_TURN = 1000;

/** Payments of recharges, in the order of the measures: count, paid, credited, receivableSettled, refunded, disputed, paidBack. */
export function rechargesSource(clock: Clock): ReportSource {
  return async ({ database }, question, grouping, groups) => {
    const calendar = new Calendar(question.zone);
    for await (const payments of paymentsOf(database, question.platform, clock)) {
      for (const payment of payments) {
        const at = paymentAt(payment, question);
        if (at === null) continue;
        const values = grouping.valuesOf((dimension) => valueOfPayment(dimension, payment, at, calendar));
        if (values) addPayment(groups.of(values), payment);
      }
      groups.settle();
    }
  };
}

/** When a payment counts, milliseconds since 1970; null where that lies outside of the report. */
export function paymentAt({ booked, occurred }: PaymentRow, { basis, from, end }: Question): number | null {
  const at = basis === 'booked' ? booked : occurred;
  return at < (from ?? -Infinity) || at >= (end ?? Infinity) ? null : at;
}

/** The value of a dimension of a payment. */
export function valueOfPayment(
  dimension: string,
  { provider, currency, account }: PaymentRow,
  at: number,
  calendar: Calendar,
): string {
  if (dimension === 'day' || dimension === 'month') return calendar.value(dimension, Math.floor(at / QUARTER_MS));
  if (dimension === 'provider') return provider;
  return dimension === 'currency' ? currency : account;
}

/** Adds what a payment is to the measures of the report. */
export function addPayment(sums: Sums, { kind, currency, paid, amount, settled }: PaymentRow): void {
  switch (kind) {
    case 'recharge':
      sums.count(0, 1);
      sums.addTo(1, currency, decimal(paid));
      sums.add(2, decimal(amount));
      sums.add(3, decimal(settled));
      return;
    case 'refund':
    case 'lost':
      sums.add(kind === 'refund' ? 4 : 5, decimal(amount));
      sums.addTo(6, currency, decimal(paid));
  }
}

/** The payments of a platform, by account and in the order of its events, some at a time. */
export async function* paymentsOf(
  database: Database,
  platform: string,
  clock: Clock,
  range: RowRange = allRows,
): AsyncIterable<readonly PaymentRow[]> {
  const next = database.prepare<[string, string, string, number, number], PaymentRow>(
    `SELECT account, revision, kind, provider, currency, booked, occurred, paid, amount, settled FROM payments
     WHERE platform = ? AND (account > ? OR (account = ? AND revision > ?)) ORDER BY account, revision LIMIT ?`,
  );
  for (let [account, revision] = startOf(range); ;) {
    const rows = next.all(platform, account, account, revision, PAYMENTS_PER_TURN);
    const within = rowsWithin(range, rows);
    yield within;
    const last = rows.at(-1);
    if (!last || within.length < PAYMENTS_PER_TURN) return;
    [account, revision] = [last.account, last.revision];
    await clock.sleep(0);
  }
}
