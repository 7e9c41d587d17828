import type { Account } from '../account/account';
import { tierAt } from '../account/standing/tier-at';
import type { Decimal } from '../amount/decimal';
import { compare, isPositive, toText } from '../amount/decimal';
import { rate } from '../rating/rate';
import type { Rated, RatingRefusal } from '../rating/rated';
import { userFactor } from '../rating/user-factor';
import { findModel } from '../rulebook/find-model';
import type { PublishedRulebook, Rulebook } from '../rulebook/rulebook';
import { tierOf } from '../rulebook/tiers';
import { groupAllows, planAllows } from '../rulebook/whitelist';
import { formatInstant } from '../time/instant';
import type { Units } from '../usage/usage';
import { availableAt, drawableWallet } from './available';
import type { HoldPlaced, RequestCounted } from './events';
import type { HoldBook } from './hold-book';
import { limitsOf, planInForce, type EffectiveLimits, type PlanInForce } from './limits';
import { quotasOf, refusalByLimits, type LimitRefusal, type Quota } from './quotas';
import { LONGEST_HOLD_MS } from './settled-holds';

/** What a gateway asks before it serves. */
export interface AccessRequest {
  readonly requestId: string;
  readonly model: string;
  readonly apiKeyId: string | null;
  readonly group: string | null;
  readonly channel: string | null;
  readonly units: Units;
  readonly fields: Readonly<Record<string, string>>;
  /** Whether the estimate is to be set aside. */
  readonly hold: boolean;
  /** Content hash of the command, account included. */
  readonly digest: string;
}

export type AccessRefusal =
  | { readonly code: AccessCode | RatingRefusal['code']; readonly detail: string }
  | LimitRefusal
  | {
      readonly code: 'insufficient_credits';
      readonly detail: string;
      readonly available: Decimal;
      readonly required: Decimal;
    };

export type AccessCode =
  'account_suspended' | 'invalid_api_key' | 'model_tier_restricted' | 'model_not_in_group' | 'model_not_in_plan';

/** What was granted, as it is answered. */
export interface Grant {
  readonly priority: { readonly level: number; readonly name: string };
  readonly tier: string;
  readonly group: string;
  /** The user factor. */
  readonly multiplier: string;
  readonly estimate: string;
  /** Null where nothing is set aside. */
  readonly heldUntil: string | null;
}

export type AccessDecision =
  | {
      readonly kind: 'granted';
      readonly grant: Grant;
      /** Null where nothing has to be remembered of it. */
      readonly event: HoldPlaced | RequestCounted | null;
      /** After this request; none where the limits are bypassed, or there are none. */
      readonly quotas: readonly Quota[];
    }
  | { readonly kind: 'refused'; readonly refusal: AccessRefusal };

const SECOND_MS = 1000;

/**
 * Whether a request may be served, and the money set aside for it. What has expired or is settled has been taken out of the book
 * before. Refused in this order: account_suspended, invalid_api_key, what a quote refuses, model_tier_restricted,
 * model_not_in_group, model_not_in_plan, rate_limited, daily_limit, insufficient_credits.
 */
export function authorize(
  account: Account,
  book: HoldBook,
  request: AccessRequest,
  { rulebook, version }: PublishedRulebook,
  nowMs: number,
): AccessDecision {
  const rated = admit(account, request, rulebook, nowMs);
  if (rated.kind !== 'rated') return rated;
  const plan = planInForce(account, rulebook, nowMs);
  const hasMoney = isPositive(drawableWallet(account, rulebook, nowMs));
  const closed =
    hasMoney && rulebook.wallet.unlocksAllModels ? undefined : refusalByModel(request.model, rated, rulebook, plan);
  if (closed !== undefined) return closed;

  const group = request.group ?? keyGroup(account, request);
  const limits = limitsOf(account, rulebook, group, plan, nowMs);
  // Requests are counted along the stream, so that a clock that is behind gives nobody a second minute.
  const atMs = Math.max(nowMs, book.lastAt);
  const bypasses = hasMoney && rulebook.wallet.bypassesLimits;
  const limited = bypasses ? undefined : refusalByLimits(book.counts, limits, atMs);
  if (limited !== undefined) return refuse(limited);

  const available = availableAt(account, rulebook, book.held, nowMs);
  if (compare(available, rated.amount) < 0) {
    const detail = `${toText(available)} is available, the estimate is ${toText(rated.amount)}.`;
    return refuse({ code: 'insufficient_credits', detail, available, required: rated.amount });
  }
  const grant = grantOf(account, request, rated, rulebook, atMs);
  return {
    kind: 'granted',
    grant,
    event: eventOf(account, request, grant, limits, version, atMs),
    quotas: bypasses ? [] : quotasOf(book.counts, limits, atMs),
  };
}

