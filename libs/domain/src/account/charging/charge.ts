import type { Decimal } from '../../amount/decimal';
import { compare, isZero, toText } from '../../amount/decimal';
import { rate } from '../../rating/rate';
import { RATING_RULES } from '../../rating/rating-rules';
import type { Rated, RatingRefusal, RatingTerms } from '../../rating/rated';
import type { PublishedRulebook } from '../../rulebook/rulebook';
import { versionInForce } from '../../rulebook/rulebook';
import { formatInstant } from '../../time/instant';
import { labelsOf, type Labels } from '../../usage/labels';
import type { DeadLetterReason, Usage } from '../../usage/usage';
import type { Account } from '../account';
import { mayDrawWallet } from '../standing/effective-tier';
import { tierAt } from '../standing/tier-at';
import { PoolPurse } from '../subscription/pool-purse';
import { toChargedFactor } from './charged-factor';
import type { Charge, UsageCharged } from './events';
import type { Due, PlanDraw } from './pay-with-plan';
import { payWithPlan } from './pay-with-plan';
import type { Draw } from '../wallet/purse';
import { Purse } from '../wallet/purse';

/** What became of one usage event: a charge of the event written, or a dead letter. */
export type UsageOutcome =
  { readonly kind: 'charged' } | { readonly kind: 'dead'; readonly reason: DeadLetterReason; readonly detail: string };

export interface Charged {
  /** Null where nothing could be charged. */
  readonly event: UsageCharged | null;
  /** In the order of the usage. */
  readonly outcomes: readonly UsageOutcome[];
}

/** The account's side of a version's prices; the same for every usage of a batch that falls under it. */
interface BookingTerms extends RatingTerms {
  readonly version: PublishedRulebook;
  readonly drawsWallet: boolean;
}

/**
 * Prices and pays a batch of usage, in its order. Prices are those of the rulebook in force when each occurred; the tier,
 * custom multiplier, key's group and pay-as-you-go are the account's as it stands. Usage is a fact: a revoked key and a
 * suspended account still pay, and what no source covers is owed. Repeats have been taken out before. `decidedAt`, in
 * milliseconds since 1970, is when that is decided, and stored with the charges: what is said of an account "when it was
 * booked" is said as of then.
 */
export function chargeUsage(
  account: Account,
  usages: readonly Usage[],
  rulebooks: readonly PublishedRulebook[],
  decidedAt?: number,
): Charged {
  const purse = new Purse(account);
  const pools = account.subscription === null ? null : new PoolPurse(account.subscription);
  const charges: Charge[] = [];
  const outcomes: UsageOutcome[] = [];
  let terms: BookingTerms | undefined;
  for (const usage of usages) {
    const version = versionInForce(rulebooks, usage.occurredAt);
    if (version === undefined) {
      const detail = `No rulebook is in force at ${formatInstant(usage.occurredAt)}.`;
      outcomes.push({ kind: 'dead', reason: 'no_rulebook', detail });
      continue;
    }
    if (terms?.version !== version) terms = termsOf(account, version, decidedAt);
    const rated = price(account, usage, terms);
    if (rated.kind !== 'rated') {
      outcomes.push(rated);
      continue;
    }
    const plan = pools === null ? undefined : pools.payingPeriod(usage.occurredAt);
    outcomes.push({ kind: 'charged' });
    const draw =
      pools === null || plan === undefined
        ? purse.draw(rated.amount, usage.occurredAt, terms.drawsWallet)
        : payWithPlan(pools, plan, purse, dueOf(usage, rated, terms));
    charges.push(chargeOf(usage, rated, draw, version.version, chargedLabels(account, usage)));
  }
  if (charges.length === 0) return { event: null, outcomes };
  const event: UsageCharged = {
    type: 'UsageCharged',
    charges,
    currency: account.currency,
    wallet: toText(purse.wallet),
    ...(isZero(purse.receivable) ? {} : { receivable: toText(purse.receivable) }),
    ...(pools === null ? {} : { pools: pools.balances() }),
    ...(decidedAt === undefined ? {} : { decidedAt: formatInstant(decidedAt) }),
  };
  return { event, outcomes };
}

function termsOf(account: Account, version: PublishedRulebook, decidedAt = -Infinity): BookingTerms {
  const { rulebook } = version;
  return {
    version,
    tier: tierAt(account, rulebook, decidedAt),
    customMultiplier: account.standing.customMultiplier,
    drawsWallet: mayDrawWallet(account.standing, rulebook),
  };
}

