import type { Database } from '@meterbook/runtime/sqlite';
import type { DeadLetterReason } from '@meterbook/domain/usage/usage';
import type { DeadLetter } from '@meterbook/messages/dead-letter';

/** Dead letters on one page where nobody says how many. */
export const MAX_PAGE_LETTERS = 100;
/** Bytes of the letters of one page; at least one letter, however large it is. */
const MAX_PAGE_BYTES = 4 * 1024 * 1024;
/** Groups on one page. */
export const MAX_PAGE_GROUPS = 50;

/** Where a list goes on: after the letter of this instant and id. */
export interface DeadLetterMark {
  /** When its usage was accepted, milliseconds since 1970. */
  readonly acceptedAt: number;
  readonly id: string;
}

/** Who dismissed a letter, when, and why. */
export interface Dismissal {
  readonly reason: string;
  readonly by: string;
  /** RFC 3339. */
  readonly at: string;
}

/** Which letters are meant. */
export interface DeadLetterFilter {
  /** The platforms that may be seen; null for all, those of unreadable letters included. */
  readonly platforms: readonly string[] | null;
  readonly reason: string | null;
  /** Together with a reason only; the empty text for those that name none. */
  readonly model?: string | null;
}

export interface DeadLetterQuestion extends DeadLetterFilter {
  readonly dismissed?: boolean;
  readonly after: DeadLetterMark | null;
  /** Most letters of the page. */
  readonly limit?: number;
}

export interface ListedDeadLetter {
  readonly letter: DeadLetter;
  readonly dismissal: Dismissal | null;
}

export interface DeadLetterPage {
  /** Newest first. */
  readonly letters: readonly ListedDeadLetter[];
  /** Null on the last page. */
  readonly next: DeadLetterMark | null;
}

/** Letters that wait for the same reason, of one model. */
export interface DeadLetterGroup {
  readonly reason: string;
  /** Empty where they name none. */
  readonly model: string;
  readonly count: number;
}

export interface DeadLetterGroupPage {
  readonly groups: readonly DeadLetterGroup[];
  readonly next: Pick<DeadLetterGroup, 'reason' | 'model'> | null;
}

/** An account whose usage waits among the dead letters. */
export interface WaitingAccount {
  readonly platform: string;
  readonly account: string;
}

interface MarkRow {
  readonly id: string;
  readonly accepted_at: number;
}

type Value = string | number;

/** What is asked of many letters at once. */
export class DeadLetterQueries {
  constructor(private readonly database: Database) {}

  /** A page of letters, the newest first. */
  list(question: DeadLetterQuestion): DeadLetterPage {
    const letters: ListedDeadLetter[] = [];
    let bytes = 0;
    let last: DeadLetterMark | null = null;
    const { limit = MAX_PAGE_LETTERS } = question;
    for (const { id, accepted_at: acceptedAt } of this.marks(question, 'newest', limit + 1)) {
      const found = this.texts(id);
      if (last && (letters.length >= limit || bytes + found.letter.length > MAX_PAGE_BYTES))
        return { letters, next: last };
      letters.push({
        letter: JSON.parse(found.letter) as DeadLetter,
        dismissal: found.dismissal === null ? null : (JSON.parse(found.dismissal) as Dismissal),
      });
      bytes += found.letter.length;
      last = { acceptedAt, id };
    }
    return { letters, next: null };
  }

  /** Where letters that wait stand, the oldest first. */
  oldest(filter: DeadLetterFilter, after: DeadLetterMark | null, limit: number): readonly DeadLetterMark[] {
    return this.marks({ ...filter, after }, 'oldest', limit).map(({ id, accepted_at: acceptedAt }) => ({
      id,
      acceptedAt,
    }));
  }

  /** Where letters that wait stand, the newest first. */
  newest(filter: DeadLetterFilter, limit: number): readonly DeadLetterMark[] {
    return this.marks({ ...filter, after: null }, 'newest', limit).map(({ id, accepted_at: acceptedAt }) => ({
      id,
      acceptedAt,
    }));
  }

  /** How many letters wait that a filter means. */
  count({ platforms, reason, model = null }: DeadLetterFilter): number {
    const count = (platform: string | null): number => {
      const { where, values } = conditions({ platform, reason, model });
      return (
        this.database
          .prepare<Value[], { count: number | null }>(`SELECT SUM(count) AS count FROM counts ${where}`)
          .get(...values)?.count ?? 0
      );
    };
    return platforms === null ? count(null) : platforms.reduce((sum, platform) => sum + count(platform), 0);
  }

  /** How many wait by reason and model, in the order of both, a page at a time. */
  groups(
    { platforms, reason }: DeadLetterFilter,
    after: DeadLetterGroupPage['next'],
    limit = MAX_PAGE_GROUPS,
  ): DeadLetterGroupPage {
    const found =
      platforms === null
        ? this.groupsOf(null, reason, after)
        : added(platforms.flatMap((platform) => this.groupsOf(platform, reason, after)));
    const most = Math.min(limit, MAX_PAGE_GROUPS);
    const groups = found.slice(0, most);
    return { groups, next: found.length > most ? (groups.at(-1) ?? null) : null };
  }

