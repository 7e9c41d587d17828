import type { Fault } from '@meterbook/messages/reading/fault';
import { doubtsOf } from '@meterbook/messages/reading/json-doubts';
import { parseJson } from '@meterbook/messages/reading/json-text';

/** The body of a route that accepts events: what it says, and what `JSON.parse` would pass over in silence. */
export class EventsBody {
  constructor(
    readonly value: unknown,
    readonly doubts: readonly Fault[],
  ) {}
}

/** Reads events without refusing their doubts, so that whoever checks them tells every fault at once. Throws an `UnreadableText`. */
export function readEvents(text: string): EventsBody {
  const value = parseJson(text);
  return new EventsBody(value, doubtsOf(text, value));
}
