import { instantMs } from '@meterbook/domain/time/instant';
import { requestProblem } from '@meterbook/http/request/read-request';
import { QUARTER_MS } from '../projections/trial-balance/line-shifts';
import type { Basis } from './axes';

/**
 * The instant as of which a query asks for balances, milliseconds since 1970; null where it names none. By occurred at it lies on
 * a quarter of an hour, as every zone's midnight does; throws `invalid_request` otherwise.
 */
export function askedInstant(name: string, text: string | undefined, basis: Basis | undefined): number | null {
  if (text === undefined) return null;
  const asked = instantMs(text);
  if (basis !== 'occurred' || asked % QUARTER_MS === 0) return asked;
  throw requestProblem([
    { pointer: `/${name}`, code: 'invalid_value', detail: 'must lie on a quarter of an hour, by occurred at' },
  ]);
}
