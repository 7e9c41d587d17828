import type { ValueCheck } from '@meterbook/messages/reading/value-check';
import { requestProblem } from './read-request';

/** Longest cursor that is read where its list allows no longer one, in characters: it names one place of a list. */
const MAX_CURSOR_LENGTH = 1_024;

interface PartKinds {
  readonly number: number;
  readonly text: string;
}

type Parts = Readonly<Record<string, keyof PartKinds>>;
type Mark<Shape extends Parts> = { readonly [Name in keyof Shape]: PartKinds[Shape[Name]] };

const isPart: { readonly [Kind in keyof PartKinds]: (value: unknown) => boolean } = {
  number: (value) => Number.isSafeInteger(value) && Number(value) >= 0,
  text: (value) => typeof value === 'string' && value !== '',
};

/**
 * Where a list goes on, as its callers carry it: base64url of the list's name and the parts of the place. Callers may not look
 * into it, and one that another list has given is refused, so that what a cursor is made of may change with the list.
 */
export class Cursor<Shape extends Parts> {
  readonly check: ValueCheck = (value) =>
    this.read(value) ? undefined : { code: 'invalid_value', detail: 'must be a cursor of an earlier answer' };

  constructor(
    private readonly list: string,
    private readonly shape: Shape,
    private readonly maxLength = MAX_CURSOR_LENGTH,
  ) {}

  /** The text that stands for a place; null for none. */
  write(mark: Mark<Shape> | null): string | null {
    if (!mark) return null;
    const parts = Object.keys(this.shape).map((name) => mark[name]);
    return Buffer.from(JSON.stringify([this.list, ...parts])).toString('base64url');
  }

  /** The place that a query names; null where it names none. Throws `invalid_request` (422). */
  markOf({ cursor }: { readonly cursor?: string | undefined }): Mark<Shape> | null {
    if (cursor === undefined) return null;
    const mark = this.read(cursor);
    if (mark) return mark;
    throw requestProblem([
      { pointer: '/cursor', code: 'invalid_value', detail: 'must be a cursor of an earlier answer' },
    ]);
  }

  private read(text: unknown): Mark<Shape> | undefined {
    if (typeof text !== 'string' || text.length > this.maxLength) return undefined;
    const mark = this.markIn(parsed(Buffer.from(text, 'base64url').toString()));
    // A place has one spelling: what decodes to the same bytes by chance was not given by us.
    return mark && this.write(mark) === text ? mark : undefined;
  }

  private markIn(value: unknown): Mark<Shape> | undefined {
    if (!Array.isArray(value)) return undefined;
    const [list, ...parts] = value as readonly unknown[];
    const shape = Object.entries(this.shape);
    const fits = parts.length === shape.length && shape.every(([, kind], at) => isPart[kind](parts[at]));
    if (list !== this.list || !fits) return undefined;
    return Object.fromEntries(shape.map(([name], at) => [name, parts[at]])) as Mark<Shape>;
  }
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
