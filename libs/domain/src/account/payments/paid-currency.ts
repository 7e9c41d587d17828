import type { Decimal } from '../../amount/decimal';
import { compare, decimal, divide, multiply, subtract } from '../../amount/decimal';
import type { PublishedRulebook } from '../../rulebook/rulebook';
import type { Account } from '../account';
import { convert, exchangeOf } from '../wallet/exchange';
import type { WalletRecharged } from '../wallet/events';
import { claimedOf } from './payments';

const downToTheCent = { scale: 2, mode: 'down' } as const;

/** What of a recharge is neither refunded nor in a dispute that was not won, in the currency paid. */
export function unclaimed(account: Account, recharge: WalletRecharged): Decimal {
  return subtract(decimal(recharge.paid.amount), claimedOf(account, recharge.rechargeId));
}

/**
 * An amount of the currency that a recharge was paid in, in the wallet's: at the rate and with the rounding of the version that
 * credited it. A version that is not there any more leaves the rate as it was shown, and the rules in force do the rounding.
 */
export function inWalletCurrency(
  paid: Decimal,
  recharge: WalletRecharged,
  rulebooks: readonly PublishedRulebook[],
  inForce: PublishedRulebook,
): Decimal {
  if (recharge.paid.currency === recharge.currency) return paid;
  const { rulebook } = rulebooks.find(({ version }) => version === recharge.rulebook) ?? inForce;
  const exchange = exchangeOf(rulebook, recharge.paid.currency, recharge.currency);
  const asShown = { by: 'times', rate: decimal(recharge.fxRate ?? '1') } as const;
  return convert(paid, exchange ?? asShown, rulebook.rounding);
}

/** What is paid back for an amount of the wallet: all of what was credited is all that was paid, of a foreign payment a part is rounded down to the cent. */
export function paidBackFor(amount: Decimal, { credited, currency, paid }: WalletRecharged): Decimal {
  if (paid.currency === currency) return amount;
  if (compare(amount, decimal(credited)) === 0) return decimal(paid.amount);
  return divide(multiply(decimal(paid.amount), amount), decimal(credited), downToTheCent);
}
