import {
  comparePositions,
  type Position,
  type StoredEvent,
  type SubscriptionBatch,
} from '@meterbook/event-store/event-store';
import { ownText } from '@meterbook/runtime/own-text';
import { toBooked } from './booked-event';
import type { BookedEvent } from './projection';

/** Streams whose last revision is remembered; two generations of at most this many each, about 120 bytes a stream. */
const MAX_REVISIONS = 20_000;

/** A stream that cannot be read or folded from a position on. Revision and type are those of the event, where there is one. */
export interface Damage {
  readonly stream: string;
  readonly position: Position;
  readonly revision: number | null;
  readonly type: string | null;
  readonly detail: string;
}

/** Which event a file has seen last: the store that it was filled from holds it. */
export interface LastEvent {
  readonly stream: string;
  readonly revision: number;
  readonly hash: string;
  readonly bookedAt: number;
}

/** A batch as the projections take it. */
export interface ReadBatch {
  readonly events: readonly BookedEvent[];
  /** What of it could not be read, in store order. Later events of such a stream are of no account. */
  readonly damaged: readonly Damage[];
  readonly position: Position;
  /** The last event of the batch, read or not; null where there is none. */
  readonly last: LastEvent | null;
  readonly caughtUp: boolean;
  readonly observedAt: number;
}

/** Decodes what a subscription delivers. An event that cannot be read is the damage of its own stream and of nothing else. */
export class EventReader {
  private young = new Map<string, number>();
  private old = new Map<string, number>();

  read({ events, damaged, position, caughtUp, observedAt }: SubscriptionBatch): ReadBatch {
    const booked: BookedEvent[] = [];
    const faults: Damage[] = damaged.map(({ stream, position: at, damage }) => ({
      stream,
      position: at,
      revision: null,
      type: null,
      detail: damage,
    }));
    for (const stored of events) {
      try {
        this.refuseGap(stored);
        booked.push(toBooked(stored));
      } catch (error) {
        faults.push(damageOf(stored, error));
      }
    }
    faults.sort((a, b) => comparePositions(a.position, b.position));
    return {
      events: booked,
      damaged: faults,
      position,
      last: events.at(-1) ?? null,
      caughtUp,
      observedAt,
    };
  }

  /** A stream that was not met for long is taken up wherever it is: what is missing there shows in `verify`. */
  private refuseGap({ stream, revision }: StoredEvent): void {
    const young = this.young.get(stream);
    const last = young ?? this.old.get(stream);
    this.young.set(young === undefined ? ownText(stream) : stream, revision);
    if (this.young.size > MAX_REVISIONS) {
      this.old = this.young;
      this.young = new Map();
    }
    if (last !== undefined && revision !== last + 1) throw new Error(`it follows revision ${last}`);
  }
}

/** What an event that makes no sense says of its stream. */
export function damageOf(
  event: Pick<BookedEvent, 'stream' | 'position' | 'revision'> & { readonly type: string },
  error: unknown,
): Damage {
  const { stream, position, revision, type } = event;
  const why = error instanceof Error ? error.message : String(error);
  return { stream, position, revision, type, detail: `revision ${revision} (${type}): ${why}` };
}

/** What of a batch stands at or before a position. */
export function upTo(batch: SubscriptionBatch, position: Position): SubscriptionBatch {
  if (comparePositions(batch.position, position) <= 0) return batch;
  const within = (at: { readonly position: Position }): boolean => comparePositions(at.position, position) <= 0;
  return {
    ...batch,
    events: batch.events.filter(within),
    damaged: batch.damaged.filter(within),
    position,
    caughtUp: false,
  };
}
