import { decimal, type Decimal } from '../amount/decimal';
import { Faults } from './fault';
import { MAX_PROVIDER_KINDS, MAX_PROVIDERS } from './limits';
import { limits, whitelist } from './read-catalogue';
import type { DrawSource, ExchangeRate, Plan, Provider, Rulebook, StarterGrant, SubscriptionKind } from './rulebook';
import {
  atMost,
  checked,
  checkedAtTheDoor,
  invalid,
  list,
  mapped,
  nullable,
  object,
  omittable,
  optional,
  record,
  required,
  unusable,
  type Reader,
} from './schema';
import {
  MAX_COUNT,
  MAX_DAYS,
  amount,
  currency,
  flag,
  id,
  oneOf,
  positiveAmount,
  providerId,
  text,
  wholeNumber,
} from './values';

/** Longest life of a hold that is stored, in seconds: a leap year. Where a rulebook comes in it is a day. */
const MAX_STORED_HOLD_SECONDS = 31_622_400;
const MAX_HOLD_SECONDS = 86_400;

const days = wholeNumber(0, MAX_DAYS);
const period = wholeNumber(1, MAX_DAYS);
const daysOfGrant = checkedAtTheDoor(days, (count) => (count < 1 ? 'a day or more' : undefined));

const pair: Reader<readonly [base: string, quote: string]> = (value, pointer, faults) => {
  const [base, quote, ...more] = typeof value === 'string' ? value.split('/') : [];
  const known = (code: string | undefined): code is string => currency(code, pointer, new Faults(true)) !== unusable;
  return known(base) && known(quote) && base !== quote && more.length === 0
    ? [base, quote]
    : invalid(faults, pointer, 'a pair of two currencies such as USD/CNY', value);
};

export const exchangeRate: Reader<ExchangeRate> = mapped(
  object<{ readonly pair: readonly [string, string]; readonly rate: Decimal }>({
    pair: required(pair),
    rate: required(positiveAmount),
  }),
  ({ pair: [base, quote], rate }) => ({ base, quote, rate }),
);

export const rounding = object<Rulebook['rounding']>({
  scale: optional(wholeNumber(0, 9), 6),
  mode: optional(oneOf('half-up', 'half-even', 'up', 'down'), 'half-up'),
});

export const wallet = object<Rulebook['wallet']>({
  requiresOptIn: optional(flag, false),
  bypassesLimits: optional(flag, false),
  unlocksAllModels: optional(flag, false),
});

export const starterGrant = object<StarterGrant>({
  amount: required(positiveAmount),
  reason: required(text),
  expiresAfterDays: optional(nullable(daysOfGrant), null),
  automatic: optional(flag, false),
});

export const refund = object<{ readonly windowDays: number }>({ windowDays: required(days) });

const provider = object<Omit<Provider, 'id'>>({
  minimumRecharge: optional(amount, null),
  kinds: optional(atMost(MAX_PROVIDER_KINDS, list<SubscriptionKind>(oneOf('auto-renew', 'one-time'))), null),
});

export const providers: Reader<ReadonlyMap<string, Provider>> = mapped(
  atMost(MAX_PROVIDERS, record(providerId, provider)),
  (found) => new Map([...found].map(([name, terms]) => [name, { id: name, ...terms }])),
);

/** One unit of currency is `creditsPerUnit` credits, and a credit has to be an exact amount of currency again. */
export const creditsPerUnit: Reader<Decimal> = checked(positiveAmount, ({ coefficient }) => {
  let rest = coefficient;
  for (const factor of [2n, 5n]) while (rest % factor === 0n) rest /= factor;
  return rest === 1n ? undefined : 'a number without prime factors other than 2 and 5';
});

const sources = ['main', 'backup', 'wallet'] as const;

export const drawOrder: Reader<readonly DrawSource[]> = checked(list<DrawSource>(oneOf(...sources)), (order) =>
  order.length === sources.length && new Set(order).size === sources.length
    ? undefined
    : 'each of main, backup, wallet once',
);

const creditCap = object<{ readonly credits: Decimal }>({ credits: required(amount) });

interface DailyCap {
  readonly credits?: Decimal;
  readonly requests?: number;
}

const dailyCap: Reader<{ readonly credits: Decimal } | { readonly requests: number }> = (value, pointer, faults) => {
  const read = object<DailyCap>({
    credits: omittable(amount),
    requests: omittable(wholeNumber(0, MAX_COUNT)),
  })(value, pointer, faults);
  if (read === unusable) return unusable;
  const { credits, requests } = read;
  if (credits !== undefined && requests === undefined) return { credits };
  if (requests !== undefined && credits === undefined) return { requests };
  return invalid(faults, pointer, 'a cap in either credits or requests', value);
};

/** Defaults are those of S2. */
export const plan = object<Plan>({
  id: required(id),
  price: required(amount),
  baseCredits: required(amount),
  tier: optional(id, null),
  bonus: optional(amount, decimal('0.2')),
  backup: optional(amount, decimal('0')),
  caps: optional(object<Plan['caps']>({ daily: optional(dailyCap, null), weekly: optional(creditCap, null) }), {
    daily: null,
    weekly: null,
  }),
  limits: optional(limits, {}),
  models: whitelist,
  budget: optional(object<{ readonly priceMultiple: Decimal }>({ priceMultiple: required(amount) }), null),
  periodDays: optional(period, 30),
});

export const switching = object<Rulebook['switching']>({
  cycleDays: optional(period, 28),
  mainWeight: optional(amount, decimal('0.75')),
  backupWeight: optional(amount, decimal('0.25')),
  minimumConsumed: optional(amount, decimal('0.1')),
});

const poolRenewal = oneOf('refill', 'carry');

export const renewal = object<Rulebook['renewal']>({
  main: optional(poolRenewal, 'refill'),
  backup: optional(poolRenewal, 'carry'),
});

export const holds = object<Rulebook['holds']>({
  expireAfterSeconds: optional(
    checkedAtTheDoor(wholeNumber(1, MAX_STORED_HOLD_SECONDS), (seconds) =>
      seconds > MAX_HOLD_SECONDS ? `a whole number from 1 to ${MAX_HOLD_SECONDS}` : undefined,
    ),
    900,
  ),
});
