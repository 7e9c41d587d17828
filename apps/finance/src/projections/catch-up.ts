import { accountPrefix } from '@meterbook/books/stream-kinds';
import { comparePositions, type EventStore, type Position } from '@meterbook/event-store/event-store';
import type { Clock } from '@meterbook/runtime/clock';
import { BesideEvents } from './beside-events';
import { EventReader, upTo, type ReadBatch } from './event-reader';

/** How often is looked whether those that are behind have come as far, milliseconds. */
const LOOK_EVERY_MS = 10;

/** What is folded alone until it stands where others do. */
export interface CatchingUp {
  readonly position: () => Position;
  readonly fold: (batch: ReadBatch) => void;
  /** Where it has to come; it may move on meanwhile. Undefined where nobody waits: then it is there. */
  readonly target: () => Position | undefined;
  /** Called in the very moment in which it stands at the target. */
  readonly arrived: () => void;
}

/** Folds up to exactly the target, never beyond it. Ends without having arrived only when aborted. */
export async function catchUp(
  { position, fold, target, arrived }: CatchingUp,
  store: EventStore,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const [reader, beside] = [new EventReader(), new BesideEvents(store)];
  const isThere = (): boolean => {
    const there = target();
    if (there !== undefined && comparePositions(there, position()) !== 0) return false;
    arrived();
    return true;
  };
  const isBehind = (): boolean => comparePositions(position(), target() ?? 'start') < 0;
  while (!signal.aborted && !isThere()) {
    if (!isBehind()) {
      await clock.sleep(LOOK_EVERY_MS, signal);
      continue;
    }
    for await (const batch of store.subscribe([accountPrefix], position(), signal)) {
      if (isThere()) return;
      const there = target();
      if (there === undefined || !isBehind()) break;
      const read = await beside.completed(reader.read(upTo(batch, there)));
      signal.throwIfAborted();
      fold(read);
      if (isThere()) return;
      // Whatever else this thread does gets its turn, also while there is much to catch up with.
      await clock.sleep(0, signal);
      // What was cut off the batch would be missing from the next one.
      if (comparePositions(batch.position, there) > 0) break;
    }
  }
}
