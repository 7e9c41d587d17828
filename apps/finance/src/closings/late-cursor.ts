import { Cursor } from '@meterbook/http/request/cursor';

/** Where the late entries of a closing go on: at the n-th entry of an event, which is told by its place among all that came late. */
export interface LatePlace {
  readonly number: number;
  readonly given: number;
}

export const lateCursor = new Cursor('late', { number: 'number', given: 'number' });
