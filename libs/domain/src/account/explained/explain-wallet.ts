import { decimal, isZero, multiply, negate, subtract, toText } from '../../amount/decimal';
import type { CreditGranted, WalletRecharged } from '../wallet/events';
import { equation, equations, type Explained } from './explained';

/** What was paid, what it came to in the wallet's currency, and what of it paid what was owed. */
export function explainRecharge(event: WalletRecharged): Explained {
  const { rechargeId, provider, currency, credited, paid, fxRate, settled } = event;
  const toWallet = intoWallet(credited, settled, currency);
  const what = `Recharge ${rechargeId}: ${paid.amount} ${paid.currency} paid through ${provider}`;
  if (paid.currency === currency) return { formula: toWallet.formula, sentence: `${what}. ${toWallet.sentence}` };
  const rate = fxRate ?? '1';
  return {
    formula: equations([exchanged(paid, rate, credited, currency), toWallet.formula]),
    sentence: `${what}, which is ${credited} ${currency} at ${rate} ${currency} for each ${paid.currency}. ${toWallet.sentence}`,
  };
}

/** What was granted, until when it may be used, and what of it paid what was owed. */
export function explainGrant({ amount, settled, currency, reason, expiresAt, starter }: CreditGranted): Explained {
  const toWallet = intoWallet(amount, settled, currency);
  const until = expiresAt === null ? 'does not expire' : `can be used until ${expiresAt}`;
  const what = starter ? 'Starter credit' : 'Credit';
  return {
    formula: toWallet.formula,
    sentence: `${what} of ${amount} ${currency} (${reason}), which ${until}. ${toWallet.sentence}`,
  };
}

/** What an amount of another currency came to: exactly, then as it was rounded. */
export function exchanged(
  foreign: { readonly amount: string; readonly currency: string },
  rate: string,
  amount: string,
  currency: string,
): string {
  const exact = toText(multiply(decimal(foreign.amount), decimal(rate)));
  const result = exact === amount ? amount : `${exact} ≈ ${amount}`;
  return `${foreign.amount} [${foreign.currency}] × ${rate} [${currency} for each ${foreign.currency}] = ${result} ${currency}`;
}

/** What came in pays what is owed first; the rest is the wallet's. */
export function intoWallet(
  amount: string,
  settled: string,
  currency: string,
): Explained & { readonly formula: string } {
  const [whole, owed] = [decimal(amount), decimal(settled)];
  const rest = toText(subtract(whole, owed));
  return {
    formula: equation(
      [
        [whole, 'credited'],
        [negate(owed), 'paid what was owed'],
      ],
      `${currency} into the wallet`,
    ),
    sentence: isZero(owed)
      ? `${rest} ${currency} came into the wallet.`
      : `${settled} ${currency} of it paid what was owed, and ${rest} ${currency} came into the wallet.`,
  };
}
