import type { AccountEvent } from '@meterbook/domain/account/events';
import type { Charge } from '@meterbook/domain/account/charging/events';
import type { StoredEvent } from '@meterbook/event-store/event-store';
import type { Basis } from '../../reports/axes';

/** An event with whose it is and when it was booked, milliseconds since 1970. */
export interface BookedThen {
  readonly account: string;
  readonly bookedAt: number;
  readonly event: AccountEvent;
}

/** One thing that occurred: a charge, or any other event. */
export interface Piece {
  readonly account: string;
  readonly revision: number;
  readonly place: number;
  /** On the axis asked about. */
  readonly when: number;
  readonly occurred: number;
  readonly event: AccountEvent;
  readonly charge: Charge | null;
}

/** A figure that counts for a group. */
export type Note = (values: Readonly<Record<string, string | null>>, measure: string, amount: bigint) => void;

/** All that is booked, by what occurred when. */
export function piecesOf({ basis }: { readonly basis: Basis }, booked: readonly BookedThen[]): Piece[] {
  const revisions = new Map<string, number>();
  return booked.flatMap(({ account, bookedAt, event }) => {
    const revision = revisions.get(account) ?? 0;
    revisions.set(account, revision + 1);
    const charges = event.type === 'UsageCharged' ? event.charges : [null];
    return charges.map((charge, place): Piece => {
      const occurred = Date.parse(charge ? charge.occurredAt : event.type === 'UsageCharged' ? '' : event.occurredAt);
      return { account, revision, place, when: basis === 'booked' ? bookedAt : occurred, occurred, event, charge };
    });
  });
}

/** The account events of a platform among all that stands in a store, read as they are written. */
export function bookedIn(history: readonly StoredEvent[], platform: string): BookedThen[] {
  const prefix = `account-${platform}/`;
  return history
    .filter(({ stream }) => stream.startsWith(prefix))
    .map(({ stream, bookedAt, type, data }) => {
      const event = { type, ...(JSON.parse(data) as object) } as AccountEvent;
      return { account: stream.slice(prefix.length), bookedAt, event };
    });
}
