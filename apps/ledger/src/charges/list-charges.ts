import type { FoundCharge } from '@meterbook/domain/account/charging/reverse';
import type { AccountEvent } from '@meterbook/domain/account/events';
import type { Charge, UsageCharged } from '@meterbook/domain/account/charging/events';
import { formatInstant, instantMs } from '@meterbook/domain/time/instant';
import { decodeEvent } from '@meterbook/books/event-codec';
import type { EventStore } from '@meterbook/event-store/event-store';
import type { Clock } from '@meterbook/runtime/clock';
import { Turns } from '@meterbook/runtime/turns';

/** Bytes of the stored charges of one page, from which on it ends; a page has one charge at least. */
export const MAX_PAGE_BYTES = 1024 * 1024;
/** Charges that are looked at for one page; after as many the page ends, however few were asked for among them. */
export const MAX_EXAMINED_CHARGES = 20_000;
/** Events that are read for one page, those without charges included. */
const MAX_EXAMINED_EVENTS = 20_000;

export interface ChargeFilter {
  readonly from?: string;
  readonly to?: string;
  readonly model?: string;
  readonly apiKey?: string;
}

/** Where a list goes on: before this charge, since the one booked last comes first. */
export interface ChargeMark {
  readonly revision: number;
  readonly index: number;
}

export interface ChargesPage {
  readonly before: ChargeMark | null;
  /** Most charges of the page. */
  readonly limit: number;
}

export interface ListedCharge extends FoundCharge {
  readonly currency: string;
}

export interface ListedCharges {
  readonly charges: readonly ListedCharge[];
  readonly next: ChargeMark | null;
}

/** Charges of an account that match, the one booked last first; what is booked meanwhile never moves a page. */
export async function listCharges(
  store: EventStore,
  stream: string,
  filter: ChargeFilter,
  { before, limit }: ChargesPage,
  clock: Clock,
): Promise<ListedCharges> {
  const wanted = matcher(filter);
  const charges: ListedCharge[] = [];
  let examinedCharges = 0;
  let bytes = 0;
  const turns = new Turns(clock);
  let examinedEvents = 0;
  for await (const stored of store.read(stream, before?.revision ?? 'end', 'backward')) {
    const { revision } = stored;
    if (stored.type === 'UsageCharged') {
      const event = decodeEvent<AccountEvent>(stored) as UsageCharged;
      const end = before?.revision === revision ? Math.min(before.index, event.charges.length) : event.charges.length;
      for (let index = end - 1; index >= 0; index--) {
        const charge = event.charges[index];
        if (!charge || !wanted(charge)) continue;
        charges.push({ charge, revision, index, currency: event.currency });
        bytes += stored.data.length / event.charges.length;
        if (charges.length >= limit || bytes >= MAX_PAGE_BYTES) return { charges, next: { revision, index } };
      }
      examinedCharges += end;
    }
    examinedEvents += 1;
    await turns.next();
    if (examinedCharges >= MAX_EXAMINED_CHARGES || examinedEvents >= MAX_EXAMINED_EVENTS)
      return { charges, next: { revision, index: 0 } };
  }
  return { charges, next: null };
}

/** Stored instants are texts of one width, so they compare as texts. */
function matcher({ from, to, model, apiKey }: ChargeFilter): (charge: Charge) => boolean {
  const earliest = from === undefined ? undefined : formatInstant(instantMs(from));
  const end = to === undefined ? undefined : formatInstant(instantMs(to));
  return (charge) =>
    (earliest === undefined || charge.occurredAt >= earliest) &&
    (end === undefined || charge.occurredAt < end) &&
    (model === undefined || charge.model === model) &&
    (apiKey === undefined || charge.apiKeyId === apiKey);
}
