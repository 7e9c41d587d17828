import type { Fault } from '@meterbook/messages/reading/fault';
import { doubtsOf } from '@meterbook/messages/reading/json-doubts';
import { itemTexts } from '@meterbook/messages/reading/json-items';
import { parseJson } from '@meterbook/messages/reading/json-text';
import { othersTurn } from '@meterbook/runtime/system-turn';
import { Problem } from '../problem/problem';

/** UTF-16 units of text that are read before others get their turn: a few milliseconds of work. */
const UNITS_OF_A_TURN = 256 * 1024;
/** Longest text of one event, in UTF-16 units. The largest that the schema takes has less, spelled as long as it can be. */
export const MAX_EVENT_UNITS = 384 * 1024;
/** Items after which a batch is read no further: no route takes more, and it is refused by their number. */
const MAX_ITEMS = 1_001;
/** Most doubts of one body that are told. */
const MAX_DOUBTS = 100;

/** The body of a route that accepts events: what it says, and what `JSON.parse` would pass over in silence. */
export class EventsBody {
  constructor(
    readonly value: unknown,
    readonly doubts: readonly Fault[],
  ) {}
}

/**
 * Reads events without refusing their doubts, so that whoever checks them tells every fault at once; a large body in turns. Throws
 * or rejects with an `UnreadableText`, and with `payload_too_large` where one event is.
 */
export function readEvents(text: string): EventsBody | Promise<EventsBody> {
  const items = text.length > UNITS_OF_A_TURN ? itemTexts(text) : undefined;
  if (items) return readInTurns(items);
  refuseTooLong(text);
  const value = parseJson(text);
  return new EventsBody(value, doubtsOf(text, value));
}

async function readInTurns(items: Iterable<string>): Promise<EventsBody> {
  const values: unknown[] = [];
  const doubts: Fault[] = [];
  let units = 0;
  for (const item of items) {
    refuseTooLong(item);
    const value = parseJson(item);
    // As a batch of one, so that a pointer begins where it does in the whole.
    for (const doubt of doubtsOf(`[${item.trim()}]`, [value]))
      if (doubts.length < MAX_DOUBTS) doubts.push({ ...doubt, index: values.length });
    values.push(value);
    if (values.length >= MAX_ITEMS) break;
    units += item.length;
    if (units < UNITS_OF_A_TURN) continue;
    units = 0;
    await othersTurn();
  }
  return new EventsBody(values, doubts);
}

function refuseTooLong(text: string): void {
  if (text.length > MAX_EVENT_UNITS && text.trim().length > MAX_EVENT_UNITS)
    throw new Problem('payload_too_large', `An event has at most ${MAX_EVENT_UNITS} characters of JSON.`);
}