type Refused = Extract<AccessDecision, { readonly kind: 'refused' }>;

/** The account, the key and the price; a price that cannot be told is a refusal. */
function admit(account: Account, request: AccessRequest, rulebook: Rulebook, nowMs: number): Rated | Refused {
  const { apiKeyId, model, channel, units, fields } = request;
  if (account.standing.suspended) return refuse({ code: 'account_suspended', detail: 'The account is suspended.' });
  if (apiKeyId !== null && account.standing.keys?.get(apiKeyId)?.revoked !== false)
    return refuse({ code: 'invalid_api_key', detail: `The account has no key ${apiKeyId}, or it is revoked.` });
  const group = request.group ?? keyGroup(account, request);
  const { customMultiplier } = account.standing;
  const terms = { tier: tierAt(account, rulebook, nowMs), customMultiplier };
  const rated = rate(rulebook, { model, group, channel, units, fields, at: nowMs }, terms);
  return rated.kind === 'rated' ? rated : refuse({ code: rated.code, detail: rated.detail });
}

function keyGroup(account: Account, { apiKeyId }: AccessRequest): string | null {
  return apiKeyId === null ? null : (account.standing.keys?.get(apiKeyId)?.group ?? null);
}

function refusalByModel(
  name: string,
  rated: Rated,
  rulebook: Rulebook,
  plan: PlanInForce | undefined,
): Refused | undefined {
  const model = findModel(rulebook, name);
  if (model === undefined) throw new Error(`a model was priced that is none: ${name}`);
  if (model.minTier !== null && tierOf(rulebook, rated.tier).rank < tierOf(rulebook, model.minTier).rank)
    return refuse({
      code: 'model_tier_restricted',
      detail: `${name} needs the tier ${model.minTier} or a higher one.`,
    });
  const group = rulebook.groups.get(rated.group);
  if (group !== undefined && !groupAllows(group, name))
    return refuse({ code: 'model_not_in_group', detail: `${name} is not on the whitelist of the group ${group.id}.` });
  if (plan?.terms !== undefined && !planAllows(plan.terms, name, model.free))
    return refuse({ code: 'model_not_in_plan', detail: `${name} is not on the whitelist of the plan ${plan.id}.` });
  return undefined;
}

function grantOf(
  { standing: { customMultiplier } }: Account,
  { hold }: AccessRequest,
  { tier, group, amount }: Rated,
  rulebook: Rulebook,
  atMs: number,
): Grant {
  const { priority } = tierOf(rulebook, tier);
  const lifeMs = Math.min(rulebook.holds.expireAfterSeconds * SECOND_MS, LONGEST_HOLD_MS);
  return {
    priority: { level: priority.level, name: priority.name },
    tier,
    group,
    multiplier: toText(userFactor(rulebook, group, { tier, customMultiplier }).value),
    estimate: toText(amount),
    heldUntil: hold ? formatInstant(atMs + lifeMs) : null,
  };
}

function eventOf(
  account: Account,
  request: AccessRequest,
  { heldUntil, priority, tier, group, multiplier, estimate }: Grant,
  limits: EffectiveLimits,
  version: number,
  atMs: number,
): HoldPlaced | RequestCounted | null {
  const occurredAt = formatInstant(atMs);
  const counted = {
    ...(limits.minute !== null && { minute: limits.minute.source }),
    ...(limits.day !== null && { day: limits.day.source }),
  };
  if (heldUntil === null)
    return limits.minute === null && limits.day === null ? null : { type: 'RequestCounted', occurredAt, ...counted };
  return {
    type: 'HoldPlaced',
    occurredAt,
    requestId: request.requestId,
    digest: request.digest,
    model: request.model,
    rulebook: version,
    tier,
    group,
    multiplier,
    priority: [priority.level, priority.name],
    currency: account.currency,
    amount: estimate,
    expiresAt: heldUntil,
    ...counted,
    accountRevision: account.revision,
  };
}

function refuse(refusal: AccessRefusal): Refused {
  return { kind: 'refused', refusal };
}
