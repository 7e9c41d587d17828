/** Which rows of a table by account and number are read. */
export interface RowRange {
  /** Only those after this one. */
  readonly after?: { readonly account: string; readonly number: number } | undefined;
  /** Only those of one account. */
  readonly account?: string | undefined;
}

export const allRows: RowRange = {};

/** After which account and number the rows of a range begin. */
export function startOf({ after, account }: RowRange): readonly [account: string, number: number] {
  return after ? [after.account, after.number] : [account ?? '', -1];
}

/** Of rows that follow each other those of a range: fewer than there are where the range ends with them. */
export function rowsWithin<Row extends { readonly account: string }>(
  { account }: RowRange,
  rows: readonly Row[],
): readonly Row[] {
  return account === undefined ? rows : rows.filter((row) => row.account === account);
}
