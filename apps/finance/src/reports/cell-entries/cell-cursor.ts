import { Cursor } from '@meterbook/http/request/cursor';

/** Where the entries of a cell go on: after the event at a position and so many entries of what comes next. */
export interface CellPlace {
  /** As of when the first page was derived, milliseconds since 1970. */
  readonly at: number;
  /** A position of the store, `start`, or `derived` once the events are told. */
  readonly after: string;
  readonly given: number;
}

export const DERIVED_PLACE = 'derived';

/** The cursor of the entries of one report. */
export function cellCursor(report: string): Cursor<{ at: 'number'; after: 'text'; given: 'number' }> {
  return new Cursor(`${report} entries`, { at: 'number', after: 'text', given: 'number' });
}
