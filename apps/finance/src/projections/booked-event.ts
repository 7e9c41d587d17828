import type { AccountEvent } from '@meterbook/domain/account/events';
import { decodeEvent } from '@meterbook/books/event-codec';
import type { StoredEvent } from '@meterbook/event-store/event-store';
import type { BookedEvent } from './projection';

export const accountPrefix = 'account-';

export function toBooked(stored: StoredEvent): BookedEvent {
  const { platform, account } = namesOf(stored.stream);
  return {
    platform,
    account,
    position: stored.position,
    bookedAt: stored.bookedAt,
    event: decodeEvent<AccountEvent>(stored),
  };
}

/** Platform and account of a stream `account-{platform}/{account}`; throws on any other name. */
export function namesOf(stream: string): { readonly platform: string; readonly account: string } {
  const slash = stream.indexOf('/');
  if (slash < 0 || !stream.startsWith(accountPrefix)) throw new Error(`${stream} is not an account's stream`);
  return { platform: stream.slice(accountPrefix.length, slash), account: stream.slice(slash + 1) };
}
