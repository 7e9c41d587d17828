import { requestProblem } from '@meterbook/http/request/read-request';

/** Writes the mark of a place: which kind it is of, and its parts, none of which has a space in it. */
export function markOf(kind: string, ...parts: readonly (string | number)[]): string {
  return [kind, ...parts].join(' ');
}

/** The parts of a mark of some kind; undefined where there is none, or one of another kind. */
export function partsOf(kind: string, mark: string | null): readonly string[] | undefined {
  const [first, ...parts] = (mark ?? '').split(' ');
  return first === kind ? parts : undefined;
}

/** A part that is a number; throws `invalid_request` on a cursor that somebody has made up. */
export function numberIn(parts: readonly string[], at: number): number {
  const number = Number(parts[at]);
  if (Number.isSafeInteger(number)) return number;
  const detail = 'must be a cursor of an earlier answer';
  throw requestProblem([{ pointer: '/cursor', code: 'invalid_value', detail }]);
}
