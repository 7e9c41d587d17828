import { Cursor } from '@meterbook/http/request/cursor';
import type { ChargePlace, LinePlace } from './charges-question';

/** Of an export the place is a position of the store and has no account; of a list it is an account with a revision. */
export const chargesCursor = new Cursor('finance-charges', {
  of: 'text',
  place: 'text',
  revision: 'number',
  index: 'number',
});

type Mark = NonNullable<ReturnType<typeof chargesCursor.markOf>>;

export function chargeMark({ account, revision, index }: ChargePlace): string | null {
  return chargesCursor.write({ of: 'charge', place: account, revision, index });
}

export function lineMark({ after, lines }: LinePlace): string | null {
  return chargesCursor.write({ of: 'line', place: after, revision: 0, index: lines });
}

/** The place among charges of one id; undefined where the cursor is of an export. */
export function chargePlace({ of, place, revision, index }: Mark): ChargePlace | undefined {
  return of === 'charge' ? { account: place, revision, index } : undefined;
}

/** The place in an export; undefined where the cursor is of a list. */
export function linePlace({ of, place, index }: Mark): LinePlace | undefined {
  return of === 'line' ? { after: place, lines: index } : undefined;
}
