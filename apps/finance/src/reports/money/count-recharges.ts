import type { Database } from '@meterbook/runtime/sqlite';
import { decimal } from '@meterbook/domain/amount/decimal';
import type { Clock } from '@meterbook/runtime/clock';
import type { PaymentRow } from '../../projections/recharges/payment-rows';
import { Calendar, QUARTER_MS } from '../grouped/calendar';
import type { ReportSource } from '../grouped/source';
import type { Sums } from '../grouped/sums';

/** Payments read at a time, between which others have their turn. */
const PAYMENTS_PER_TURN = 1000;

/** Payments of recharges, in the order of the measures: count, paid, credited, receivableSettled, refunded, disputed, paidBack. */
export function rechargesSource(clock: Clock): ReportSource {
  return async ({ database }, { platform, basis, from, end, zone }, grouping, groups) => {
    const calendar = new Calendar(zone);
    for await (const payments of paymentsOf(database, platform, clock)) {
      for (const payment of payments) {
        const at = basis === 'booked' ? payment.booked : payment.occurred;
        if (at < (from ?? -Infinity) || at >= (end ?? Infinity)) continue;
        const values = grouping.valuesOf((dimension) => valueOf(dimension, payment, at, calendar));
        if (values) addPayment(groups.of(values), payment);
      }
      groups.settle();
    }
  };
}

function valueOf(
  dimension: string,
  { provider, currency, account }: PaymentRow,
  at: number,
  calendar: Calendar,
): string {
  if (dimension === 'day' || dimension === 'month') return calendar.value(dimension, Math.floor(at / QUARTER_MS));
  if (dimension === 'provider') return provider;
  return dimension === 'currency' ? currency : account;
}

function addPayment(sums: Sums, { kind, currency, paid, amount, settled }: PaymentRow): void {
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

async function* paymentsOf(database: Database, platform: string, clock: Clock): AsyncIterable<readonly PaymentRow[]> {
  const next = database.prepare<[string, string, string, number, number], PaymentRow>(
    `SELECT account, revision, kind, provider, currency, booked, occurred, paid, amount, settled FROM payments
     WHERE platform = ? AND (account > ? OR (account = ? AND revision > ?)) ORDER BY account, revision LIMIT ?`,
  );
  for (let [account, revision] = ['', -1]; ;) {
    const rows = next.all(platform, account, account, revision, PAYMENTS_PER_TURN);
    yield rows;
    const last = rows.at(-1);
    if (!last || rows.length < PAYMENTS_PER_TURN) return;
    [account, revision] = [last.account, last.revision];
    await clock.sleep(0);
  }
}
