import { fraction, roundedText } from '../naive-fraction';
import type { Asked } from './asks';
import type { Books } from './books';
import type { Fact, RechargeFact, Settings } from './facts';
import type { Money } from './money';
import { least, money, sum, textOf } from './money';
import type { NaivePromotion, NaiveRules, NaiveVersion } from './rules';
import { dayMs, inForce, rateBetween } from './rules';
import { mayDraw, mayGive, take } from './wallet';
import type { Verdict } from './verdict';

export function open(rules: NaiveRules, at: number): Verdict {
  return { facts: opening(rules, at), answer: null };
}

function opening({ starterGrant }: NaiveRules, at: number): Fact[] {
  const opened: Fact = { did: 'open', at };
  if (starterGrant?.automatic !== true) return [opened];
  const { amount, expiresAfterDays } = starterGrant;
  const expires = expiresAfterDays === null ? null : at + expiresAfterDays * dayMs;
  return [opened, { did: 'grant', at, id: '', amount: money(amount), expires, settled: 0n, isStarter: true }];
}

export function recharge(books: Books, asked: Asked<'recharge'>, rules: NaiveRules, at: number): Verdict {
  const { id, provider, amount, currency } = asked;
  const terms = rules.providers[provider];
  if (terms === undefined) return 'provider_unsupported';
  const isForeign = currency !== rules.currency;
  const rate = isForeign ? rateBetween(rules, currency, rules.currency) : undefined;
  if (isForeign && rate === undefined) return 'currency_unsupported';
  const credited = rate === undefined ? money(amount) : money(converted(amount, rate, rules.rounding));
  if (credited === 0n || credited < money(terms.minimumRecharge ?? '0')) return 'below_minimum_recharge';
  const settled = least(credited, books.owed);
  const fact: RechargeFact = {
    did: 'recharge',
    at,
    id,
    provider,
    paid: money(amount),
    paidIn: currency,
    rate: rate ?? null,
    credited,
    settled,
    rounding: rules.rounding,
  };
  const answer = {
    rechargeId: id,
    credited: textOf(credited),
    currency: rules.currency,
    paid: { amount, currency },
    receivableSettled: textOf(settled),
  };
  return { facts: [...(books.isOpen ? [] : opening(rules, at)), fact], answer };
}

/** An amount by a rate, exactly, rounded once. */
export function converted(
  amount: string,
  { rate, inverse }: { readonly rate: string; readonly inverse: boolean },
  rounding: { readonly scale: number; readonly mode: string },
): string {
  const a = fraction(amount);
  const r = fraction(rate);
  return roundedText(inverse ? { n: a.n * r.d, d: a.d * r.n } : { n: a.n * r.n, d: a.d * r.d }, rounding);
}

export function grant(
  books: Books,
  asked: Asked<'grant'>,
  { currency, starterGrant }: NaiveRules,
  at: number,
): Verdict {
  let { expiresAt: expires } = asked;
  let amount: Money;
  const isStarter = asked.amount === null;
  if (asked.amount === null) {
    if (starterGrant?.reason !== asked.reason) return 'invalid_request';
    if (books.hasStarter) return 'already_claimed';
    if (starterGrant.automatic) return 'invalid_request';
    amount = money(starterGrant.amount);
    // Its terms are the rules', so that a caller cannot ask for others.
    if (expires !== null) return 'invalid_request';
    const { expiresAfterDays } = starterGrant;
    expires = expiresAfterDays === null ? null : at + expiresAfterDays * dayMs;
  } else {
    amount = money(asked.amount);
  }
  if (expires !== null && expires <= at) return 'invalid_request';
  const settled = least(amount, books.owed);
  const answer = {
    grantId: asked.id,
    granted: textOf(amount),
    currency,
    expiresAt: expires === null ? null : new Date(expires).toISOString(),
    receivableSettled: textOf(settled),
  };
  return { facts: [{ did: 'grant', at, id: asked.id, amount, expires, settled, isStarter }], answer };
}

export function settings(books: Books, change: Settings, rules: NaiveRules, at: number): Verdict {
  const { payAsYouGo, customMultiplier, tier } = change;
  if (typeof customMultiplier === 'string' && customMultiplier.startsWith('-')) return 'invalid_request';
  if (typeof tier === 'string' && tier !== books.pinned && !rules.tiers.some(({ id }) => id === tier))
    return 'unknown_tier';
  const isTurnedOn = payAsYouGo === true && books.payAsYouGo !== true;
  const isDrawable = isTurnedOn || mayDraw(books, rules);
  const settled = isTurnedOn && isDrawable ? take(mayGive(books, at), books.owed) : [];
  return { facts: [{ did: 'settings', at, change, settled }], answer: null };
}

/** The tiers that each recharge earned, by the rules in force when it occurred; those that were not heard of yet. */
export function earn(facts: readonly Fact[], versions: readonly NaiveVersion[]): Fact[] {
  const recharges = facts.filter((fact) => fact.did === 'recharge');
  const heard = new Set(facts.flatMap((fact) => (fact.did === 'earn' ? fact.tiers : [])));
  const news: Fact[] = [];
  for (const [index, { at }] of recharges.entries()) {
    const rules = inForce(versions, at)?.rules;
    const soFar = recharges.slice(0, index + 1).map(({ credited }) => credited);
    const tiers = (rules?.promotion ?? []).filter((rule) => isReached(rule, soFar)).map(({ tier }) => tier);
    const fresh = tiers.filter((tier) => !heard.has(tier));
    for (const tier of fresh) heard.add(tier);
    if (fresh.length > 0) news.push({ did: 'earn', at, tiers: fresh });
  }
  return news;
}

function isReached({ anyOf }: NaivePromotion, credited: readonly Money[]): boolean {
  const largest = credited.reduce((a, b) => (a > b ? a : b), 0n);
  return anyOf.some(
    ({ singleRechargeAtLeast, cumulativeRechargeAtLeast }) =>
      (singleRechargeAtLeast === undefined || largest >= money(singleRechargeAtLeast)) &&
      (cumulativeRechargeAtLeast === undefined || sum(credited) >= money(cumulativeRechargeAtLeast)),
  );
}
