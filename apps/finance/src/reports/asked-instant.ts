import { instantMs } from '@meterbook/domain/time/instant';
import { requestProblem } from '@meterbook/http/request/read-request';

/** An instant of a query, now where it is absent; throws `invalid_request` where it lies in the future. Milliseconds since 1970. */
export function askedInstant(name: string, text: string | undefined, nowMs: number): number {
  const asked = text === undefined ? nowMs : instantMs(text);
  if (asked <= nowMs) return asked;
  throw requestProblem([
    {
      pointer: `/${name}`,
      code: 'invalid_value',
      detail: 'lies in the future: nobody knows yet what will be booked by then',
    },
  ]);
}
