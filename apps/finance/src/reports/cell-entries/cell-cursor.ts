import { Cursor } from '@meterbook/http/request/cursor';

/** Where the entries of a cell go on: after a place, and so many entries of what comes next. */
export interface CellPlace {
  /** As of when the first page was derived, milliseconds since 1970. */
  readonly at: number;
  /** The mark of a place, or `start`. */
  readonly after: string;
  readonly given: number;
}

/** Before every place. */
export const FIRST_PLACE = 'start';

/** The cursor of the entries of one report. */
export function cellCursor(report: string): Cursor<{ at: 'number'; after: 'text'; given: 'number' }> {
  return new Cursor(`${report} entries`, { at: 'number', after: 'text', given: 'number' });
}