  /** The accounts with dead letters of a reason, as far as they could be read; a step along the index each, however many letters. */
  accountsWaiting(reason: DeadLetterReason, limit: number): readonly WaitingAccount[] {
    const next = this.database.prepare<[string, string, string], WaitingAccount>(
      'SELECT platform, account FROM letters WHERE dismissed = 0 AND reason = ? AND (platform, account) > (?, ?) ORDER BY platform, account LIMIT 1',
    );
    const waiting: WaitingAccount[] = [];
    for (let one = next.get(reason, '', ''); one && waiting.push(one) < limit;)
      one = next.get(reason, one.platform, one.account);
    return waiting;
  }

  /** Ids of an account's dead letters of a reason, the oldest first. */
  idsOf({ platform, account }: WaitingAccount, reason: DeadLetterReason, limit: number): readonly string[] {
    return this.database
      .prepare<[string, string, string, number], { id: string }>(
        'SELECT id FROM letters WHERE dismissed = 0 AND reason = ? AND platform = ? AND account = ? ORDER BY accepted_at, id LIMIT ?',
      )
      .all(reason, platform, account, limit)
      .map(({ id }) => id);
  }

  /** Ids of letters that wait and were last written to the topic before an instant, milliseconds since 1970; the oldest first. */
  writtenBefore(instantMs: number, limit: number): readonly string[] {
    return this.database
      .prepare<[number, number], { id: string }>(
        'SELECT id FROM letters WHERE dismissed = 0 AND written_at < ? ORDER BY written_at LIMIT ?',
      )
      .all(instantMs, limit)
      .map(({ id }) => id);
  }

  private marks(question: DeadLetterQuestion, order: 'newest' | 'oldest', limit: number): MarkRow[] {
    const { platforms } = question;
    if (platforms === null) return this.marksOf(null, question, order, limit);
    const sign = order === 'newest' ? 1 : -1;
    return platforms
      .flatMap((platform) => this.marksOf(platform, question, order, limit))
      .sort((a, b) => sign * newestFirst(a, b))
      .slice(0, limit);
  }

  private marksOf(
    platform: string | null,
    { reason, model = null, dismissed = false, after }: DeadLetterQuestion,
    order: 'newest' | 'oldest',
    limit: number,
  ): MarkRow[] {
    const { where, values } = conditions({ dismissed: dismissed ? 1 : 0, platform, reason, model });
    const [before, direction] = order === 'newest' ? ['<', 'DESC'] : ['>', 'ASC'];
    return this.database
      .prepare<Value[], MarkRow>(
        `SELECT id, accepted_at FROM letters ${where} ${after ? `AND (accepted_at, id) ${before} (?, ?)` : ''}
         ORDER BY accepted_at ${direction}, id ${direction} LIMIT ?`,
      )
      .all(...values, ...(after ? [after.acceptedAt, after.id] : []), limit);
  }

  private groupsOf(
    platform: string | null,
    reason: string | null,
    after: DeadLetterGroupPage['next'],
  ): DeadLetterGroup[] {
    const { where, values } = conditions({ platform, reason });
    const onward = after ? `${where === '' ? 'WHERE' : 'AND'} (reason, model) > (?, ?)` : '';
    return this.database
      .prepare<Value[], DeadLetterGroup>(
        `SELECT reason, model, SUM(count) AS count FROM counts ${where} ${onward} GROUP BY reason, model ORDER BY reason, model LIMIT ${MAX_PAGE_GROUPS + 1}`,
      )
      .all(...values, ...(after ? [after.reason, after.model] : []));
  }

  private texts(id: string): { readonly letter: string; readonly dismissal: string | null } {
    const row = this.database
      .prepare<[string], { letter: string; dismissal: string | null }>(
        'SELECT letter, dismissal FROM letters WHERE id = ?',
      )
      .get(id);
    if (!row) throw new Error(`the index has lost the dead letter ${id}`);
    return row;
  }
}

/** The columns that have to be equal to what is given; null is not asked for. */
function conditions(wanted: Readonly<Record<string, Value | null>>): { where: string; values: Value[] } {
  const given = Object.entries(wanted).filter((entry): entry is [string, Value] => entry[1] !== null);
  return {
    where: given.length === 0 ? '' : `WHERE ${given.map(([column]) => `${column} = ?`).join(' AND ')}`,
    values: given.map(([, value]) => value),
  };
}

/** Groups of several platforms as those of all of them, in their order. */
function added(groups: readonly DeadLetterGroup[]): DeadLetterGroup[] {
  const sums = new Map<string, DeadLetterGroup>();
  for (const group of groups) {
    const name = JSON.stringify([group.reason, group.model]);
    sums.set(name, { ...group, count: group.count + (sums.get(name)?.count ?? 0) });
  }
  return [...sums.values()].sort((a, b) => compareTexts(a.reason, b.reason) || compareTexts(a.model, b.model));
}

/** As SQLite compares texts: by the bytes of UTF-8. */
function compareTexts(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function newestFirst(a: MarkRow, b: MarkRow): number {
  if (a.accepted_at !== b.accepted_at) return b.accepted_at - a.accepted_at;
  return a.id < b.id ? 1 : -1;
}
