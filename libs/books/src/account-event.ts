import type { AccountEvent } from '@meterbook/domain/account/events';
import type { StoredEvent } from '@meterbook/event-store/event-store';
import { decodeEvent } from './event-codec';

/** Every type of an account's events that this version folds; one that is missing here does not compile. */
const knownTypes: Readonly<Record<AccountEvent['type'], true>> = {
  AccountOpened: true,
  AccountSettingsChanged: true,
  WalletRecharged: true,
  RechargeRefunded: true,
  RechargeDisputed: true,
  DisputeClosed: true,
  ReceivableWrittenOff: true,
  CreditGranted: true,
  SubscriptionStarted: true,
  SubscriptionRenewed: true,
  SubscriptionCancelled: true,
  PlanSwitched: true,
  UsageCharged: true,
  UsageReversed: true,
  TierChanged: true,
  ApiKeyIssued: true,
  ApiKeyChanged: true,
  ApiKeyRevoked: true,
};

/** The event of an account's stream. Throws where it is of a type that this version does not know, or no JSON object. */
export function decodeAccountEvent(stored: Pick<StoredEvent, 'type' | 'data'>): AccountEvent {
  if (!Object.hasOwn(knownTypes, stored.type))
    throw new Error(`events of type ${stored.type} are not known to this version`);
  return decodeEvent<AccountEvent>(stored);
}
