import type { AccountEvent } from '@meterbook/domain/account/events';
import { toText } from '@meterbook/domain/amount/decimal';
import type { Posting } from '@meterbook/domain/entries/legs';
import { entriesOf, inLedgerOrder } from '@meterbook/domain/entries/postings';
import { formatInstant } from '@meterbook/domain/time/instant';
import type { StoredEvent } from '@meterbook/event-store/event-store';
import { toBooked } from '../../projections/booked-event';
import { eventOf, referenceOf } from '../statement/in-words';

/** An entry as it is told without balances: of a batch of charges each is one. */
export interface BookedEntry {
  /** The event's type, or `Derived`. */
  readonly event: AccountEvent['type'] | 'Derived';
  readonly account: string;
  /** The id of the command, or of the usage. */
  readonly reference: string | null;
  /** RFC 3339, UTC. */
  readonly occurredAt: string;
  readonly bookedAt: string;
  /** By ledger account and commodity. */
  readonly legs: readonly Posting[];
}

/** The entries of an account's event; none of one that books nothing. Throws where the event makes no sense. */
export function bookedEntriesOf(stored: StoredEvent): BookedEntry[] {
  const { account, event } = toBooked(stored);
  return entriesOf(event, account).map(({ occurredAt, charge, legs }) => {
    const entry = { booked: { stored, event, charge } };
    return {
      event: eventOf(entry),
      account,
      reference: referenceOf(entry),
      occurredAt,
      bookedAt: formatInstant(stored.bookedAt),
      legs: inLedgerOrder(legs),
    };
  });
}

/** Legs as they are written. */
export function legsText(
  legs: readonly Posting[],
): { readonly ledgerAccount: string; readonly commodity: string; readonly amount: string }[] {
  return legs.map(({ ledgerAccount, commodity, amount }) => ({ ledgerAccount, commodity, amount: toText(amount) }));
}
