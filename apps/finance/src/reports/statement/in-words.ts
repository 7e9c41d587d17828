import type { AccountEvent } from '@meterbook/domain/account/events';
import type { Charge } from '@meterbook/domain/account/charging/events';
import type { DisputeClosed } from '@meterbook/domain/account/payments/events';
import type { CreditGranted, WalletRecharged } from '@meterbook/domain/account/wallet/events';
import { isPositive } from '@meterbook/domain/amount/decimal';
import type { Posting } from '@meterbook/domain/entries/legs';
import type { StatementEntry } from './statement-fold';

/** What an entry is called that no event made. */
const DERIVED = 'Derived';

/** What an entry is of: an event, by its type, or what time alone changed. */
export function eventOf({ booked }: Pick<StatementEntry, 'booked'>): AccountEvent['type'] | typeof DERIVED {
  return booked ? booked.event.type : DERIVED;
}

/** What an entry was, in one line for a reader of a statement. */
export function whatItWas({ booked, legs }: StatementEntry): string {
  if (!booked) return derivedInWords(legs);
  return booked.charge ? chargeInWords(booked.charge) : inWords(booked.event);
}

/** The id of the command or of the usage that an entry came of; null where it came of none. */
export function referenceOf({ booked }: Pick<StatementEntry, 'booked'>): string | null {
  if (!booked) return null;
  return booked.charge ? booked.charge.id : idOfCommand(booked.event);
}

function idOfCommand(event: AccountEvent): string | null {
  if ('keyId' in event) return event.keyId;
  if ('paymentRef' in event) return event.paymentRef;
  if ('disputeId' in event) return event.disputeId;
  switch (event.type) {
    case 'WalletRecharged':
      return event.rechargeId;
    case 'RechargeRefunded':
      return event.refundId;
    case 'ReceivableWrittenOff':
      return event.writeOffId;
    case 'CreditGranted':
      return event.grantId;
    case 'UsageReversed':
      return event.reversalId;
    case 'AccountOpened':
    case 'AccountSettingsChanged':
    case 'TierChanged':
    case 'UsageCharged':
      return null;
  }
}

function inWords(event: AccountEvent): string {
  if (!('wallet' in event)) return standingInWords(event);
  switch (event.type) {
    case 'AccountSettingsChanged':
      return `settings changed: ${Object.keys(event.changed).join(', ')}`;
    case 'WalletRecharged':
      return rechargeInWords(event);
    case 'RechargeRefunded':
      return `refund ${event.refundId} of recharge ${event.rechargeId} by ${event.provider}: ${bothInWords(event.refunded, event.currency, event.paidBack)}`;
    case 'RechargeDisputed':
      return `dispute ${event.disputeId} of recharge ${event.rechargeId}: ${bothInWords(event.amount, event.currency, event.disputed)}, ${event.frozen} frozen`;
    case 'DisputeClosed':
      return closingInWords(event);
    case 'ReceivableWrittenOff':
      return `write-off ${event.writeOffId} (${event.reason}): ${event.amount} ${event.currency}`;
    case 'CreditGranted':
      return grantInWords(event);
    case 'UsageCharged':
      return `${event.charges.length} charges`;
    case 'UsageReversed':
      return `reversal ${event.reversalId} of ${event.source} ${event.id} (${event.reason}): ${event.amount} ${event.currency}`;
    case 'SubscriptionStarted':
      return `plan ${event.period.plan} started until ${event.period.to} (${event.paymentRef})`;
    case 'SubscriptionRenewed':
      return `plan ${event.period.plan} renewed until ${event.period.to} (${event.paymentRef})`;
    case 'PlanSwitched':
      return `plan ${event.from} switched to ${event.period.plan} (${event.paymentRef}), credit ${event.credit} ${event.currency}`;
  }
}

function standingInWords(event: Exclude<AccountEvent, { readonly wallet: string }>): string {
  switch (event.type) {
    case 'AccountOpened':
      return 'account opened';
    case 'SubscriptionCancelled':
      return `plan ${event.plan} cancelled, ends at ${event.endsAt}`;
    case 'TierChanged':
      return `tier ${event.from} to ${event.to}`;
    case 'ApiKeyIssued':
      return `key ${event.keyId} issued`;
    case 'ApiKeyChanged':
      return `key ${event.keyId} moved to ${event.group ?? 'no group'}`;
    case 'ApiKeyRevoked':
      return `key ${event.keyId} revoked`;
  }
}

/** What lapsed is debited to what held it. */
function derivedInWords(legs: readonly Posting[]): string {
  const lapsed = legs.some(({ ledgerAccount, amount }) => isHeld(ledgerAccount) && isPositive(amount));
  return lapsed ? 'lapsed' : 'had lapsed, and is there after all for what was booked later';
}

function isHeld(ledgerAccount: string): boolean {
  return ledgerAccount.startsWith('liabilities:wallet:') || /^pools:(main|backup):/.test(ledgerAccount);
}

function chargeInWords({ source, id, model, amount }: Charge): string {
  return `charge ${source} ${id} for ${model}: ${amount}`;
}

function rechargeInWords({ rechargeId, provider, credited, currency, paid, fxRate }: WalletRecharged): string {
  const foreign = paid.currency === currency ? '' : `, paid ${paid.amount} ${paid.currency} at ${fxRate ?? '1'}`;
  return `recharge ${rechargeId} by ${provider}: ${credited} ${currency}${foreign}`;
}

function closingInWords({
  disputeId,
  rechargeId,
  outcome,
  thawed,
  amount,
  currency,
  disputed,
  fee,
}: DisputeClosed): string {
  const dispute = `dispute ${disputeId} of recharge ${rechargeId} ${outcome}`;
  if (outcome === 'won') return `${dispute}: ${thawed} ${currency} thawed`;
  const charged =
    fee === undefined
      ? ''
      : `, fee ${bothInWords(fee.amount, currency, { amount: fee.paid, currency: disputed.currency })}`;
  return `${dispute}: ${bothInWords(amount, currency, disputed)} taken back${charged}`;
}

/** An amount in the wallet's currency, and as it was paid where that is another. */
function bothInWords(
  amount: string,
  currency: string,
  paid: { readonly amount: string; readonly currency: string },
): string {
  return paid.currency === currency
    ? `${amount} ${currency}`
    : `${amount} ${currency}, ${paid.amount} ${paid.currency}`;
}

function grantInWords({ grantId, reason, amount, currency, expiresAt }: CreditGranted): string {
  const expiry = expiresAt === null ? '' : `, expires ${expiresAt}`;
  return `grant ${grantId ?? 'at the opening'} (${reason}): ${amount} ${currency}${expiry}`;
}
