import type { Fraction } from '../naive-fraction';
import { plus, roundedText, times } from '../naive-fraction';
import type { Asked } from './asks';
import type { Books, PeriodBooks } from './books';
import { earnedOf } from './fees';
import type { Period } from './facts';
import type { Money } from './money';
import { asFraction, least, money, product, roundedDown, sum, textOf } from './money';
import type { Pool } from './pools';
import { granted, payingPeriod, poolNames, used } from './pools';
import type { NaivePlan, NaiveRules } from './rules';
import { dayMs } from './rules';
import type { Verdict } from './verdict';

const CENTS = 2;

export function start(books: Books, asked: Asked<'start'>, rules: NaiveRules, at: number): Verdict {
  const { id, kind, provider } = asked;
  if (isActive(books, at)) return 'subscription_active';
  if (!mayPay(rules, provider, kind)) return 'provider_unsupported';
  const plan = planOf(rules, asked.plan);
  if (plan === undefined) return 'unknown_plan';
  const subscription = 1 + (books.periods.at(-1)?.subscription ?? -1);
  const period = bought(plan, rules, { subscription, kind, provider, from: at });
  return { facts: [{ did: 'start', at, id, period }], answer: answerOf(period) };
}

export function renew(books: Books, asked: Asked<'renew'>, rules: NaiveRules, at: number): Verdict {
  const last = books.periods.at(-1);
  if (last === undefined) return 'no_subscription';
  if (last.kind === 'one-time' || books.isCancelled) return 'not_renewable';
  if (!mayPay(rules, asked.provider, last.kind)) return 'provider_unsupported';
  const plan = planOf(rules, last.plan);
  if (plan === undefined) return 'unknown_plan';
  const { subscription, kind } = last;
  const { main = 'refill', backup = 'carry' } = rules.renewal ?? {};
  const full = bought(plan, rules, { subscription, kind, provider: asked.provider, from: Math.max(at, last.to) });
  const period = {
    ...full,
    main: main === 'carry' ? null : full.main,
    backup: backup === 'carry' ? null : full.backup,
  };
  return { facts: [{ did: 'renew', at, id: asked.id, period }], answer: answerOf(period) };
}

export function cancel(books: Books, at: number): Verdict {
  if (!isActive(books, at)) return 'no_subscription';
  const endsAt = new Date(books.periods.at(-1)?.to ?? 0).toISOString();
  const answer = { status: 'cancelled', endsAt };
  return { facts: books.isCancelled ? [] : [{ did: 'cancel', at }], answer };
}

export function switchPlan(books: Books, asked: Asked<'switch'>, rules: NaiveRules, at: number): Verdict {
  const old = payingPeriod(books, at);
  if (old === undefined) return 'no_subscription';
  if (old.plan === asked.plan) return 'same_plan';
  if (!mayPay(rules, asked.provider, old.kind)) return 'provider_unsupported';
  const plan = planOf(rules, asked.plan);
  if (plan === undefined) return 'unknown_plan';
  const { id, provider } = asked;
  const period = bought(plan, rules, { subscription: old.subscription + 1, kind: old.kind, provider, from: at });
  const { ofRunning, shown } = prorated(books, old, period, rules, at);
  const waiting = books.periods.filter(({ subscription, from }) => subscription === old.subscription && from > at);
  const credit = ofRunning + sum(waiting.map(({ fee }) => fee));
  const settled = least(credit, books.owed);
  const answer = { from: old.plan, to: plan.id, credit: textOf(credit), currency: rules.currency, proration: shown };
  return { facts: [{ did: 'switch', at, id, period, credit, ofRunning, settled }], answer };
}

/** What of the running period's fee a switch credits, by every term of the formula. */
function prorated(books: Books, old: PeriodBooks, next: Period, { switching }: NaiveRules, at: number) {
  const { cycleDays = 28, mainWeight = '0.75', backupWeight = '0.25', minimumConsumed = '0.1' } = switching ?? {};
  const elapsed = { n: BigInt(at - old.from), d: BigInt(cycleDays * dayMs) };
  const time = smaller(one, elapsed);
  const weights: Readonly<Record<Pool, string>> = { main: mainWeight, backup: backupWeight };
  const parts = poolNames.map((pool) => times(asFraction(money(weights[pool])), usedPart(books, old, pool)));
  const tokens = plus(...parts);
  const consumed = larger(larger(time, tokens), asFraction(money(minimumConsumed)));
  const left = { n: consumed.d - consumed.n, d: consumed.d };
  const value = larger(smaller(times(asFraction(old.fee), left), asFraction(next.fee - old.fee)), nothing);
  const unearned = old.fee - earnedOf(books, old, at);
  const shown = {
    time: toTwelve(time),
    tokens: toTwelve(tokens),
    consumed: toTwelve(consumed),
    oldPrice: textOf(old.fee),
    newPrice: textOf(next.fee),
  };
  return { ofRunning: roundedDown(smaller(value, asFraction(unearned)), CENTS), shown };
}

const one: Fraction = { n: 1n, d: 1n };
const nothing: Fraction = { n: 0n, d: 1n };

function usedPart(books: Books, period: PeriodBooks, pool: Pool): Fraction {
  const all = granted(books, period, pool);
  return all === 0n ? nothing : { n: used(books, period, pool), d: all };
}

function smaller(a: Fraction, b: Fraction): Fraction {
  return a.n * b.d <= b.n * a.d ? a : b;
}

function larger(a: Fraction, b: Fraction): Fraction {
  return a.n * b.d >= b.n * a.d ? a : b;
}

function toTwelve(value: Fraction): string {
  return roundedText(value, { scale: 12, mode: 'half-up' });
}

/** Whether a paid period runs or waits. */
export function isActive(books: Books, at: number): boolean {
  return books.periods.some(({ to, switchedAt }) => switchedAt === null && to > at);
}

function mayPay(rules: NaiveRules, provider: string, kind: string): boolean {
  const terms = rules.providers[provider];
  return terms !== undefined && (terms.kinds === undefined || terms.kinds.includes(kind));
}

function planOf({ plans }: NaiveRules, id: string): NaivePlan | undefined {
  return plans?.find((plan) => plan.id === id);
}

/** A period of a plan by the terms of the rules. */
function bought(
  plan: NaivePlan,
  rules: NaiveRules,
  about: Pick<Period, 'subscription' | 'kind' | 'provider' | 'from'>,
): Period {
  const base = money(plan.baseCredits ?? '0');
  const fee = money(plan.price);
  const cap = (credits: string | undefined): Money | null => (credits === undefined ? null : money(credits));
  return {
    ...about,
    plan: plan.id,
    to: about.from + plan.periodDays * dayMs,
    fee,
    main: base + product(base, money(plan.bonus ?? '0.2')),
    backup: product(base, money(plan.backup ?? '0')),
    creditsPerUnit: money(rules.creditsPerUnit ?? '1'),
    budget: plan.budget === undefined ? null : product(fee, money(plan.budget.priceMultiple)),
    daily: cap(plan.caps?.daily?.credits),
    weekly: cap(plan.caps?.weekly?.credits),
    dailyRequests: plan.caps?.daily?.requests ?? null,
    tier: plan.tier ?? null,
    scale: rules.rounding.scale,
  };
}

function answerOf(period: Period) {
  return {
    plan: period.plan,
    kind: period.kind,
    periodStart: new Date(period.from).toISOString(),
    periodEnd: new Date(period.to).toISOString(),
  };
}
