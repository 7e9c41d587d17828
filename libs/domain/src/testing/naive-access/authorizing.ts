import type { Books } from '../naive-books/books';
import { priced, tierAt, type Priced } from '../naive-books/charging';
import { money, textOf, type Money } from '../naive-books/money';
import { freeWallet, poolMoney } from '../naive-books/views';
import { mayDraw } from '../naive-books/wallet';
import type { AskedAccess } from './access-asks';
import type { NaiveAccessRules, NaiveLimits } from './access-rules';
import { limitOf, planOf, type Limit } from './limits';
import { lets } from './whitelists';

const minuteMs = 60_000;
/** A minute may refuse so much too early. */
const leewayMs = 1_000;
const dayMs = 86_400_000;
const longestHoldSeconds = 86_400;
const usualHoldSeconds = 900;

/** A request that was let through, and what it counted for. */
export interface Counted {
  readonly at: number;
  readonly minute: string | null;
  readonly day: string | null;
}

export interface NaiveKey {
  readonly issuedFor: string | null;
  group: string | null;
  isRevoked: boolean;
}

/** What is known when access is asked for. */
export interface AccessBooks {
  readonly books: Books;
  readonly rules: NaiveAccessRules;
  readonly now: number;
  readonly own: NaiveLimits | null;
  readonly keys: ReadonlyMap<string, NaiveKey>;
  readonly counted: readonly Counted[];
  /** What live holds have set aside. */
  readonly held: Money;
}

export type AccessVerdict =
  | { readonly is: 'denied'; readonly code: string; readonly more: unknown }
  | { readonly is: 'granted'; readonly answer: Granted; readonly estimate: Money; readonly counted: Counted };

export interface Granted {
  readonly priority: { readonly level: number; readonly name: string };
  readonly tier: string;
  readonly group: string;
  readonly multiplier: string;
  readonly estimate: string;
  readonly heldUntil: string | null;
}

/**
 * What SPEC §8 says of a request, check by check. Where the minute may refuse and need not, `refuses` says whether it did.
 */
export function authorize(asked: AskedAccess, so: AccessBooks, refuses: boolean): AccessVerdict {
  if (so.books.isSuspended) return denied('account_suspended');
  const key = asked.key === null ? null : so.keys.get(asked.key);
  if (key === undefined || key?.isRevoked === true) return denied('invalid_api_key');
  const chosen = asked.group ?? key?.group ?? null;
  const { model, channel, requests } = asked;
  const request = { at: so.now, model, group: chosen, channel, units: { requests } };
  const price = priced(so.books, request, so.rules, so.now);
  if (typeof price === 'string') return denied(price);
  const limits = limitsOf(chosen, so);
  const refusal = closedTo(asked, price.group, so) ?? overLimit(limits, so, refuses);
  if (refusal !== null) return denied(refusal);
  const estimate = money(price.rated.amount);
  const available = availableOf(so);
  if (available < estimate) {
    return denied('insufficient_credits', { available: textOf(available), required: textOf(estimate) });
  }
  return { is: 'granted', answer: grantedBy(asked, price, so), estimate, counted: countedBy(limits, so) };
}

function countedBy({ minute, day }: Limits, { now }: AccessBooks): Counted {
  return { at: now, minute: minute?.source ?? null, day: day?.source ?? null };
}

function grantedBy({ hold }: AskedAccess, { tier, group, userFactor, rated }: Priced, so: AccessBooks): Granted {
  const { rules, now } = so;
  const seconds = Math.min(rules.holds?.expireAfterSeconds ?? usualHoldSeconds, longestHoldSeconds);
  return {
    priority: priorityOf(rules, tier),
    tier,
    group,
    multiplier: userFactor,
    estimate: rated.amount,
    heldUntil: hold ? new Date(now + seconds * 1000).toISOString() : null,
  };
}

/** What the pools can give, and the wallet where it may be drawn, less what is set aside. */
export function availableOf({ books, rules, now, held }: Pick<AccessBooks, 'books' | 'rules' | 'now' | 'held'>): Money {
  const all = poolMoney(books, now) + (mayDraw(books, rules) ? freeWallet(books, now) : 0n);
  return all > held ? all - held : 0n;
}

function closedTo({ model: name }: AskedAccess, group: string, so: AccessBooks): string | null {
  const { books, rules, now } = so;
  if (hasWallet(so) && rules.wallet.unlocksAllModels === true) return null;
  const model = rules.models.find(({ id }) => id === name);
  const rankOf = (tier: string): number => rules.tiers.find(({ id }) => id === tier)?.rank ?? 0;
  if (model?.minTier !== undefined && rankOf(tierAt(books, rules, now)) < rankOf(model.minTier)) {
    return 'model_tier_restricted';
  }
  const ofGroup = rules.groups.find(({ id }) => id === group)?.models;
  if (ofGroup !== undefined && !lets(ofGroup, name)) return 'model_not_in_group';
  const ofPlan = planOf(books, rules, now)?.models;
  if (ofPlan !== undefined && !lets(ofPlan, name, model?.free === true)) return 'model_not_in_plan';
  return null;
}

interface Limits {
  readonly minute: Limit | null;
  readonly day: Limit | null;
}

function limitsOf(group: string | null, { books, rules, own, now }: AccessBooks): Limits {
  return {
    minute: limitOf('requestsPerMinute', books, own, rules, group, now),
    day: limitOf('requestsPerDay', books, own, rules, group, now),
  };
}

function overLimit({ minute, day }: Limits, so: AccessBooks, refuses: boolean): string | null {
  const { rules, counted, now } = so;
  if (hasWallet(so) && rules.wallet.bypassesLimits === true) return null;
  if (minute !== null) {
    const since = (from: number) => counted.filter((each) => each.minute === minute.source && each.at > from).length;
    const must = since(now - minuteMs) >= minute.most;
    const may = since(now - minuteMs - leewayMs) >= minute.most;
    if (must || (may && refuses)) return 'rate_limited';
  }
  const today = counted.filter((each) => each.day === day?.source && dayOf(each.at) === dayOf(now)).length;
  return day !== null && today >= day.most ? 'daily_limit' : null;
}

/** A wallet that is positive, what is frozen aside, and may be drawn. */
function hasWallet({ books, rules, now }: AccessBooks): boolean {
  return mayDraw(books, rules) && freeWallet(books, now) > 0n;
}

function priorityOf(rules: NaiveAccessRules, tier: string): Granted['priority'] {
  const found = rules.tiers.find(({ id }) => id === tier);
  return found?.priority ?? { level: found?.rank ?? 0, name: tier };
}

function dayOf(at: number): number {
  return Math.floor(at / dayMs);
}

function denied(code: string, more: unknown = null): AccessVerdict {
  return { is: 'denied', code, more };
}
