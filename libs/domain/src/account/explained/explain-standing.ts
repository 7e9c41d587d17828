import { isZero, toText } from '../../amount/decimal';
import type { AccountEvent } from '../events';
import type { AccountSettingsChanged } from '../standing/events';
import { equation, type Explained } from './explained';
import { sumOfLots } from './explain-payments';

/** What of an account's settings was changed; money moves where the wallet may be drawn from then on, and pays what is owed. */
export function explainSettings({ changed, settled, currency }: AccountSettingsChanged): Explained {
  const paid = sumOfLots(settled);
  const names = Object.keys(changed).join(', ');
  if (isZero(paid)) return { formula: null, sentence: `Settings of the account were changed: ${names}.` };
  return {
    formula: equation([[paid, 'paid what was owed']], `${currency} out of the wallet`),
    sentence: `Pay-as-you-go was turned on: the wallet paid ${toText(paid)} ${currency} that were owed.`,
  };
}

/** What moves no money. */
export function explainStanding(event: Exclude<AccountEvent, { readonly wallet: string }>): Explained {
  return { formula: null, sentence: standingSentence(event) };
}

function standingSentence(event: Exclude<AccountEvent, { readonly wallet: string }>): string {
  switch (event.type) {
    case 'AccountOpened':
      return `The account was opened, in ${event.currency}.`;
    case 'SubscriptionCancelled':
      return `Plan ${event.plan} was cancelled: it is not renewed, and can be used until ${event.endsAt}.`;
    case 'TierChanged':
      return `The account rose from tier ${event.from} to ${event.to} by its recharges.`;
    case 'ApiKeyIssued':
      return `The API key ${event.keyId} was issued.`;
    case 'ApiKeyChanged':
      return `The API key ${event.keyId} was changed.`;
    case 'ApiKeyRevoked':
      return `The API key ${event.keyId} was revoked.`;
  }
}
