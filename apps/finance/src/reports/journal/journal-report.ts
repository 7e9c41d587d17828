import { openDatabase, type Database } from '@meterbook/runtime/sqlite';
import { takenBy, takenByOccurred } from '@meterbook/domain/entries/timed-items';
import { instantMs } from '@meterbook/domain/time/instant';
import { accountPrefix } from '@meterbook/books/stream-kinds';
import { comparePositions, type EventStore, type Position, type StoredEvent } from '@meterbook/event-store/event-store';
import type { Clock } from '@meterbook/runtime/clock';
import type { ProjectionReader, ProjectionSnapshot } from '../../projections/projection-reader';
import { DAY_MS } from '../../projections/trial-balance/line-state';
import { StoredLines } from '../../projections/trial-balance/read-lines';
import { trialBalance } from '../../projections/trial-balance/trial-balance';
import { damagedOf } from '../damaged-accounts';
import { bookedEntriesOf, type BookedEntry } from '../entries/booked-entry';
import type { TrialBalanceReport } from '../trial-balance/trial-balance-report';
import { TakenBetween } from './derived-entries';
import type { JournalQuestion } from './journal-question';

/** An entry with its number: 1, 2, … */
export interface NumberedEntry extends BookedEntry {
  readonly number: number;
}

/** A journal that can be read once; it holds a snapshot until it is closed. */
export interface Journal {
  readonly entries: AsyncIterable<NumberedEntry>;
  /** Store time before which everything is in it; −1 before the first event. */
  readonly watermark: number;
  /** Booked and complete: the same question will never have another answer. */
  readonly final: boolean;
  /** How many accounts it is without, wholly or in part, since their streams cannot be read. */
  readonly damaged: number;
  close(): void;
}

/** Every entry of a platform with its legs, in store order, and at last what time alone has changed, account by account. */
export class JournalReport {
  constructor(
    private readonly store: EventStore,
    private readonly clock: Clock,
    private readonly reader: ProjectionReader,
    private readonly trialBalances: TrialBalanceReport,
  ) {}

  async open(question: JournalQuestion): Promise<Journal> {
    const { platform, basis, to } = question;
    const passed = to !== null && to <= this.clock.now() && (await this.reader.isFinalAt(trialBalance.name, to - 1));
    const end = await this.store.end();
    const snapshot = this.reader.snapshot(trialBalance.name);
    const scratches: Database[] = [];
    const scratch = (): Database => {
      const database = openDatabase('');
      scratches.push(database);
      return database;
    };
    const damaged = snapshot ? damagedOf(snapshot.damaged, platform).count : 0;
    return {
      entries: this.numbered(question, end, snapshot, scratch),
      watermark: snapshot?.progress.watermark ?? -1,
      final: basis === 'booked' && passed && damaged === 0,
      damaged,
      close: () => {
        for (const database of scratches.splice(0)) database.close();
        snapshot?.close();
      },
    };
  }

  private async *numbered(
    question: JournalQuestion,
    end: Position,
    snapshot: ProjectionSnapshot | undefined,
    scratch: () => Database,
  ): AsyncIterable<NumberedEntry> {
    let number = 0;
    for await (const entry of this.booked(question, end, snapshot))
      if (++number > question.received) yield { number, ...entry };
    if (!snapshot) return;
    const taken = await this.taken(question, snapshot, scratch);
    for (const entry of taken.entries(question.derivedTo)) if (++number > question.received) yield { number, ...entry };
  }

  /** What the events up to a position have booked; an account that cannot be read any more is in it as far as it can. */
  private async *booked(
    question: JournalQuestion,
    end: Position,
    snapshot: ProjectionSnapshot | undefined,
  ): AsyncIterable<BookedEntry> {
    const after = startOf(question, snapshot);
    if (comparePositions(after, end) >= 0) return;
    const isIn = filterOf(question);
    const unreadable = new Set<string>();
    const done = new AbortController();
    try {
      const prefix = `${accountPrefix}${question.platform}/`;
      for await (const { events, position } of this.store.subscribe([prefix], after, done.signal)) {
        for (const event of events) {
          if (comparePositions(event.position, end) > 0 || isBeyond(question, event)) return;
          if (!unreadable.has(event.stream)) yield* readable(event, unreadable).filter(isIn);
        }
        if (comparePositions(position, end) >= 0) return;
        // Whatever else this thread does gets its turn, also while nothing of it is asked for.
        await this.clock.sleep(0);
      }
    } finally {
      done.abort();
    }
  }

  private async taken(
    { platform, basis, from, to, derivedTo }: JournalQuestion,
    snapshot: ProjectionSnapshot,
    scratch: () => Database,
  ): Promise<TakenBetween> {
    const taken = new TakenBetween(scratch());
    if (basis === 'occurred') {
      // What time takes is told from the items of all that is booked, whenever that was.
      const lines = new StoredLines(snapshot.database, platform, null);
      if (from !== null) taken.note('before', lines.timed(), from, takenByOccurred);
      taken.note('after', lines.timed(), derivedTo, takenByOccurred);
      return taken;
    }
    const linesBefore = (atMs: number): ReturnType<TrialBalanceReport['sourceAt']> =>
      this.trialBalances.sourceAt(snapshot, scratch(), platform, atMs - 1);
    if (from !== null) taken.note('before', (await linesBefore(from)).timed(), from, takenBy);
    taken.note('after', (await linesBefore(to ?? Infinity)).timed(), derivedTo, takenBy);
    return taken;
  }
}

/** The position after which the journal's first event stands at the earliest. By occurred at that may be any. */
function startOf({ basis, from }: JournalQuestion, snapshot: ProjectionSnapshot | undefined): Position {
  if (basis === 'occurred' || from === null || !snapshot) return 'start';
  const { database, progress } = snapshot;
  const day = Math.floor(from / DAY_MS);
  const began = database
    .prepare<[number], Position>('SELECT after_position FROM days WHERE day >= ? ORDER BY day LIMIT 1')
    .pluck()
    .get(day);
  return began ?? progress.position;
}

/** Whether neither this event nor any that follows is asked for. */
function isBeyond({ basis, to }: JournalQuestion, { bookedAt }: StoredEvent): boolean {
  return basis === 'booked' && to !== null && bookedAt >= to;
}

function filterOf({ basis, from, to }: JournalQuestion): (entry: BookedEntry) => boolean {
  return ({ occurredAt, bookedAt }) => {
    const at = instantMs(basis === 'booked' ? bookedAt : occurredAt);
    return at >= (from ?? -Infinity) && at < (to ?? Infinity);
  };
}

function readable(event: StoredEvent, unreadable: Set<string>): BookedEntry[] {
  try {
    return bookedEntriesOf(event);
  } catch {
    unreadable.add(event.stream);
    return [];
  }
}
