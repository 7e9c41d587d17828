import type { Asked } from './asks';
import type { Books, Dispute } from './books';
import { lotOfRecharge } from './books';
import type { OfLot, RechargeFact } from './facts';
import { converted } from './money-in';
import type { Money } from './money';
import { least, money, roundedDown, sum, textOf } from './money';
import type { NaiveRules } from './rules';
import { dayMs } from './rules';
import type { Verdict } from './verdict';
import { freeOf, mayDraw, mayGive, take, total } from './wallet';

const CENTS = 2;

export function refund(books: Books, asked: Asked<'refund'>, rules: NaiveRules, at: number): Verdict {
  const recharge = rechargeOf(books, asked.recharge);
  if (recharge === undefined) return 'unknown_recharge';
  if (rules.refund === undefined || at > recharge.at + rules.refund.windowDays * dayMs) return 'refund_window_closed';
  const left = unclaimed(books, recharge);
  const ofLot = freeOfRecharge(books, recharge);
  const free = books.spare === null ? ofLot : least(ofLot, books.spare);
  // Where disputes have claimed more of the payment than they froze of the money, what is unclaimed of it bounds both.
  const amount = inPaid(recharge, free) <= left ? free : least(free, inWallet(recharge, left));
  const paidBack = least(inPaid(recharge, amount), left);
  if (amount === 0n || paidBack === 0n) return 'nothing_to_refund';
  const answer = {
    refundId: asked.id,
    refunded: textOf(amount),
    currency: rules.currency,
    paidBack: { amount: textOf(paidBack), currency: recharge.paidIn },
  };
  return { facts: [{ did: 'refund', at, id: asked.id, recharge: recharge.id, amount, paidBack }], answer };
}

export function dispute(books: Books, asked: Asked<'dispute'>, rules: NaiveRules, at: number): Verdict {
  const recharge = rechargeOf(books, asked.recharge);
  if (recharge === undefined) return 'unknown_recharge';
  const most = unclaimed(books, recharge);
  const disputed = asked.amount === null ? most : money(asked.amount);
  if (disputed === 0n || disputed > most) return 'exceeds_recharge';
  const amount = inWallet(recharge, disputed);
  const frozen = least(freeOfRecharge(books, recharge), amount);
  const answer = {
    disputeId: asked.id,
    rechargeId: recharge.id,
    disputed: { amount: textOf(disputed), currency: recharge.paidIn },
    amount: textOf(amount),
    frozen: textOf(frozen),
    currency: rules.currency,
  };
  const fact = { did: 'dispute', at, id: asked.id, recharge: recharge.id, disputed, amount, frozen } as const;
  return { facts: [fact], answer };
}

export function win(books: Books, found: Dispute, { currency }: NaiveRules, at: number): Verdict {
  const settled = least(found.frozen, books.owed);
  const answer = {
    disputeId: found.id,
    outcome: 'won',
    thawed: textOf(found.frozen),
    receivableSettled: textOf(settled),
    currency,
  };
  return { facts: [{ did: 'won', at, id: found.id, settled }], answer };
}

export function lose(books: Books, asked: Asked<'lost'>, found: Dispute, rules: NaiveRules, at: number): Verdict {
  const lot = lotOfRecharge(books, found.recharge);
  const others = mayDraw(books, rules) ? take(mayGive(books, at), found.amount - found.frozen) : [];
  const taken: OfLot[] = found.frozen > 0n ? [[lot, found.frozen], ...others] : others;
  const owed = found.amount - total(taken);
  const fee = money(asked.fee ?? '0');
  const answer = {
    disputeId: found.id,
    outcome: 'lost',
    taken: textOf(total(taken)),
    owed: textOf(owed),
    // One currency is named for all of it.
    fee: textOf(inWallet(rechargeOf(books, found.recharge), fee)),
    currency: rules.currency,
  };
  return { facts: [{ did: 'lost', at, id: found.id, taken, owed, fee }], answer };
}

export function writeOff(books: Books, asked: Asked<'write-off'>, currency: string, at: number): Verdict {
  const amount = money(asked.amount);
  if (amount > books.owed) return 'exceeds_receivable';
  const answer = {
    writeOffId: asked.id,
    writtenOff: asked.amount,
    currency,
    receivable: textOf(books.owed - amount),
  };
  return { facts: [{ did: 'write-off', at, id: asked.id, amount }], answer };
}

function rechargeOf(books: Books, id: string): RechargeFact | undefined {
  return books.recharges.find((recharge) => recharge.id === id);
}

/** What of a recharge is neither refunded nor in a dispute that was not won, in the currency paid. */
function unclaimed(books: Books, { id, paid }: RechargeFact): Money {
  const refunds = books.refunds.filter(({ recharge }) => recharge === id).map(({ paidBack }) => paidBack);
  const disputes = [...books.disputes.values()].filter(({ recharge, outcome }) => recharge === id && outcome !== 'won');
  return paid - sum(refunds) - sum(disputes.map(({ disputed }) => disputed));
}

function freeOfRecharge(books: Books, { id }: RechargeFact): Money {
  const lot = books.lots.get(lotOfRecharge(books, id));
  return lot === undefined ? 0n : freeOf(books, lot);
}

/** An amount of the wallet in the currency paid: all of it is what was paid, a part is rounded down to the cent. */
function inPaid({ rate, paid, credited }: RechargeFact, amount: Money): Money {
  if (rate === null) return amount;
  if (amount === credited) return paid;
  return roundedDown({ n: paid * amount, d: credited * 10n ** 36n }, CENTS);
}

/** An amount in the currency paid, in the wallet's: at the recharge's rate, rounded once. */
export function inWallet(recharge: RechargeFact | undefined, paid: Money): Money {
  if (recharge === undefined || recharge.rate === null) return paid;
  return money(converted(textOf(paid), recharge.rate, recharge.rounding));
}
