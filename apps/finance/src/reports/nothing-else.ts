import { within } from '@meterbook/domain/rulebook/fault';
import { requestProblem } from '@meterbook/http/request/read-request';
import { isPlainObject } from '@meterbook/messages/reading/value-check';

/** Refuses a body or a query of a route that takes none: throws `invalid_request` naming each property. */
export function takesNothing(value: unknown): void {
  if (value === undefined || value === null) return;
  if (!isPlainObject(value)) throw requestProblem([{ pointer: '', code: 'invalid_type', detail: 'must be an object' }]);
  const names = Object.keys(value);
  if (names.length === 0) return;
  throw requestProblem(
    names.map((name) => ({ pointer: within('', name), code: 'unknown_property', detail: 'is not known here' })),
  );
}
