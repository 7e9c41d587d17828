import { Cursor } from '@meterbook/http/request/cursor';
import type { GroupValues } from './question';

/** Longest cursor of a report, in characters: every dimension may have a long value. */
const MAX_LENGTH = 8192;

/** Where a report goes on: after which group, and as of when its first page was derived. */
export interface GroupMark {
  /** Milliseconds since 1970. */
  readonly derivedAt: number;
  readonly after: GroupValues;
}

/** The cursor of one report. */
export class GroupCursor {
  private readonly cursor: Cursor<{ at: 'number'; after: 'text' }>;

  constructor(report: string) {
    this.cursor = new Cursor(report, { at: 'number', after: 'text' }, MAX_LENGTH);
  }

  write({ derivedAt, after }: GroupMark): string | null {
    return this.cursor.write({ at: derivedAt, after: JSON.stringify(after) });
  }

  /** The place that a cursor names; undefined where it is none of this report's with so many dimensions. */
  read(text: unknown, dimensions: number): GroupMark | undefined {
    if (this.cursor.check(text) !== undefined) return undefined;
    const mark = this.cursor.markOf({ cursor: String(text) });
    if (!mark) return undefined;
    const after: unknown = parsed(mark.after);
    const isValues = Array.isArray(after) && after.every((value) => value === null || typeof value === 'string');
    return isValues && after.length === dimensions ? { derivedAt: mark.at, after: after as GroupValues } : undefined;
  }
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
