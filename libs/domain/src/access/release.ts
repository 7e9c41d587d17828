import { formatInstant } from '../time/instant';
import type { HoldReleased } from './events';
import type { HoldBook } from './hold-book';

/** Gives a live hold back; null where it is not live any more. What has expired or is settled has been taken out before. */
export function releaseHold(book: HoldBook, hold: number, nowMs: number): HoldReleased | null {
  if (!book.live.has(hold)) return null;
  return { type: 'HoldReleased', occurredAt: formatInstant(Math.max(nowMs, book.lastAt)), hold };
}
