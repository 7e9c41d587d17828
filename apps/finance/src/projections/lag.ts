import { comparePositions, type EventStore } from '@meterbook/event-store/event-store';
import type { Clock } from '@meterbook/runtime/clock';
import type { Progress } from './projection-file';

/** A set further behind than this counts as down, milliseconds. */
export const MAX_BEHIND_MS = 60_000;

/** Clocks of two machines may differ by this much before a health check speaks of it, milliseconds. */
export const MAX_AHEAD_MS = 5_000;

/** How far a set is behind the store, in milliseconds; 0 where nothing is left to fold. */
export async function behindMs(progress: Progress, store: EventStore, clock: Clock): Promise<number> {
  if (comparePositions(progress.position, await store.end()) === 0) return 0;
  return Math.max(0, clock.now() - Math.max(0, progress.watermark));
}
