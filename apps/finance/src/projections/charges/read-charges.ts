import type { Database } from '@meterbook/runtime/sqlite';
import type { Labels } from '@meterbook/domain/usage/labels';
import type { Detail, Summary } from './block';
import { fromLine, linesIn } from './charge-line';
import type { Dimensions, Measures } from './charge-row';

/** What some cells are about; `account`, `apiKey` and `labels` are told only where they are asked for. */
export interface CellKey {
  readonly dimensions: Dimensions;
  readonly account: string | null;
  readonly apiKey: string | null;
  readonly labels: Labels | null;
}

/** Which charges are read: those of a platform whose quarters of an hour lie in a range on one of two axes. */
export interface ChargesAsked {
  readonly platform: string;
  readonly basis: 'booked' | 'occurred';
  /** Counted from 1970; infinite where there is no bound. */
  readonly fromQuarter: number;
  /** Not included any more. */
  readonly toQuarter: number;
  /** Whether account, key and labels are told apart. */
  readonly detailed: boolean;
}

/** Called with each cell; the same key is the same object as long as cells of one block are told. */
export type CellVisitor = (key: CellKey, quarter: number, measures: Measures) => void;

interface BlockRow {
  readonly block: number;
  readonly summary: string;
  readonly detail: string | null;
}

/** Tells the sums of charges as a projection has them; `rest` is awaited after each block, so that others have their turn. */
export async function visitCharges(
  database: Database,
  asked: ChargesAsked,
  visit: CellVisitor,
  rest: () => Promise<void>,
): Promise<void> {
  const { platform, basis, fromQuarter, toQuarter, detailed } = asked;
  const axis = basis === 'booked' ? 0 : 1;
  const take = (key: CellKey, cell: readonly [number, number], measures: Measures): void => {
    const quarter = cell[axis];
    if (quarter >= fromQuarter && quarter < toQuarter) visit(key, quarter, measures);
  };
  const next = database.prepare<[string, number, number, number], BlockRow>(
    `SELECT block, summary, ${detailed ? 'detail' : 'NULL AS detail'} FROM blocks
     WHERE platform = ? AND block > ? AND ${basis}_to >= ? AND ${basis}_from < ? ORDER BY block LIMIT 1`,
  );
  for (let block = -1; ;) {
    const row = next.get(platform, block, fromQuarter, toQuarter);
    if (!row) break;
    visitBlock(row, take);
    block = row.block;
    await rest();
  }
  const tail = database.prepare<[string], string>('SELECT lines FROM tail WHERE platform = ? ORDER BY first').pluck();
  for (const line of tail.all(platform).flatMap(linesIn)) {
    const [booked, occurred, account, apiKey, labels, dimensions, measures] = fromLine(line);
    take({ dimensions, account, apiKey, labels }, [booked, occurred], measures);
  }
}

function visitBlock(
  { summary, detail }: BlockRow,
  take: (key: CellKey, cell: readonly [number, number], measures: Measures) => void,
): void {
  const { dimensions, cells } = JSON.parse(summary) as Summary;
  const told =
    detail === null
      ? { keys: dimensions.map((all): CellKey => ({ dimensions: all, ...nothing })), cells }
      : detailOf(dimensions, JSON.parse(detail) as Detail);
  for (const cell of told.cells) {
    const key = told.keys[cell[2]];
    if (key) take(key, [cell[0], cell[1]], cell[3]);
  }
}

const nothing = { account: null, apiKey: null, labels: null };
const noDimensions: Dimensions = ['', '', '', null, null];

function detailOf(
  dimensions: Summary['dimensions'],
  { keys, cells }: Detail,
): { readonly keys: readonly CellKey[]; readonly cells: Detail['cells'] } {
  const told = keys.map(([of, account, apiKey, labels]): CellKey => ({
    dimensions: dimensions[of] ?? noDimensions,
    account,
    apiKey,
    labels,
  }));
  return { keys: told, cells };
}