function dueOf({ occurredAt }: Usage, { amount, cost }: Rated, { version, drawsWallet }: BookingTerms): Due {
  const { drawOrder } = version.rulebook;
  return { amount, cost, atMs: occurredAt, order: drawOrder, mayDrawWallet: drawsWallet };
}

type Dead = Extract<UsageOutcome, { readonly kind: 'dead' }>;

function price(account: Account, usage: Usage, terms: BookingTerms): Rated | Dead {
  const key = usage.apiKeyId === null ? undefined : account.standing.keys?.get(usage.apiKeyId);
  const request = {
    model: usage.model,
    group: usage.group ?? key?.group ?? null,
    channel: usage.channel,
    units: usage.units,
    fields: usage.fields,
    at: usage.occurredAt,
    upstreamCost: usage.upstreamCost,
  };
  const rated = rate(terms.version.rulebook, request, terms);
  // An unknown key comes after an unknown model and before everything else that can be wrong with a request.
  if (usage.apiKeyId !== null && key === undefined && !isUnknownModel(rated)) {
    return { kind: 'dead', reason: 'unknown_api_key', detail: `The account has no key ${usage.apiKeyId}.` };
  }
  return rated.kind === 'rated' ? rated : { kind: 'dead', reason: rated.code, detail: rated.detail };
}

function chargedLabels(account: Account, usage: Usage): Labels | undefined {
  const key = usage.apiKeyId === null ? undefined : account.standing.keys?.get(usage.apiKeyId);
  return labelsOf(key?.labels, usage.labels);
}

function isUnknownModel(rated: Rated | RatingRefusal): boolean {
  return rated.kind === 'refused' && rated.code === 'unknown_model';
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/** The charge as it is stored: fixed order of keys, and nothing in it that says nothing. */
function chargeOf(
  usage: Usage,
  rated: Rated,
  draw: Draw | PlanDraw,
  rulebook: number,
  labels: Labels | undefined,
): Charge {
  const start: Pick<Writable<Charge>, 'apiKeyId' | 'channel' | 'authorizationId'> &
    Pick<Charge, 'source' | 'id' | 'occurredAt' | 'model'> = {
    source: usage.source,
    id: usage.id,
    occurredAt: formatInstant(usage.occurredAt),
    model: usage.model,
  };
  if (usage.apiKeyId !== null) start.apiKeyId = usage.apiKeyId;
  if (usage.channel !== null) start.channel = usage.channel;
  if (usage.authorizationId !== null) start.authorizationId = usage.authorizationId;
  const charge = start as Writable<Charge>;
  charge.tier = rated.tier;
  charge.group = rated.group;
  if (usage.group !== null) charge.groupNamed = true;
  charge.rulebook = rulebook;
  charge.rating = RATING_RULES;
  charge.units = usage.units;
  if (hasKeys(usage.fields)) charge.fields = usage.fields;
  if (labels !== undefined) charge.labels = labels;
  charge.price = rated.price;
  charge.factors = rated.factors.map((factor) => toChargedFactor(factor, charge));
  const amount = toText(rated.amount);
  if (differs(rated.unrounded, rated.amount)) charge.unrounded = toText(rated.unrounded);
  charge.amount = amount;
  if (differs(rated.cost, rated.amount)) charge.cost = toText(rated.cost);
  if (usage.upstreamCost !== undefined) charge.upstreamCost = toText(usage.upstreamCost);
  if ('plan' in draw) tellPlan(charge, draw);
  if (draw.lots !== undefined) charge.lots = draw.lots;
  if (!isZero(draw.owed)) charge.owed = toText(draw.owed);
  if (draw.limitedBy !== undefined) charge.limitedBy = draw.limitedBy;
  charge.digest = usage.digest;
  if (usage.traceparent !== null) charge.traceparent = usage.traceparent;
  return charge;
}

function tellPlan(charge: Writable<Charge>, { plan, credits, order }: PlanDraw): void {
  charge.plan = plan;
  if (credits !== undefined) charge.credits = credits;
  if (order !== undefined) charge.drawOrder = order;
}

function differs(a: Decimal, b: Decimal): boolean {
  return compare(a, b) !== 0;
}

function hasKeys(fields: Readonly<Record<string, string>>): boolean {
  for (const field in fields) if (Object.hasOwn(fields, field)) return true;
  return false;
}
