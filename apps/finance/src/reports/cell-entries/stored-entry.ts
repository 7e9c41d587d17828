import { accountStream, eventAt } from '@meterbook/books/account-stream';
import type { Charge } from '@meterbook/domain/account/charging/events';
import type { AccountEvent } from '@meterbook/domain/account/events';
import { inLedgerOrder, postingsOf, postingsOfCharge } from '@meterbook/domain/entries/postings';
import { formatInstant } from '@meterbook/domain/time/instant';
import type { EventStore, StoredEvent } from '@meterbook/event-store/event-store';
import { StreamDamaged } from '@meterbook/event-store/store-failure';
import { toBooked } from '../../projections/booked-event';
import { explainEntry } from '../entries/explain-entry';
import { eventOf, referenceOf } from '../statement/in-words';
import type { CellEntry } from './cell-entry';

/** What of an entry is told whatever it adds. */
export type ToldEntry = Omit<CellEntry, 'sums'>;

/** Where an entry stands, and what is known of it beside its event. Instants are milliseconds since 1970. */
export interface EntryPlace {
  readonly account: string;
  readonly revision: number;
  /** Of a batch of charges the place of the one; null for all else. */
  readonly index: number | null;
  readonly event: AccountEvent['type'];
  readonly booked: number;
  readonly occurred: number;
}

/** The entry at a place in the store. What a projection has counted before its stream was damaged is told without what the event says. */
export async function entryAt(store: EventStore, platform: string, place: EntryPlace): Promise<ToldEntry> {
  const { account, revision, index } = place;
  const stored = await storedAt(store, accountStream({ platform, account }), revision);
  if (!stored) return unreadable(place);
  try {
    const { event, bookedAt } = toBooked(stored);
    const charge = event.type === 'UsageCharged' && index !== null ? (event.charges[index] ?? null) : null;
    return toldEntry(event, charge, account, bookedAt);
  } catch {
    // It was folded as it was: its bytes have been changed since.
    return unreadable(place);
  }
}

async function storedAt(store: EventStore, stream: string, revision: number): Promise<StoredEvent | undefined> {
  try {
    return await eventAt(store, stream, revision);
  } catch (error) {
    if (error instanceof StreamDamaged) return undefined;
    throw error;
  }
}

function unreadable({ event, account, occurred, booked }: EntryPlace): ToldEntry {
  return {
    ...{ event, account, reference: null, legs: [], explain: null },
    ...{ occurredAt: formatInstant(occurred), bookedAt: formatInstant(booked) },
    sentence: 'What is stored of it is damaged, and cannot be read.',
  };
}

/** An event as an entry; of a batch one charge. */
export function toldEntry(event: AccountEvent, charge: Charge | null, account: string, bookedAt: number): ToldEntry {
  const booked = { stored: { revision: 0, position: '' }, event, charge };
  const legs =
    charge && event.type === 'UsageCharged'
      ? postingsOfCharge(charge, event.currency, account)
      : postingsOf(event, account);
  const { formula, sentence } = explainEntry({ booked, legs }, account, '');
  return {
    event: eventOf({ booked }),
    account,
    reference: referenceOf({ booked }),
    occurredAt: charge?.occurredAt ?? occurredAtOf(event),
    bookedAt: formatInstant(bookedAt),
    legs: inLedgerOrder(legs),
    explain: formula,
    sentence,
  };
}

function occurredAtOf(event: AccountEvent): string {
  return event.type === 'UsageCharged' ? (event.charges[0]?.occurredAt ?? '') : event.occurredAt;
}
