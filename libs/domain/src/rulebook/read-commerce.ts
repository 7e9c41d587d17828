import { decimal, zero, type Decimal } from '../amount/decimal';
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
  reader,
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
const daysOfGrant = checkedAtTheDoor(days, (count) => (count < 1 ? 'a day or more' : undefined), { minimum: 1 });

const pair: Reader<readonly [base: string, quote: string]> = reader(
  { type: 'string', pattern: '^[A-Z][A-Z0-9]{2,11}/[A-Z][A-Z0-9]{2,11}$', examples: ['USD/CNY'] },
  (value, pointer, faults) => {
    const [base, quote, ...more] = typeof value === 'string' ? value.split('/') : [];
    const known = (code: string | undefined): code is string => currency(code, pointer, new Faults(true)) !== unusable;
    return known(base) && known(quote) && base !== quote && more.length === 0
      ? [base, quote]
      : invalid(faults, pointer, 'a pair of two currencies such as USD/CNY', value);
  },
);

export const exchangeRate: Reader<ExchangeRate> = mapped(
  object<{ readonly pair: readonly [string, string]; readonly rate: Decimal }>({
    pair: required('Two currencies: a unit of the first is worth `rate` of the second.', pair),
    rate: required('Units of the second currency for one of the first.', positiveAmount),
  }),
  ({ pair: [base, quote], rate }) => ({ base, quote, rate }),
);

export const rounding = object<Rulebook['rounding']>({
  scale: optional('Decimal places of a charge.', wholeNumber(0, 9), 6),
  mode: optional('Which way; half-up is away from zero.', oneOf('half-up', 'half-even', 'up', 'down'), 'half-up'),
});

export const wallet = object<Rulebook['wallet']>({
  requiresOptIn: optional('The wallet pays only after the account has turned pay-as-you-go on.', flag, false),
  bypassesLimits: optional('A wallet with money in it frees from the limits on requests.', flag, false),
  unlocksAllModels: optional('A wallet with money in it frees from whitelists and minimum tiers.', flag, false),
});

export const starterGrant = object<StarterGrant>({
  amount: required('How much.', positiveAmount),
  reason: required('Why; whoever claims it names this reason.', text),
  expiresAfterDays: optional(
    'After how many days of 24 hours what is left expires; null is never.',
    nullable(daysOfGrant),
    null,
  ),
  automatic: optional('Whether it is granted when the account is opened. Otherwise it is claimed, once.', flag, false),
});

export const refund = object<{ readonly windowDays: number }>({
  windowDays: required('Within how many days of 24 hours.', days),
});

const provider = object<Omit<Provider, 'id'>>({
  minimumRecharge: optional(
    'The least that a payment of this provider must come to, in the currency of the wallet.',
    amount,
    null,
  ),
  kinds: optional(
    'The kinds of subscription that it may pay; any where it is left out.',
    atMost(MAX_PROVIDER_KINDS, list<SubscriptionKind>(oneOf('auto-renew', 'one-time'))),
    null,
  ),
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

export const drawOrder: Reader<readonly DrawSource[]> = checked(
  list<DrawSource>(oneOf(...sources)),
  (order) =>
    order.length === sources.length && new Set(order).size === sources.length
      ? undefined
      : 'each of main, backup, wallet once',
  { minItems: sources.length, maxItems: sources.length, uniqueItems: true },
);

const creditCap = object<{ readonly credits: Decimal }>({ credits: required('Credits.', amount) });

interface DailyCap {
  readonly credits?: Decimal;
  readonly requests?: number;
}

const anyDailyCap = object<DailyCap>({
  credits: omittable('Credits.', amount),
  requests: omittable('Requests.', wholeNumber(0, MAX_COUNT)),
});

const oneCap = { minProperties: 1, maxProperties: 1 };

const dailyCap: Reader<{ readonly credits: Decimal } | { readonly requests: number }> = reader(
  { ...anyDailyCap.shape, ...oneCap },
  (value, pointer, faults) => {
    const read = anyDailyCap(value, pointer, faults);
    if (read === unusable) return unusable;
    const { credits, requests } = read;
    if (credits !== undefined && requests === undefined) return { credits };
    if (requests !== undefined && credits === undefined) return { requests };
    return invalid(faults, pointer, 'a cap in either credits or requests', value);
  },
);

/** Defaults are those of S2. */
export const plan = object<Plan>({
  id: required('What the plan is called.', id),
  price: required('Its fee for a period.', amount),
  baseCredits: optional('Credits of the main pool, before the bonus.', amount, zero),
  tier: optional('The account counts as at least this tier while the plan runs.', id, null),
  bonus: optional('What comes on top of the credits of the main pool, as a part of them.', amount, decimal('0.2')),
  backup: optional('Credits of the backup pool, as a multiple of those of the main pool.', amount, decimal('0')),
  caps: optional(
    'How much of the pools can be used in a day (UTC) and in a week (ISO).',
    object<Plan['caps']>({
      daily: optional('In a day, in credits or in requests.', dailyCap, null),
      weekly: optional('In a week.', creditCap, null),
    }),
    {
      daily: null,
      weekly: null,
    },
  ),
  limits: optional('How many requests an account may make on this plan.', limits, {}),
  models: whitelist,
  budget: optional(
    'How much upstream cost a period bears.',
    object<{ readonly priceMultiple: Decimal }>({
      priceMultiple: required('The budget as a multiple of the fee.', amount),
    }),
    null,
  ),
  periodDays: optional('The length of a period, in days of 24 hours.', period, 30),
});

export const switching = object<Rulebook['switching']>({
  cycleDays: optional('Days over which the time of a period counts as used up.', period, 28),
  mainWeight: optional('How much the use of the main pool counts.', amount, decimal('0.75')),
  backupWeight: optional('How much the use of the backup pool counts.', amount, decimal('0.25')),
  minimumConsumed: optional('The least that counts as used up.', amount, decimal('0.1')),
});

const poolRenewal = oneOf('refill', 'carry');

export const renewal = object<Rulebook['renewal']>({
  main: optional('The main pool: filled anew, or carried on as it is.', poolRenewal, 'refill'),
  backup: optional('The backup pool: filled anew, or carried on as it is.', poolRenewal, 'carry'),
});

export const holds = object<Rulebook['holds']>({
  expireAfterSeconds: optional(
    'How long they are set aside.',
    checkedAtTheDoor(
      wholeNumber(1, MAX_STORED_HOLD_SECONDS),
      (seconds) => (seconds > MAX_HOLD_SECONDS ? `a whole number from 1 to ${MAX_HOLD_SECONDS}` : undefined),
      { maximum: MAX_HOLD_SECONDS },
    ),
    900,
  ),
});
