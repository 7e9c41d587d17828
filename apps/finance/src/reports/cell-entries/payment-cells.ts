import type { EventStore } from '@meterbook/event-store/event-store';
import type { Clock } from '@meterbook/runtime/clock';
import { Calendar } from '../grouped/calendar';
import { Grouping } from '../grouped/question';
import { Sums } from '../grouped/sums';
import { addPayment, paymentAt, paymentsOf, valueOfPayment } from '../money/count-recharges';
import type { PaymentRow } from '../../projections/recharges/payment-rows';
import type { CellEntry, CellSource } from './cell-entry';
import { onlyAccountOf } from './cell-events';
import { markOf, numberIn, partsOf } from './cell-mark';
import { entryAt } from './stored-entry';

const PAYMENTS = 'payments';
/** Events that are read from the store at a time. */
const READS_AT_A_TIME = 16;

const eventTypes = { recharge: 'WalletRecharged', refund: 'RechargeRefunded', lost: 'DisputeClosed' } as const;

/** The payments of a cell of `recharges`, by account: each is one row, and its event is read from the store. */
export function paymentCells(store: EventStore, clock: Clock): CellSource {
  return async function* ({ question, snapshot, after }) {
    const { platform } = question;
    const [grouping, calendar] = [new Grouping(question), new Calendar(question.zone)];
    const parts = partsOf(PAYMENTS, after);
    const range = {
      after: parts && { account: parts[0] ?? '', number: numberIn(parts, 1) },
      account: onlyAccountOf(question),
    };
    const entryOf = async (payment: PaymentRow): Promise<CellEntry> => {
      const sums = new Sums();
      addPayment(sums, payment);
      const { account, revision, booked, occurred, kind } = payment;
      const place = { account, revision, index: null, event: eventTypes[kind], booked, occurred };
      return { ...(await entryAt(store, platform, place)), sums };
    };
    for await (const rows of paymentsOf(snapshot.database, platform, clock, range)) {
      const inCell = rows.filter((payment) => {
        const at = paymentAt(payment, question);
        return at !== null && grouping.valuesOf((dimension) => valueOfPayment(dimension, payment, at, calendar));
      });
      for (let first = 0; first < inCell.length; first += READS_AT_A_TIME) {
        const some = inCell.slice(first, first + READS_AT_A_TIME);
        const entries = await Promise.all(some.map(entryOf));
        for (const [at, { account, revision }] of some.entries())
          yield { mark: markOf(PAYMENTS, account, revision), entries: entries.slice(at, at + 1) };
      }
      const last = rows.at(-1);
      if (last) yield { mark: markOf(PAYMENTS, last.account, last.revision), entries: [] };
    }
  };
}
