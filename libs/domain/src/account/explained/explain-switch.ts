import { decimal, fromInteger, multiply, one, round, subtract, toText, zero, type Decimal } from '../../amount/decimal';
import {
  larger,
  minus,
  plus,
  quotient,
  smaller,
  times,
  toDecimal,
  toFraction,
  type Fraction,
} from '../../amount/fraction';
import type { PlanSwitched, Proration } from '../subscription/events';
import { equation, equations, type Explained } from './explained';
import { intoWallet } from './explain-wallet';
import { periodFormula, periodSentence } from './explain-plan';

const DAY_MS = 86_400_000;
/** Fraction digits of a credit: cents. */
const CREDIT_DIGITS = 2;
/** Fraction digits that a term is shown with. */
const SHOWN_DIGITS = 12;

/** Every term of what a switch credits of the old fee, then the new plan. */
export function explainSwitch(event: PlanSwitched): Explained {
  const { from, provider, currency, period, credit, settled, proration, lapsed } = event;
  const wallet = intoWallet(credit, settled, currency);
  const lapses = equation(
    [
      [decimal(lapsed[0]), `left in the main pool of ${from}`],
      [decimal(lapsed[1]), `left in the backup pool of ${from}`],
    ],
    'credits ended',
  );
  return {
    formula: equations([
      ...creditTerms(proration, credit, currency),
      wallet.formula,
      lapses,
      periodFormula(period, currency),
    ]),
    sentence: [
      `Plan ${from} was switched to ${period.plan} for ${period.price} ${currency} paid through ${provider}.`,
      creditSentence(event),
      periodSentence(period),
    ].join(' '),
  };
}

function creditSentence({ from, credit, settled, currency, proration }: PlanSwitched): string {
  if (credit === '0') return `Nothing of what ${from} had cost was credited.`;
  const { oldPrice, consumed, renewals } = proration;
  const waiting = renewals === undefined ? '' : `, renewals that had not begun (${renewals} ${currency}) included`;
  const used = `${percent(consumed)} % of its ${oldPrice} ${currency} count as used`;
  return `Of what ${from} had cost, ${credit} ${currency} were credited (${used}${waiting}). ${intoWallet(credit, settled, currency).sentence}`;
}

function percent(part: string): string {
  return toText(round(multiply(decimal(part), decimal('100')), { scale: CREDIT_DIGITS, mode: 'half-up' }));
}

/** Line by line: what counts as used by time and by credits, the larger of both or the least; what is left of the fee; the credit. */
function creditTerms(proration: Proration, credit: string, currency: string): string[] {
  const { time, tokens, consumed, elapsedMs, cycleDays, minimumConsumed, oldPrice, newPrice, unearned } = proration;
  const renewals = proration.renewals ?? '0';
  const dearer = toText(subtract(decimal(newPrice), decimal(oldPrice)));
  const exact = usedExactly(proration);
  const rest = times(toFraction(decimal(oldPrice)), minus(toFraction(one), exact));
  const ofRunning = subtract(decimal(credit), decimal(renewals));
  return [
    `min(1, ${elapsedMs} [ms since the period began] / (${cycleDays} [days of a cycle] × ${DAY_MS} [ms of a day])) ${about(timeUsed(proration), time)} [used by time]`,
    `${poolTerm(proration, 0)} + ${poolTerm(proration, 1)} ${about(creditsUsed(proration), tokens)} [used by credits]`,
    `max(${time} [by time], ${tokens} [by credits], ${minimumConsumed} [at least]) = ${consumed} [used]`,
    `${oldPrice} [old fee] × (1 − ${consumed} [used]) ${isExactly(exact, consumed) ? about(rest, shown(rest)) : `≈ ${shown(rest)}`} ${currency} not used`,
    `${newPrice} [new fee] − ${oldPrice} [old fee] = ${dearer} ${currency} dearer`,
    `max(0, min(${shown(rest)} [not used], ${dearer} [dearer], ${unearned} [not earned yet])) ${sameOrAbout(rest, proration, ofRunning)} ${currency} of the old fee, down to the cent`,
    equation(
      [
        [ofRunning, 'of the old fee'],
        [decimal(renewals), 'renewals that had not begun'],
      ],
      `${currency} credited`,
    ),
  ];
}

/** Parts of the old period that count as used, exactly. */
function timeUsed({ elapsedMs, cycleDays }: Proration): Fraction {
  return smaller(toFraction(one), quotient(fromInteger(elapsedMs), fromInteger(cycleDays * DAY_MS)));
}

function creditsUsed({ weights, used, granted }: Proration): Fraction {
  const [main, backup] = ([0, 1] as const).map((pool) =>
    times(toFraction(decimal(weights[pool])), quotient(decimal(used[pool]), decimal(granted[pool]))),
  );
  return plus(main ?? toFraction(zero), backup ?? toFraction(zero));
}

function usedExactly(proration: Proration): Fraction {
  const least = toFraction(decimal(proration.minimumConsumed));
  return larger(larger(timeUsed(proration), creditsUsed(proration)), least);
}

/** What a pool counts: its weight × the part of its credits that was used; a pool without credits counts nothing. */
function poolTerm({ weights, used, granted }: Proration, pool: 0 | 1): string {
  const name = pool === 0 ? 'main' : 'backup';
  if (granted[pool] === '0') return `0 [no credits in the ${name} pool]`;
  return `${weights[pool]} [weight of the ${name} pool] × ${used[pool]} [its credits used] / ${granted[pool]} [granted]`;
}

/** A result behind its formula: exact, or rounded half-up to as many digits as are shown. */
function about(exact: Fraction, told: string): string {
  return `${isExactly(exact, told) ? '=' : '≈'} ${told}`;
}

function sameOrAbout(rest: Fraction, { newPrice, oldPrice, unearned }: Proration, credited: Decimal): string {
  const dearer = toFraction(subtract(decimal(newPrice), decimal(oldPrice)));
  const most = larger(toFraction(zero), smaller(smaller(rest, dearer), toFraction(decimal(unearned))));
  return about(most, toText(credited));
}

function isExactly(exact: Fraction, told: string): boolean {
  const { numerator, denominator } = minus(exact, toFraction(decimal(told)));
  return numerator === 0n && denominator !== 0n;
}

function shown(fraction: Fraction): string {
  return toText(toDecimal(fraction, SHOWN_DIGITS, 'half-up'));
}
