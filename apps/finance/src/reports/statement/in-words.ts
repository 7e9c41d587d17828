import type { AccountEvent } from '@meterbook/domain/account/events';
import type { Charge } from '@meterbook/domain/account/charging/events';
import type { CreditGranted, WalletRecharged } from '@meterbook/domain/account/wallet/events';
import type { Posting } from '@meterbook/domain/entries/postings';

/** What an event was, in one line for a reader of a statement. */
export function inWords(event: AccountEvent): string {
  switch (event.type) {
    case 'AccountOpened':
      return 'account opened';
    case 'AccountSettingsChanged':
      return `settings changed: ${Object.keys(event.changed).join(', ')}`;
    case 'WalletRecharged':
      return rechargeInWords(event);
    case 'CreditGranted':
      return grantInWords(event);
    case 'UsageCharged':
      return event.charges.map(chargeInWords).join('; ');
    case 'UsageReversed':
      return `reversal ${event.reversalId} of ${event.source} ${event.id} (${event.reason}): ${event.amount} ${event.currency}`;
    case 'TierChanged':
      return `tier ${event.from} to ${event.to}`;
    case 'ApiKeyIssued':
      return `key ${event.keyId} issued`;
    case 'ApiKeyChanged':
      return `key ${event.keyId} moved to ${groupInWords(event.group)}`;
    case 'ApiKeyRevoked':
      return `key ${event.keyId} revoked`;
  }
}

/** When an event occurred; null for a batch of charges, which each have a time of their own. */
export function occurredAt(event: AccountEvent): string | null {
  return 'occurredAt' in event ? event.occurredAt : null;
}

/** What an entry was that time alone made. */
export function whatDerived(legs: readonly Posting[]): string {
  return (legs[0]?.amount.coefficient ?? 0n) < 0n ? 'drawn on after all by late usage, derived' : 'expired, derived';
}

export function chargeInWords({ source, id, model, amount }: Charge): string {
  return `charge ${source} ${id} for ${model}: ${amount}`;
}

function rechargeInWords({ rechargeId, provider, credited, currency, paid, fxRate }: WalletRecharged): string {
  const foreign = paid.currency === currency ? '' : `, paid ${paid.amount} ${paid.currency} at ${fxRate ?? '1'}`;
  return `recharge ${rechargeId} by ${provider}: ${credited} ${currency}${foreign}`;
}

function grantInWords({ grantId, reason, amount, currency, expiresAt }: CreditGranted): string {
  const expiry = expiresAt === null ? '' : `, expires ${expiresAt}`;
  return `grant ${grantId ?? 'at the opening'} (${reason}): ${amount} ${currency}${expiry}`;
}

function groupInWords(group: string | null): string {
  return group ?? 'no group';
}
