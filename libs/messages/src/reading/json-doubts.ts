import { within } from '@meterbook/domain/rulebook/fault';
import type { Fault } from './fault';

/** Most doubts of one text that are told. */
const MAX_DOUBTS = 100;
/** An object of more keys than this has them in a set. */
const MAX_LISTED_KEYS = 24;

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** A number with a fraction or an exponent, in a text without spaces. It may stand in a string: then the walk tells. */
const maybeFraction = /(":|[[,])-?\d+[.eE]/;
const wholeNumber = /^-?(0|[1-9]\d*)(\.0+)?$/;

/** An object or list that is open where the walk stands. */
interface Open {
  /** Null for a list. */
  readonly keys: string[] | null;
  set: Set<string> | null;
  /** The key or index that stands before the value now. */
  at: string | number;
}

/**
 * What a JSON text says otherwise than `JSON.parse` tells: a key that stands twice in its object, and a number that is no
 * whole number, or none that a JSON number holds exactly (`0.99999999999999999999`, `9007199254740993`, `1e400`, `-0`). The text
 * is one that `JSON.parse` has read to this value. A batch's faults have the index of their item.
 */
export function doubtsOf(text: string, value: unknown): readonly Fault[] {
  // What most clients send says exactly what would be written of it, and that is found out at a fraction of the cost of a walk.
  return saysTheSame(text, value) && !maybeFraction.test(text) ? [] : new Walk(text).run();
}

function saysTheSame(text: string, value: unknown): boolean {
  try {
    return JSON.stringify(value) === text;
  } catch {
    // Nested deeper than it can be written.
    return false;
  }
}

/** One walk over the tokens of a text. */
class Walk {
  readonly doubts: Fault[] = [];
  private readonly open: Open[] = [];
  private top: Open | undefined;
  private beforeKey = false;

  constructor(private readonly text: string) {}

  run(): readonly Fault[] {
    for (let at = 0; at < this.text.length; at += 1) {
      const char = this.text.charCodeAt(at);
      if (char === QUOTE) at = this.passString(at);
      else if (char === COMMA) this.goOn();
      else if (char === OPEN_OBJECT || char === OPEN_LIST) this.begin(char === OPEN_OBJECT);
      else if (char === CLOSE_OBJECT || char === CLOSE_LIST) this.end();
      else if (char === MINUS || (char >= ZERO && char <= NINE)) at = this.passNumber(at);
    }
    return this.doubts;
  }

  private passString(from: number): number {
    const end = closingQuote(this.text, from);
    if (this.beforeKey && this.top) {
      const key = keyOf(this.text, from, end);
      this.top.at = key;
      if (isTaken(this.top, key)) this.note('stands twice in its object');
      this.beforeKey = false;
    }
    return end;
  }

  private passNumber(from: number): number {
    const end = numberEnd(this.text, from);
    if (!isWhole(this.text.slice(from, end))) this.note('must be a whole number');
    return end - 1;
  }

  private goOn(): void {
    if (this.top?.keys === null) this.top.at = Number(this.top.at) + 1;
    else this.beforeKey = true;
  }

  private begin(isObject: boolean): void {
    this.top = { keys: isObject ? [] : null, set: null, at: isObject ? '' : 0 };
    this.open.push(this.top);
    this.beforeKey = isObject;
  }

  private end(): void {
    this.open.pop();
    this.top = this.open.at(-1);
    this.beforeKey = false;
  }

  private note(detail: string): void {
    if (this.doubts.length < MAX_DOUBTS) this.doubts.push({ ...placeOf(this.open), code: 'invalid_value', detail });
  }
}

/** Where the string that opens at `from` closes. */
function closingQuote(text: string, from: number): number {
  for (let at = text.indexOf('"', from + 1); ; at = text.indexOf('"', at + 1)) {
    let before = at - 1;
    while (text.charCodeAt(before) === BACKSLASH) before -= 1;
    if ((at - before) % 2 === 1) return at;
  }
}

function keyOf(text: string, from: number, end: number): string {
  const key = text.slice(from + 1, end);
  return key.includes('\\') ? (JSON.parse(`"${key}"`) as string) : key;
}

/** Notes the key; true where the object has it already. */
function isTaken(object: Open, key: string): boolean {
  const { keys } = object;
  if (!keys) return false;
  if (object.set) {
    if (object.set.has(key)) return true;
    object.set.add(key);
    return false;
  }
  if (keys.includes(key)) return true;
  keys.push(key);
  if (keys.length > MAX_LISTED_KEYS) object.set = new Set(keys);
  return false;
}

function numberEnd(text: string, from: number): number {
  let at = from + 1;
  for (; at < text.length; at += 1) {
    const char = text.charCodeAt(at);
    if (char === COMMA || char === CLOSE_OBJECT || char === CLOSE_LIST || char <= 0x20) break;
  }
  return at;
}

function isWhole(token: string): boolean {
  if (!wholeNumber.test(token)) return false;
  return Number.isSafeInteger(Number(token)) && !(token.startsWith('-') && Number(token) === 0);
}

/** The index of the item and the pointer into it; of one that is no batch the pointer alone. */
function placeOf(open: readonly Open[]): Pick<Fault, 'index' | 'pointer'> {
  const [batch] = open;
  const isBatch = batch?.keys === null;
  const pointer = open.slice(isBatch ? 1 : 0).reduce((path, { at }) => within(path, at), '');
  return isBatch ? { index: Number(batch.at), pointer } : { index: 0, pointer };
}
