import { dropExpired, dropSettled, evolveHolds, newHoldBook } from '@meterbook/domain/access/hold-book';
import type { HoldEvent } from '@meterbook/domain/access/events';
import { LONGEST_HOLD_MS } from '@meterbook/domain/access/settled-holds';
import type { Account } from '@meterbook/domain/account/account';
import { zero, type Decimal } from '@meterbook/domain/amount/decimal';
import { storedInstant } from '@meterbook/domain/time/instant';
import type { AccountName } from '@meterbook/books/account-stream';
import { decodeHoldEvent, holdStream } from '@meterbook/books/hold-stream';
import { folded } from '@meterbook/event-store/damaged-streams';
import type { EventStore } from '@meterbook/event-store/event-store';
import { StreamDamaged } from '@meterbook/event-store/store-failure';

interface ReadEvent {
  readonly event: HoldEvent;
  readonly revision: number;
}

/**
 * What live holds have set aside of an account now, in the wallet's currency, read back from the end of their stream as far as
 * something can be live. A stream of holds that cannot be read says nothing: the account's own events are told all the same.
 */
export async function heldMoney(
  store: EventStore,
  name: AccountName,
  account: Account,
  nowMs: number,
): Promise<Decimal> {
  const stream = holdStream(name);
  try {
    const newestFirst: ReadEvent[] = [];
    for await (const stored of store.read(stream, 'end', 'backward')) {
      const event = folded(stream, () => decodeHoldEvent(stored));
      newestFirst.push({ event, revision: stored.revision });
      if (event.note !== undefined || storedInstant(event.occurredAt) < nowMs - LONGEST_HOLD_MS) break;
    }
    return folded(stream, () => heldOf(newestFirst.reverse(), account, nowMs));
  } catch (error) {
    if (error instanceof StreamDamaged) return zero;
    throw error;
  }
}

function heldOf(events: readonly ReadEvent[], account: Account, nowMs: number): Decimal {
  const book = newHoldBook();
  for (const { event, revision } of events) evolveHolds(book, event, revision);
  dropExpired(book, nowMs);
  dropSettled(book, account);
  return book.held;
}
