import type { Decimal, Rounding } from '../amount/decimal';
import type { Price } from './price';

/** A platform's rules as one immutable version holds them, read from its content (SPEC §3) with every default filled in. */
export interface Rulebook {
  readonly platform: string;
  /** Commodity of the wallet and of every price. */
  readonly currency: string;
  readonly fx: readonly ExchangeRate[];
  readonly rounding: Rounding;
  /** By rank, ascending; a new account starts at the first. */
  readonly tiers: readonly [Tier, ...Tier[]];
  readonly promotion: readonly PromotionRule[];
  /** User tier → group → multiplier; null where the rulebook has no matrix. */
  readonly tierMultipliers: ReadonlyMap<string, ReadonlyMap<string, Decimal>> | null;
  readonly groups: ReadonlyMap<string, Group>;
  readonly channels: ReadonlyMap<string, Channel>;
  /** In the order listed: the first that matches wins. */
  readonly models: readonly Model[];
  readonly wallet: {
    readonly requiresOptIn: boolean;
    readonly bypassesLimits: boolean;
    readonly unlocksAllModels: boolean;
  };
  readonly starterGrant: StarterGrant | null;
  readonly refund: { readonly windowDays: number } | null;
  readonly providers: ReadonlyMap<string, Provider>;
  /** Pool credits per unit of currency; null where no plan exists. */
  readonly creditsPerUnit: Decimal | null;
  readonly drawOrder: readonly DrawSource[];
  readonly defaultPlan: string | null;
  readonly plans: ReadonlyMap<string, Plan>;
  readonly switching: {
    readonly cycleDays: number;
    readonly mainWeight: Decimal;
    readonly backupWeight: Decimal;
    readonly minimumConsumed: Decimal;
  };
  readonly renewal: { readonly main: PoolRenewal; readonly backup: PoolRenewal };
  readonly holds: { readonly expireAfterSeconds: number };
  /** Labels of the usage that reports can group by. */
  readonly labels: readonly string[];
}

export type DrawSource = 'main' | 'backup' | 'wallet';
export type PoolRenewal = 'refill' | 'carry';
export type SubscriptionKind = 'auto-renew' | 'one-time';

/** 1 unit of `base` is worth `rate` units of `quote`. */
export interface ExchangeRate {
  readonly base: string;
  readonly quote: string;
  readonly rate: Decimal;
}

/** A request limit: null is unlimited, absent asks the next source (SPEC §8). */
export interface RequestLimits {
  readonly requestsPerMinute?: number | null;
  readonly requestsPerDay?: number | null;
}

export interface Tier {
  readonly id: string;
  readonly rank: number;
  /** Null where the tier names none; it then counts as 1. */
  readonly discount: Decimal | null;
  readonly priority: { readonly level: number; readonly name: string };
  readonly limits: RequestLimits;
  readonly webhooks: boolean;
}

export interface PromotionRule {
  readonly tier: string;
  readonly anyOf: readonly PromotionCondition[];
}

/** Every key that is given must hold. Thresholds are in the wallet's currency. */
export interface PromotionCondition {
  readonly anyRecharge?: boolean;
  readonly singleRechargeAtLeast?: Decimal;
  readonly cumulativeRechargeAtLeast?: Decimal;
}

export interface Group {
  readonly id: string;
  /** Null where the group names none; it then counts as 1. */
  readonly multiplier: Decimal | null;
  /** Globs in order, `!` takes away. */
  readonly models: readonly string[];
  readonly limits: RequestLimits;
}

export interface Channel {
  readonly id: string;
  readonly discount: Decimal;
}

export interface Model {
  /** An exact id or a `*` glob. */
  readonly id: string;
  readonly group: string;
  readonly minTier: string | null;
  readonly free: boolean;
  readonly price: Price;
  /** Channel → price, where a channel has one of its own. */
  readonly channelPrices: ReadonlyMap<string, Price>;
  /** What upstream takes; the price where the rulebook names none. */
  readonly cost: Price;
  /** Channel → what it takes, where that is something else. */
  readonly channelCosts: ReadonlyMap<string, Price>;
  readonly fieldMultipliers: readonly FieldMultiplier[];
}

export interface FieldMultiplier {
  readonly field: string;
  readonly equals: string;
  readonly multiplier: Decimal;
}

export interface StarterGrant {
  readonly amount: Decimal;
  readonly reason: string;
  readonly expiresAfterDays: number | null;
  readonly automatic: boolean;
}

export interface Provider {
  readonly id: string;
  /** In the wallet's currency. */
  readonly minimumRecharge: Decimal | null;
  /** Kinds of subscription it may pay; null for any. */
  readonly kinds: readonly SubscriptionKind[] | null;
}

export interface Plan {
  readonly id: string;
  readonly price: Decimal;
  readonly baseCredits: Decimal;
  readonly tier: string | null;
  readonly bonus: Decimal;
  readonly backup: Decimal;
  readonly caps: {
    readonly daily: { readonly credits: Decimal } | { readonly requests: number } | null;
    readonly weekly: { readonly credits: Decimal } | null;
  };
  readonly limits: RequestLimits;
  readonly models: readonly string[];
  readonly budget: { readonly priceMultiple: Decimal } | null;
  readonly periodDays: number;
}

/** One version as it was published. */
export interface PublishedRulebook {
  /** 1, 2, 3 … per platform. */
  readonly version: number;
  /** Milliseconds since 1970; it may lie before that of an earlier version which was still to come when this one was published. */
  readonly effectiveFrom: number;
  /** Hex SHA-256 of the RFC 8785 canonical JSON of the content without `effectiveFrom`. */
  readonly sha256: string;
  readonly rulebook: Rulebook;
}

/** Versions of a platform among which the one in force is looked for one by one. */
const FEW_VERSIONS = 16;

/**
 * The version in force at an instant: of those whose `effectiveFrom` has come the one with the latest, and of two with the same
 * the later version; undefined before the first. The versions are those that were not withdrawn, in any order; the list is never
 * changed afterwards.
 */
export function versionInForce(versions: readonly PublishedRulebook[], atMs: number): PublishedRulebook | undefined {
  if (versions.length > FEW_VERSIONS) return lastUpTo(inOrder(versions), atMs);
  let found: PublishedRulebook | undefined;
  for (const version of versions) {
    if (version.effectiveFrom > atMs) continue;
    if (found === undefined || succeeds(version, found)) found = version;
  }
  return found;
}

/** Whether a version takes the place of another once both have come into force. */
export function succeeds(version: PublishedRulebook, other: PublishedRulebook): boolean {
  return (
    version.effectiveFrom > other.effectiveFrom ||
    (version.effectiveFrom === other.effectiveFrom && version.version > other.version)
  );
}

const ordered = new WeakMap<readonly PublishedRulebook[], readonly PublishedRulebook[]>();

/** By when each takes the place of those before it. */
function inOrder(versions: readonly PublishedRulebook[]): readonly PublishedRulebook[] {
  const known = ordered.get(versions) ?? [...versions].sort((one, other) => (succeeds(one, other) ? 1 : -1));
  ordered.set(versions, known);
  return known;
}

/** The last of an ordered list that has come into force: those before `found` have, those from `end` on have not. */
function lastUpTo(versions: readonly PublishedRulebook[], atMs: number): PublishedRulebook | undefined {
  let [found, end] = [0, versions.length];
  while (found < end) {
    const middle = (found + end) >> 1;
    if ((versions[middle]?.effectiveFrom ?? Infinity) <= atMs) found = middle + 1;
    else end = middle;
  }
  return versions[found - 1];
}
