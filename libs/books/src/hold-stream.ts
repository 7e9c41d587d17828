import type { HoldEvent } from '@meterbook/domain/access/events';
import type { StoredEvent } from '@meterbook/event-store/event-store';
import type { AccountName } from './account-stream';
import { decodeEvent } from './event-codec';
import { holdPrefix } from './stream-kinds';

/** The stream of an account's holds, and of the requests that its limits count. */
export function holdStream({ platform, account }: AccountName): string {
  return `${holdPrefix}${platform}/${account}`;
}

/** Every type of event that this version folds there; one that is missing here does not compile. */
const knownTypes: Readonly<Record<HoldEvent['type'], true>> = {
  HoldPlaced: true,
  HoldReleased: true,
  RequestCounted: true,
};

/** The event of a `hold-` stream. Throws where it is of a type that this version does not know, or no JSON object. */
export function decodeHoldEvent(stored: Pick<StoredEvent, 'type' | 'data'>): HoldEvent {
  if (!Object.hasOwn(knownTypes, stored.type))
    throw new Error(`events of type ${stored.type} are not known to this version`);
  return decodeEvent<HoldEvent>(stored);
}
