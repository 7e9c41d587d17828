import { equation, equations } from '@meterbook/domain/account/explained/explained';
import { subtract, toText } from '@meterbook/domain/amount/decimal';
import type { EventStore } from '@meterbook/event-store/event-store';
import type { Clock } from '@meterbook/runtime/clock';
import { Grouping } from '../grouped/question';
import { Sums } from '../grouped/sums';
import { addDebt, debtsOf, takeDebt } from '../money/count-receivables';
import { OpenDebts, type ShownDebt } from '../money/open-debts';
import type { CellAsked, CellEntry, CellSource, CellStep } from './cell-entry';
import { onlyAccountOf } from './cell-events';
import { markOf, numberIn, partsOf } from './cell-mark';
import { entryAt } from './stored-entry';

const DEBTS = 'debts';

/** Rows that are gone through as one place where nothing of them is in the cell. */
const ROWS_A_PLACE = 1000;

/**
 * What of a cell of `receivables` is open, debt by debt: each charge, or dispute that was lost, with what nobody has paid of it yet.
 * Who pays pays the oldest first, so that an account's debts are gone through from its first one for every page.
 */
export function debtCells(store: EventStore, clock: Clock): CellSource {
  return async function* (asked) {
    const { question, snapshot, after } = asked;
    const grouping = new Grouping(question);
    const parts = partsOf(DEBTS, after);
    const reached = parts && { account: parts[0] ?? '', at: [numberIn(parts, 1), numberIn(parts, 2)] as const };
    const range = {
      account: onlyAccountOf(question),
      after: reached && { account: reached.account, number: -1 },
    };
    let of: OfAccount | undefined;
    let rowsOfPlace = 0;
    const told = async function* ({ account, debts }: OfAccount): AsyncIterable<CellStep> {
      if (grouping.valuesOf(() => account))
        for (const debt of debts.shown()) {
          const [revision = 0, place = 0] = debt.charge.split(' ').map(Number);
          if (account === reached?.account && isUpTo([revision, place], reached.at)) continue;
          const entry = await entryOf(store, asked, debt, { account, revision, place });
          yield { mark: markOf(DEBTS, account, revision, place), entries: [entry] };
        }
      if (rowsOfPlace >= ROWS_A_PLACE) yield { mark: markOf(DEBTS, account, Number.MAX_SAFE_INTEGER, 0), entries: [] };
      rowsOfPlace %= ROWS_A_PLACE;
    };
    for await (const rows of debtsOf(snapshot.database, question.platform, clock, range))
      for (const row of rows) {
        if (row.account !== of?.account) {
          if (of) yield* told(of);
          of = { account: row.account, debts: new OpenDebts() };
        }
        takeDebt(of.debts, row, question);
        rowsOfPlace += 1;
      }
    if (of) yield* told(of);
  };
}

/** The debts of one account. */
interface OfAccount {
  readonly account: string;
  readonly debts: OpenDebts;
}

async function entryOf(
  store: EventStore,
  { question, facts }: CellAsked,
  debt: ShownDebt,
  { account, revision, place }: { readonly account: string; readonly revision: number; readonly place: number },
): Promise<CellEntry> {
  const sums = new Sums();
  addDebt(sums, debt, question.derivedAt);
  const at = { booked: debt.occurred, occurred: debt.occurred };
  const told = await entryAt(store, question.platform, {
    account,
    revision,
    index: place,
    event: 'UsageCharged',
    ...at,
  });
  const currency = facts.currency ?? '';
  const open = equation(
    [
      [debt.owed, 'owed for it'],
      [subtract(debt.shown, debt.owed), 'paid, written off or taken back'],
    ],
    `${currency} still owed`,
  );
  return {
    ...told,
    explain: equations([...(told.explain === null ? [] : [told.explain]), open]),
    sentence: `${told.sentence} ${toText(debt.shown)} ${currency} of it are still owed.`,
    sums,
  };
}

function isUpTo([revision, place]: readonly [number, number], [reached, at]: readonly [number, number]): boolean {
  return revision < reached || (revision === reached && place <= at);
}
