import { decodeAccountEvent } from '@meterbook/books/account-event';
import { accountPrefix } from '@meterbook/books/stream-kinds';
import type { StoredEvent } from '@meterbook/event-store/event-store';
import type { BookedEvent } from './projection';

/** Throws where the event is not one of an account, of a type that this version does not know, or no JSON object. */
export function toBooked(stored: StoredEvent): BookedEvent {
  const { stream, revision, position, bookedAt } = stored;
  const { platform, account } = namesOf(stream);
  if (!stored.data.startsWith('{')) throw new Error('its data is no JSON object');
  return { stream, revision, platform, account, position, bookedAt, event: decodeAccountEvent(stored) };
}

/** Platform and account of a stream `account-{platform}/{account}`; throws on any other name. */
export function namesOf(stream: string): { readonly platform: string; readonly account: string } {
  const slash = stream.indexOf('/');
  if (slash < 0 || !stream.startsWith(accountPrefix)) throw new Error(`${stream} is not an account's stream`);
  return { platform: stream.slice(accountPrefix.length, slash), account: stream.slice(slash + 1) };
}
