import { accountPrefix } from '@meterbook/books/stream-kinds';
import { decodeEvent } from '@meterbook/books/event-codec';
import type { AccountEvent } from '@meterbook/domain/account/events';
import type { StoredEvent } from '@meterbook/event-store/event-store';
import type { BookedEvent } from './projection';

/** Every type that this version folds; one that is missing here does not compile. */
const knownTypes: Readonly<Record<AccountEvent['type'], true>> = {
  AccountOpened: true,
  AccountSettingsChanged: true,
  WalletRecharged: true,
  CreditGranted: true,
  UsageCharged: true,
  UsageReversed: true,
  TierChanged: true,
  ApiKeyIssued: true,
  ApiKeyChanged: true,
  ApiKeyRevoked: true,
};

/** Throws where the event is not one of an account, of a type that this version does not know, or no JSON object. */
export function toBooked(stored: StoredEvent): BookedEvent {
  const { stream, revision, position, bookedAt } = stored;
  const { platform, account } = namesOf(stream);
  if (!Object.hasOwn(knownTypes, stored.type))
    throw new Error(`events of type ${stored.type} are not known to this version`);
  if (!stored.data.startsWith('{')) throw new Error('its data is no JSON object');
  return { stream, revision, platform, account, position, bookedAt, event: decodeEvent<AccountEvent>(stored) };
}

/** Platform and account of a stream `account-{platform}/{account}`; throws on any other name. */
export function namesOf(stream: string): { readonly platform: string; readonly account: string } {
  const slash = stream.indexOf('/');
  if (slash < 0 || !stream.startsWith(accountPrefix)) throw new Error(`${stream} is not an account's stream`);
  return { platform: stream.slice(accountPrefix.length, slash), account: stream.slice(slash + 1) };
}
