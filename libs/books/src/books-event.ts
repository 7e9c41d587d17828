import type { BooksEvent } from '@meterbook/domain/closing/events';
import type { StoredEvent } from '@meterbook/event-store/event-store';
import { decodeEvent } from './event-codec';
import { booksPrefix } from './stream-kinds';

/** Every type of the events of a platform's books that this version reads; one that is missing here does not compile. */
const knownTypes: Readonly<Record<BooksEvent['type'], true>> = {
  PeriodClosed: true,
  ReconciliationMade: true,
};

/** The stream of what finance writes down about a platform. */
export function booksStream(platform: string): string {
  return `${booksPrefix}${platform}`;
}

/** The event of a stream of books. Throws where it is of a type that this version does not know, or no JSON object. */
export function decodeBooksEvent(stored: Pick<StoredEvent, 'type' | 'data'>): BooksEvent {
  if (!Object.hasOwn(knownTypes, stored.type))
    throw new Error(`events of type ${stored.type} are not known to this version`);
  return decodeEvent<BooksEvent>(stored);
}
