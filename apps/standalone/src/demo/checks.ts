import { isDeepStrictEqual } from 'node:util';

export type Mark = '✓' | '✗';

/** Every number of the story is held against what the rulebook says; none may differ. */
export class Checks {
  private count = 0;
  private readonly differing: string[] = [];

  /** How many were as expected. */
  get held(): number {
    return this.count - this.differing.length;
  }

  /** One line for each that was not. */
  get faults(): readonly string[] {
    return this.differing;
  }

  /** Remembers whether it is as expected, and answers with the mark to show beside it. */
  mark(what: string, actual: unknown, expected: unknown): Mark {
    this.count += 1;
    if (isDeepStrictEqual(actual, expected)) return '✓';
    this.differing.push(`${what}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`);
    return '✗';
  }
}
