import { explainEarned } from '@meterbook/domain/account/explained/explain-derived';
import { equation } from '@meterbook/domain/account/explained/explained';
import { isZero, negate, subtract, toText, type Decimal } from '@meterbook/domain/amount/decimal';
import { deferredOf } from '@meterbook/domain/entries/subscription-legs';
import { formatInstant } from '@meterbook/domain/time/instant';
import type { EventStore } from '@meterbook/event-store/event-store';
import type { Clock } from '@meterbook/runtime/clock';
import type { FeeRow } from '../../projections/charges/fee-rows';
import { earnedStretches, Stretches } from '../charges/count-fees';
import { EarnedFee, feesOf } from '../charges/earned-fee';
import { Grouping, type Question } from '../grouped/question';
import { Sums } from '../grouped/sums';
import { movedOf, openAt } from '../money/count-deferred';
import type { CellAsked, CellEntry, CellSource, CellStep } from './cell-entry';
import { onlyAccountOf } from './cell-events';
import { markOf, numberIn, partsOf } from './cell-mark';
import { entryAt } from './stored-entry';

const FEES = 'fees';
/** Fees that are looked at as one place where nothing of them is in the cell. */
const FEES_A_PLACE = 500;

/** Measures of `revenue`, and of `deferred`, by their places. */
const revenue = { subscriptions: 1, total: 2 } as const;
const deferred = { opening: 0, sold: 1, earned: 2, credited: 3, closing: 4 } as const;

/** What was earned of the fees of a cell of `revenue`, fee by fee. */
export function earnedCells(clock: Clock): CellSource {
  return (asked) => {
    const grouping = new Grouping(asked.question);
    const stretches = new Stretches(asked.question, grouping);
    return feeSteps(asked, clock, (row) => {
      const entries: CellEntry[] = [];
      for (const { from, to } of earnedStretches(row, asked.question, grouping, stretches)) {
        const earned = earnedIn(row, asked, from, to);
        if (!earned) continue;
        const sums = new Sums();
        sums.add(revenue.subscriptions, earned.amount);
        sums.add(revenue.total, earned.amount);
        entries.push({ ...earned.entry, sums });
      }
      return Promise.resolve(entries);
    });
  };
}

/** What of the fees of a cell of `deferred` was open, sold, earned and credited, fee by fee. */
export function deferredCells(store: EventStore, clock: Clock): CellSource {
  return (asked) => {
    const { question, facts } = asked;
    const grouping = new Grouping(question);
    const currency = facts.currency ?? '';
    const paid = async (row: FeeRow): Promise<Omit<CellEntry, 'sums'>> =>
      entryAt(store, question.platform, {
        ...{ account: row.account, revision: row.revision, index: null },
        ...{ event: 'SubscriptionStarted', booked: row.booked, occurred: row.occurred },
      });
    return feeSteps(asked, clock, async (row) => {
      if (!grouping.valuesOf((dimension) => (dimension === 'plan' ? row.plan : row.account))) return [];
      const { opening, sold, earned, credited } = movedOf(row, question);
      const entries: CellEntry[] = [];
      if (!isZero(opening))
        entries.push({ ...(await openingOf(row, question, currency, paid)), sums: sumsOf('opening', opening) });
      if (!isZero(sold)) entries.push({ ...(await paid(row)), sums: sumsOf('sold', sold) });
      const derived = earnedIn(row, asked, question.from ?? -Infinity, question.end ?? Infinity);
      if (derived) entries.push({ ...derived.entry, sums: sumsOf('earned', earned) });
      if (!isZero(credited)) {
        const place = {
          account: row.account,
          revision: row.switchRevision ?? 0,
          index: null,
          event: 'PlanSwitched',
        } as const;
        const times = { booked: row.switchBooked ?? 0, occurred: row.switched ?? 0 };
        entries.push({
          ...(await entryAt(store, question.platform, { ...place, ...times })),
          sums: sumsOf('credited', credited),
        });
      }
      return entries;
    });
  };
}

/** What one of the measures is, and what it makes of the closing. */
function sumsOf(measure: Exclude<keyof typeof deferred, 'closing'>, amount: Decimal): Sums {
  const sums = new Sums();
  sums.add(deferred[measure], amount);
  sums.add(deferred.closing, measure === 'opening' || measure === 'sold' ? amount : negate(amount));
  return sums;
}

/** What of a fee was not earned yet when the report begins: the payment, whenever it was. */
async function openingOf(
  row: FeeRow,
  question: Question,
  currency: string,
  paid: (row: FeeRow) => Promise<Omit<CellEntry, 'sums'>>,
): Promise<Omit<CellEntry, 'sums'>> {
  const { sold, earned, credited } = openAt(row, question);
  const from = formatInstant(question.from ?? 0);
  const open = subtract(subtract(sold, earned), credited);
  return {
    ...(await paid(row)),
    explain: equation(
      [
        [sold, `fee of plan ${row.plan}`],
        [negate(earned), `earned by ${from}`],
        [negate(credited), 'credited by a switch'],
      ],
      `${currency} not earned yet at ${from}`,
    ),
    sentence: `Of the ${row.price} ${currency} that plan ${row.plan} cost, ${toText(open)} ${currency} were not earned yet at ${from}.`,
  };
}

/** What was earned of a fee from one instant until another, as an entry; undefined where that is nothing. */
function earnedIn(
  row: FeeRow,
  { question, facts }: CellAsked,
  from: number,
  to: number,
): { readonly amount: Decimal; readonly entry: Omit<CellEntry, 'sums'> } | undefined {
  const fee = new EarnedFee(row, question);
  const after = fee.then(to);
  const amount = subtract(fee.earnedBefore(to), fee.earnedBefore(from));
  if (!after || isZero(amount)) return undefined;
  const before = fee.then(from);
  const [commodity, at] = [facts.currency ?? '', formatInstant(after.at)];
  const fees = { before: before?.fee ?? after.fee, after: after.fee };
  const { formula, sentence } = explainEarned(row.plan, fees, { from: before?.at ?? null, to: after.at }, commodity);
  return {
    amount,
    entry: {
      ...{ event: 'Derived', account: row.account, reference: null, occurredAt: at, bookedAt: at },
      legs: [
        { ledgerAccount: deferredOf(row.account), commodity, amount },
        { ledgerAccount: 'revenue:subscriptions', commodity, amount: negate(amount) },
      ],
      explain: formula,
      sentence,
    },
  };
}

async function* feeSteps(
  { question, snapshot, after }: CellAsked,
  clock: Clock,
  entriesOf: (row: FeeRow) => Promise<readonly CellEntry[]>,
): AsyncIterable<CellStep> {
  const parts = partsOf(FEES, after);
  const range = {
    after: parts && { account: parts[0] ?? '', number: numberIn(parts, 1) },
    account: onlyAccountOf(question),
  };
  let looked = 0;
  for await (const rows of feesOf(snapshot.database, question.platform, clock, range))
    for (const row of rows) {
      const entries = await entriesOf(row);
      looked += 1;
      if (entries.length > 0 || looked % FEES_A_PLACE === 0)
        yield { mark: markOf(FEES, row.account, row.number), entries };
    }
}
