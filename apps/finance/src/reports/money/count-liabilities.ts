import { add, negate, subtract, type Decimal } from '@meterbook/domain/amount/decimal';
import { takenBy, takenByOccurred } from '@meterbook/domain/entries/timed-items';
import type { EventStore } from '@meterbook/event-store/event-store';
import type { Clock } from '@meterbook/runtime/clock';
import { openDatabase } from '@meterbook/runtime/sqlite';
import { partPrefixes } from '../../projections/trial-balance/line-names';
import type { LineState } from '../../projections/trial-balance/line-state';
import type { ReportSource } from '../grouped/source';
import type { Sums } from '../grouped/sums';
import type { Taken } from '../trial-balance/derived-lines';
import { linesBy } from '../trial-balance/lines-by';

/** Lines looked at between two turns of whatever else this thread does. */
const LINES_PER_TURN = 2000;

/** The measures, in their order. */
const measures = { paid: 0, granted: 1, total: 2, frozen: 3, deferred: 4, main: 5, backup: 6, receivable: 7 } as const;

/** What is counted of a line: its debit less its credit, and what of that time alone has taken, a debit too. */
export type Count = (sums: Sums, balance: Decimal, taken: Decimal) => void;

const owedBy =
  (measure: number): Count =>
  (sums, balance, taken) =>
    sums.add(measure, negate(add(balance, taken)));

/** Each kind of line that an account has, by how its name begins. */
const kinds: readonly (readonly [prefix: string, count: Count])[] = [
  [
    'liabilities:wallet:',
    (sums, balance, taken) => {
      owedBy(measures.total)(sums, balance, taken);
      sums.add(measures.paid, negate(balance));
      // Only what was granted expires.
      sums.add(measures.granted, negate(taken));
    },
  ],
  [
    partPrefixes.granted,
    (sums, balance) => {
      sums.add(measures.granted, negate(balance));
      sums.add(measures.paid, balance);
    },
  ],
  [partPrefixes.frozen, owedBy(measures.frozen)],
  ['liabilities:deferred:', owedBy(measures.deferred)],
  ['pools:main:', owedBy(measures.main)],
  ['pools:backup:', owedBy(measures.backup)],
  ['assets:receivable:', (sums, balance) => sums.add(measures.receivable, balance)],
];

/** What accounts have and owe, from the lines of the trial balance and the parts of wallets that are kept beside them. */
export function liabilitiesSource(store: EventStore, clock: Clock): ReportSource {
  return async (snapshot, { basis, end, platform, derivedAt }, grouping, groups) => {
    const scratch = openDatabase('');
    try {
      const source = await linesBy(basis, end, platform, snapshot, scratch, store, clock);
      const taken: Taken = basis === 'booked' ? takenBy : takenByOccurred;
      let lines = 0;
      for (const line of source.lines('all')) {
        lines += 1;
        if (lines % LINES_PER_TURN === 0) {
          groups.settle();
          await clock.sleep(0);
        }
        const counted = countedOf(line);
        const values = counted && grouping.valuesOf(() => counted.account);
        if (values) counted.count(groups.of(values), subtract(line.debit, line.credit), taken(line.timed, derivedAt));
      }
    } finally {
      scratch.close();
    }
  };
}

/** Which account a line is of, and what of it counts; undefined for a line of no account. */
export function countedOf({
  ledgerAccount,
}: Pick<LineState, 'ledgerAccount'>): { readonly account: string; readonly count: Count } | undefined {
  for (const [prefix, count] of kinds)
    if (ledgerAccount.startsWith(prefix)) return { account: ledgerAccount.slice(prefix.length), count };
  return undefined;
}
