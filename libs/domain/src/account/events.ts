/**
 * WARNING: every event of this union is stored for ever. Add optional fields; never rename, retype or remove one.
 *
 * Amounts are canonical decimal strings, instants RFC 3339 UTC with milliseconds. `wallet` and `receivable` on a
 * money-moving event are the booked balances after it, and so are `pools`, in credits, where the account has ever had a plan. A lot is named by its number: the n-th lot of the account, from 0.
 */
import type { UsageCharged, UsageReversed } from './charging/events';
import type { DisputeClosed, RechargeDisputed, RechargeRefunded, ReceivableWrittenOff } from './payments/events';
import type {
  AccountOpened,
  AccountSettingsChanged,
  TierChanged,
  ApiKeyIssued,
  ApiKeyChanged,
  ApiKeyRevoked,
} from './standing/events';
import type {
  PlanSwitched,
  SubscriptionCancelled,
  SubscriptionRenewed,
  SubscriptionStarted,
} from './subscription/events';
import type { WalletRecharged, CreditGranted } from './wallet/events';

export type AccountEvent =
  | AccountOpened
  | AccountSettingsChanged
  | WalletRecharged
  | RechargeRefunded
  | RechargeDisputed
  | DisputeClosed
  | ReceivableWrittenOff
  | CreditGranted
  | SubscriptionStarted
  | SubscriptionRenewed
  | SubscriptionCancelled
  | PlanSwitched
  | UsageCharged
  | UsageReversed
  | TierChanged
  | ApiKeyIssued
  | ApiKeyChanged
  | ApiKeyRevoked;
