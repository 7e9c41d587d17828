import { Cursor } from '@meterbook/http/request/cursor';

/**
 * Where a statement goes on: at the event of a revision, after so many of the entries that it makes together with what lapsed before
 * it, time having been looked at up to `reached` before that (milliseconds since 1970).
 */
export interface StatementPlace {
  readonly revision: number;
  readonly given: number;
  readonly reached: number;
}

export const statementCursor = new Cursor('statement', { revision: 'number', given: 'number', reached: 'number' });
