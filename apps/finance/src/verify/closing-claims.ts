import type { PeriodClosed } from '@meterbook/domain/closing/events';
import { instantMs } from '@meterbook/domain/time/instant';
import { decodeBooksEvent } from '@meterbook/books/books-event';
import { booksPrefix } from '@meterbook/books/stream-kinds';
import type { StoredEvent } from '@meterbook/event-store/event-store';

/** What a closing says, and where it stands. */
export interface ClosingClaim {
  readonly stream: string;
  readonly revision: number;
  readonly position: string;
  readonly platform: string;
  readonly closed: PeriodClosed;
  /** The end of its period, milliseconds since 1970: what was booked before counts. */
  readonly to: number;
  /** Up to when the heads count, itself included. */
  readonly closedAt: number;
}

/** The closing that an event is; undefined for any other event. Throws where it is none that makes sense. */
export function closingClaimIn({ stream, revision, position, type, data }: StoredEvent): ClosingClaim | undefined {
  if (type !== 'PeriodClosed' || !stream.startsWith(booksPrefix) || stream.includes('/')) return undefined;
  const closed = decodeBooksEvent({ type, data }) as PeriodClosed;
  const [to, closedAt] = [instantMs(closed.to), instantMs(closed.closedAt)];
  if (Number.isNaN(to) || Number.isNaN(closedAt)) throw new Error('it closes no period');
  return { stream, revision, position, platform: stream.slice(booksPrefix.length), closed, to, closedAt };
}
