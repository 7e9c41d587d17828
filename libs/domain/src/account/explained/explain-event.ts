import { decimal } from '../../amount/decimal';
import { chargeAnswer } from '../answers';
import { chargeSentence } from '../charging/charge-sentence';
import type { Charge } from '../charging/events';
import type { AccountEvent } from '../events';
import { equation, type Explained } from './explained';
import { explainClosing, explainDispute, explainRefund, explainWriteOff } from './explain-payments';
import { explainRenewal, explainStart } from './explain-plan';
import { explainReversal } from './explain-reversal';
import { explainSettings, explainStanding } from './explain-standing';
import { explainSwitch } from './explain-switch';
import { explainGrant, explainRecharge } from './explain-wallet';

/** What an event was, by itself alone: its formula with the numbers that it keeps, and a sentence. Throws on numbers that cannot be. */
export function explainEvent(event: AccountEvent): Explained {
  if (!('wallet' in event)) return explainStanding(event);
  switch (event.type) {
    case 'AccountSettingsChanged':
      return explainSettings(event);
    case 'WalletRecharged':
      return explainRecharge(event);
    case 'RechargeRefunded':
      return explainRefund(event);
    case 'RechargeDisputed':
      return explainDispute(event);
    case 'DisputeClosed':
      return explainClosing(event);
    case 'ReceivableWrittenOff':
      return explainWriteOff(event);
    case 'CreditGranted':
      return explainGrant(event);
    case 'SubscriptionStarted':
      return explainStart(event);
    case 'SubscriptionRenewed':
      return explainRenewal(event);
    case 'PlanSwitched':
      return explainSwitch(event);
    case 'UsageCharged':
      return explainCharges(event.charges, event.currency);
    case 'UsageReversed':
      return explainReversal(event);
  }
}

/** What one charge of a batch was. */
export function explainCharge(charge: Charge, currency: string): Explained {
  return { formula: chargeAnswer(charge, currency, false).explain, sentence: chargeSentence(charge, currency) };
}

function explainCharges(charges: readonly Charge[], currency: string): Explained {
  const [only, ...more] = charges;
  if (only && more.length === 0) return explainCharge(only, currency);
  return {
    formula: equation(
      charges.map(({ id, amount }) => [decimal(amount), `usage ${id}`] as const),
      currency,
    ),
    sentence: charges.map((charge) => chargeSentence(charge, currency)).join(' '),
  };
}
