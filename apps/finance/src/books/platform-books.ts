import type { BooksEvent, PeriodClosed, ReconciliationMade } from '@meterbook/domain/closing/events';
import { decodeBooksEvent } from '@meterbook/books/books-event';
import { folded } from '@meterbook/event-store/damaged-streams';
import type { StoredEvent } from '@meterbook/event-store/event-store';
import { chainStart } from '@meterbook/event-store/hash-chain';

export type BooksEventOf<Type extends BooksEvent['type']> = Extract<BooksEvent, { readonly type: Type }>;

/** What was written down about a platform, as far as its stream was read. */
export class PlatformBooks {
  /** Revision of the last event read; −1 for none. */
  revision = -1;
  hash = chainStart;
  private readonly closed = new Map<string, PeriodClosed>();
  private readonly reconciled = new Map<string, ReconciliationMade>();

  constructor(readonly stream: string) {}

  /** By id, in the order in which they were made. */
  get closings(): ReadonlyMap<string, PeriodClosed> {
    return this.closed;
  }

  get reconciliations(): ReadonlyMap<string, ReconciliationMade> {
    return this.reconciled;
  }

  /** Takes in the event that follows. Throws `StreamDamaged` where it makes no sense. */
  read(stored: StoredEvent): void {
    folded(this.stream, () => this.take(decodeBooksEvent(stored)));
    this.revision = stored.revision;
    this.hash = stored.hash;
  }

  /** The event of a type that was written under an id; undefined before there is one. */
  earlier<Type extends BooksEvent['type']>(type: Type, id: string): BooksEventOf<Type> | undefined {
    const found: BooksEvent | undefined = type === 'PeriodClosed' ? this.closed.get(id) : this.reconciled.get(id);
    return found as BooksEventOf<Type> | undefined;
  }

  /** An id is used once: where a hand has written a second event, the first one stands. */
  private take(event: BooksEvent): void {
    if (this.earlier(event.type, idOf(event))) return;
    switch (event.type) {
      case 'PeriodClosed':
        this.closed.set(event.closingId, event);
        return;
      case 'ReconciliationMade':
        this.reconciled.set(event.reconciliationId, event);
        return;
    }
  }
}

/** The id under which an event is written once. */
export function idOf(event: BooksEvent): string {
  switch (event.type) {
    case 'PeriodClosed':
      return event.closingId;
    case 'ReconciliationMade':
      return event.reconciliationId;
  }
}
