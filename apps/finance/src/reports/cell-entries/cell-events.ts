import { accountNamed, accountStream } from '@meterbook/books/account-stream';
import { accountPrefix } from '@meterbook/books/stream-kinds';
import { comparePositions, type EventStore, type Position, type StoredEvent } from '@meterbook/event-store/event-store';
import { StreamDamaged } from '@meterbook/event-store/store-failure';
import type { Clock } from '@meterbook/runtime/clock';
import { toBooked } from '../../projections/booked-event';
import { EventReader } from '../../projections/event-reader';
import type { BookedEvent } from '../../projections/projection';
import type { ProjectionReader } from '../../projections/projection-reader';
import { accountOf } from '../../projections/trial-balance/line-names';
import { DAY_MS } from '../../projections/trial-balance/line-state';
import { trialBalance } from '../../projections/trial-balance/trial-balance';
import type { Question } from '../grouped/question';
import type { CellAsked } from './cell-entry';
import { markOf, numberIn, partsOf } from './cell-mark';

/** Events of one account that are read between two turns of whatever else this thread does, and characters of them. */
const EVENTS_PER_TURN = 500;
const CHARS_PER_TURN = 4 * 1024 * 1024;

const EVENTS = 'events';

/** Some events that follow each other, and the mark behind them. */
export interface EventsThen {
  readonly events: readonly BookedEvent[];
  readonly mark: string;
}

/** Which of all events are wanted. */
export interface Wanted {
  /** What was booked before it is not, milliseconds since 1970; null where nothing is known of that. */
  readonly bookedFrom: number | null;
  /** Whether an event is beyond all that are. */
  readonly isOver: (booked: { readonly bookedAt: number }) => boolean;
}

/** The events that a cell may be made of, in store order, as far as its projection has come and without what that stands without. */
export class CellEvents {
  constructor(
    private readonly store: EventStore,
    private readonly clock: Clock,
    private readonly reader: ProjectionReader,
  ) {}

  /** Nothing where the cell goes on after something else than events. */
  async *of(asked: CellAsked, wanted: Wanted): AsyncIterable<EventsThen> {
    const { question, snapshot, after } = asked;
    if (after !== null && !partsOf(EVENTS, after)) return;
    const account = onlyAccountOf(question);
    const name = account === undefined ? undefined : accountNamed(`${question.platform}/${account}`);
    const stream = name && accountStream(name);
    if (account !== undefined && stream === undefined) return;
    let reached = after;
    if (stream !== undefined && !snapshot.damaged.holds(stream, snapshot.progress.position))
      try {
        for await (const some of this.ofStream(stream, asked, wanted)) {
          reached = some.mark;
          yield some;
        }
        return;
      } catch (error) {
        if (!(error instanceof StreamDamaged)) throw error;
      }
    // What was delivered of a damaged stream before its damage is told by the order of all only.
    yield* this.ofPlatform({ ...asked, after: reached }, wanted);
  }

  private async *ofPlatform(asked: CellAsked, wanted: Wanted): AsyncIterable<EventsThen> {
    const { question, snapshot } = asked;
    const { progress, damaged } = snapshot;
    const after = partsOf(EVENTS, asked.after)?.[0] ?? this.positionBefore(wanted.bookedFrom);
    if (comparePositions(after, progress.position) >= 0) return;
    const done = new AbortController();
    const events = new EventReader();
    try {
      const prefix = `${accountPrefix}${question.platform}/`;
      for await (const batch of this.store.subscribe([prefix], after, done.signal)) {
        const all = events.read(batch).events;
        const within = all.filter(
          (event) => comparePositions(event.position, progress.position) <= 0 && !wanted.isOver(event),
        );
        yield {
          events: within.filter(({ stream, position }) => !damaged.holds(stream, position)),
          mark: markOf(EVENTS, batch.position, 0),
        };
        if (within.length < all.length || comparePositions(batch.position, progress.position) >= 0) return;
        await this.clock.sleep(0);
      }
    } finally {
      done.abort();
    }
  }

  private async *ofStream(stream: string, { snapshot, after }: CellAsked, wanted: Wanted): AsyncIterable<EventsThen> {
    const { position } = snapshot.progress;
    const parts = partsOf(EVENTS, after);
    const first = parts ? numberIn(parts, 1) + 1 : await this.firstFrom(stream, wanted.bookedFrom);
    let events: BookedEvent[] = [];
    let chars = 0;
    let last: StoredEvent | undefined;
    for await (const stored of this.store.read(stream, first, 'forward')) {
      if (comparePositions(stored.position, position) > 0 || wanted.isOver(stored)) break;
      last = stored;
      const booked = readable(stored);
      if (booked) events.push(booked);
      chars += stored.data.length;
      if (events.length < EVENTS_PER_TURN && chars < CHARS_PER_TURN) continue;
      yield { events, mark: eventMark(stored) };
      [events, chars] = [[], 0];
      await this.clock.sleep(0);
    }
    if (last) yield { events, mark: eventMark(last) };
  }

  /** A position before everything that was booked from some instant on. */
  private positionBefore(bookedFrom: number | null): Position {
    if (bookedFrom === null) return 'start';
    const after = this.reader.peek(trialBalance.name, (database) =>
      database
        .prepare<[number], Position>('SELECT after_position FROM days WHERE day <= ? ORDER BY day DESC LIMIT 1')
        .pluck()
        .get(Math.floor(bookedFrom / DAY_MS)),
    );
    return after ?? 'start';
  }

  /** The first revision that was booked from some instant on: times of booking only rise, so half of them are left out at a time. */
  private async firstFrom(stream: string, bookedFrom: number | null): Promise<number> {
    const head = bookedFrom === null ? 'no-stream' : await this.store.head(stream);
    if (head === 'no-stream' || bookedFrom === null) return 0;
    let low = 0;
    for (let high = head + 1; low < high;) {
      const middle = Math.floor((low + high) / 2);
      if ((await this.bookedAtOf(stream, middle)) < bookedFrom) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private async bookedAtOf(stream: string, revision: number): Promise<number> {
    for await (const { bookedAt } of this.store.read(stream, revision, 'forward')) return bookedAt;
    return Infinity;
  }
}

/** One whose bytes were changed after it was counted is passed over, as it is in the order of all. */
function readable(stored: StoredEvent): BookedEvent | undefined {
  try {
    return toBooked(stored);
  } catch {
    return undefined;
  }
}

/** The mark of an event. */
export function eventMark({ position, revision }: Pick<StoredEvent, 'position' | 'revision'>): string {
  return markOf(EVENTS, position, revision);
}

/** The account that a cell is of, or that has the line which it is; undefined where it may be of several. */
export function onlyAccountOf({ filters }: Question): string | undefined {
  for (const [dimension, values] of filters) {
    const [value = '', ...more] = values;
    if (value === '' || more.length > 0) continue;
    if (dimension === 'account') return value;
    const account = dimension === 'ledgerAccount' ? accountOf(value) : undefined;
    // A control line is that of all.
    if (account !== undefined && account !== '*') return account;
  }
  return undefined;
}
