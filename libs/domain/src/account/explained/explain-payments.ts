import {
  add,
  compare,
  decimal,
  divide,
  isZero,
  multiply,
  negate,
  subtract,
  toText,
  zero,
  type Decimal,
} from '../../amount/decimal';
import type { DisputeClosed, RechargeDisputed, RechargeRefunded, ReceivableWrittenOff } from '../payments/events';
import type { LotAmount } from '../wallet/events';
import { exchanged } from './explain-wallet';
import { enumerated, equation, equations, type Explained } from './explained';

/** Fraction digits that a foreign payment is paid back with. */
const CENTS = 2;

/** What was left of a recharge and left the wallet, and what went back to whoever had paid. */
export function explainRefund(event: RechargeRefunded): Explained {
  const { rechargeId, provider, currency, refunded, paidBack } = event;
  const left = equation([[decimal(refunded), `left of recharge ${rechargeId}`]], `${currency} out of the wallet`);
  const what = `Refund of recharge ${rechargeId}: the ${refunded} ${currency} that were left of it went out of the wallet`;
  const back = `${paidBack.amount} ${paidBack.currency} went back through ${provider}.`;
  if (paidBack.currency === currency) return { formula: left, sentence: `${what}, and ${back}` };
  return { formula: equations([left, paidBackFormula(event)]), sentence: `${what}, and ${back}` };
}

/** Of a foreign payment its part that was left, down to the cent, and no more than what neither refunds nor disputes have taken. */
function paidBackFormula({ refunded, paidBack, recharge }: RechargeRefunded): string {
  const { amount, currency } = paidBack;
  if (recharge === undefined) return equation([[decimal(amount), 'paid back']], currency);
  const { paid, credited } = recharge;
  const share = `${paid} [${currency} paid] × ${refunded} [left] / ${credited} [credited]`;
  const [whole, part] = [multiply(decimal(paid), decimal(refunded)), multiply(decimal(amount), decimal(credited))];
  const cents = toText(divide(whole, decimal(credited), { scale: CENTS, mode: 'down' }));
  if (cents !== amount && compare(whole, part) > 0)
    return `min(${share}, ${amount} [neither refunded nor disputed before]) = ${amount} ${currency} paid back`;
  return `${share} ${compare(whole, part) === 0 ? '=' : '≈'} ${amount} ${currency} paid back, down to the cent`;
}

/** What is disputed, and what of it is still there and set aside. */
export function explainDispute(event: RechargeDisputed): Explained {
  const { rechargeId, amount, currency, disputed, frozen, fxRate } = event;
  const spent = subtract(decimal(amount), decimal(frozen));
  const frozenOfIt = equation(
    [
      [decimal(amount), 'disputed'],
      [negate(spent), 'no longer there'],
    ],
    `${currency} frozen`,
  );
  const formula =
    fxRate === undefined ? frozenOfIt : equations([exchanged(disputed, fxRate, amount, currency), frozenOfIt]);
  const sentence = `The payment of recharge ${rechargeId} is disputed: ${both(amount, currency, disputed)}. ${frozen} ${currency} of it stay in the wallet and cannot be used until the dispute is closed.`;
  return { formula, sentence };
}

/** What may be used again, or where what was taken back came from. */
export function explainClosing(event: DisputeClosed): Explained {
  return event.outcome === 'won' ? won(event) : lost(event);
}

/** What was owed, and what of it will never be paid. */
export function explainWriteOff({ amount, currency, reason, receivable }: ReceivableWrittenOff): Explained {
  const formula = equation(
    [
      [add(decimal(receivable), decimal(amount)), 'owed'],
      [negate(decimal(amount)), 'written off'],
    ],
    `${currency} still owed`,
  );
  const sentence = `${amount} ${currency} that were owed were written off (${reason}); ${receivable} ${currency} are still owed.`;
  return { formula, sentence };
}

function won({ rechargeId, thawed, settled = '0', currency }: DisputeClosed): Explained {
  const paid = decimal(settled);
  const formula = equation(
    [
      [decimal(thawed), 'frozen until now'],
      [negate(paid), 'paid what was owed'],
    ],
    `${currency} can be used again`,
  );
  const rest = toText(subtract(decimal(thawed), paid));
  const owed = isZero(paid) ? '' : `${settled} ${currency} of what was frozen paid what was owed, and `;
  return {
    formula,
    sentence: `The dispute of recharge ${rechargeId} was won: ${owed}${rest} ${currency} can be used again.`,
  };
}

function lost({
  rechargeId,
  provider,
  amount,
  currency,
  disputed,
  thawed,
  lots = [],
  owed = '0',
  fee,
}: DisputeClosed): Explained {
  const other = sumOfLots(lots);
  const parts: readonly (readonly [Decimal, string, string])[] = [
    [decimal(thawed), 'frozen until now', 'from what was frozen'],
    [other, 'from the rest of the wallet', 'from the rest of the wallet'],
    [decimal(owed), 'owed from now on', 'are owed from now on'],
  ];
  const taken = equation(
    parts.map(([part, what]) => [part, what] as const),
    `${currency} taken back`,
  );
  const fees =
    fee === undefined ? [] : [equation([[decimal(fee.paid), 'fee']], `${disputed.currency} that the platform bears`)];
  const from = parts.filter(([part]) => !isZero(part)).map(([part, , told]) => `${toText(part)} ${currency} ${told}`);
  const bears = fee === undefined ? '' : ` The platform bears the fee of ${fee.paid} ${disputed.currency}.`;
  return {
    formula: equations([taken, ...fees]),
    sentence: `The dispute of recharge ${rechargeId} was lost: ${both(amount, currency, disputed)} went back through ${provider}, ${enumerated(from)}.${bears}`,
  };
}

/** An amount in the wallet's currency, and as it was paid where that is another. */
function both(amount: string, currency: string, paid: { readonly amount: string; readonly currency: string }): string {
  return paid.currency === currency
    ? `${amount} ${currency}`
    : `${paid.amount} ${paid.currency}, which is ${amount} ${currency}`;
}

export function sumOfLots(lots: readonly LotAmount[]): Decimal {
  return lots.reduce((sum, [, amount]) => add(sum, decimal(amount)), zero);
}
