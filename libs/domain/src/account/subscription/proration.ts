import type { Decimal } from '../../amount/decimal';
import { add, fromInteger, isZero, one, subtract, toText, zero } from '../../amount/decimal';
import type { Fraction } from '../../amount/fraction';
import { larger, minus, plus, quotient, smaller, times, toDecimal, toFraction } from '../../amount/fraction';
import type { Rulebook } from '../../rulebook/rulebook';
import type { Proration } from './events';
import { earnedOf } from './fee';
import { granted } from './pools';
import type { Period, PoolName, Subscription } from './subscription';

const DAY_MS = 86_400_000;
/** Fraction digits that a credit is rounded down to: cents. */
const CREDIT_DIGITS = 2;
/** Fraction digits that terms are shown with; the credit follows from the exact ones. */
const SHOWN_DIGITS = 12;

/** What a switch credits, in the wallet's currency, and every term that it follows from. */
export interface Credited {
  readonly credit: Decimal;
  readonly proration: Proration;
}

/**
 * What of an old plan is credited at an instant (milliseconds since 1970) when a new one is paid: of its running period what is not used up
 * by time or credits, at most what the new fee is more than the old, from exact fractions, down to the cent and never more than is unearned;
 * and renewals that wait, whole.
 */
export function prorate(
  subscription: Subscription,
  old: Period,
  waiting: readonly Period[],
  newPrice: Decimal,
  { cycleDays, mainWeight, backupWeight, minimumConsumed }: Rulebook['switching'],
  atMs: number,
): Credited {
  const elapsedMs = atMs - old.from;
  const before = { main: granted(subscription, old, 'main'), backup: granted(subscription, old, 'backup') };
  const usedOf = (name: PoolName, weight: Decimal): Fraction =>
    times(toFraction(weight), quotient(old.used[name], before[name]));
  const whole = toFraction(one);
  const time = smaller(whole, quotient(fromInteger(elapsedMs), fromInteger(cycleDays * DAY_MS)));
  const tokens = plus(usedOf('main', mainWeight), usedOf('backup', backupWeight));
  const consumed = larger(larger(time, tokens), toFraction(minimumConsumed));

  const left = times(toFraction(old.price), minus(whole, consumed));
  const difference = toFraction(subtract(newPrice, old.price));
  const unearned = subtract(old.price, earnedOf(old, atMs));
  const most = smaller(smaller(left, difference), toFraction(unearned));
  const credit = toDecimal(larger(toFraction(zero), most), CREDIT_DIGITS, 'down');
  const renewals = waiting.reduce((sum, { price }) => add(sum, price), zero);
  return {
    credit: add(credit, renewals),
    proration: {
      time: shown(time),
      tokens: shown(tokens),
      consumed: shown(consumed),
      elapsedMs,
      cycleDays,
      used: [toText(old.used.main), toText(old.used.backup)],
      granted: [toText(before.main), toText(before.backup)],
      weights: [toText(mainWeight), toText(backupWeight)],
      minimumConsumed: toText(minimumConsumed),
      oldPrice: toText(old.price),
      newPrice: toText(newPrice),
      unearned: toText(unearned),
      ...(!isZero(renewals) && { renewals: toText(renewals) }),
    },
  };
}

function shown(fraction: Fraction): string {
  return toText(toDecimal(fraction, SHOWN_DIGITS, 'half-up'));
}
