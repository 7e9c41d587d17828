import type { NaiveModel } from '../naive-rater';

/** The content of a rulebook as it is published, as far as the naive books read it (SPEC §3). */
export interface NaiveRules {
  readonly currency: string;
  readonly fx: readonly { readonly pair: string; readonly rate: string }[];
  readonly rounding: { readonly scale: number; readonly mode: string };
  readonly tiers: readonly NaiveTier[];
  readonly promotion: readonly NaivePromotion[];
  readonly tierMultipliers?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly groups: readonly { readonly id: string; readonly multiplier?: string }[];
  readonly channels: readonly { readonly id: string; readonly discount?: string }[];
  readonly models: readonly (NaiveModel & { readonly id: string; readonly group: string })[];
  readonly wallet: { readonly requiresOptIn: boolean };
  readonly starterGrant?: {
    readonly amount: string;
    readonly reason: string;
    readonly expiresAfterDays: number | null;
    readonly automatic: boolean;
  };
  readonly refund?: { readonly windowDays: number };
  readonly providers: Readonly<Record<string, NaiveProvider>>;
  readonly creditsPerUnit?: string;
  readonly drawOrder?: readonly string[];
  readonly plans?: readonly NaivePlan[];
  readonly switching?: {
    readonly cycleDays?: number;
    readonly mainWeight?: string;
    readonly backupWeight?: string;
    readonly minimumConsumed?: string;
  };
  readonly renewal?: { readonly main?: 'refill' | 'carry'; readonly backup?: 'refill' | 'carry' };
}

export interface NaiveTier {
  readonly id: string;
  readonly rank: number;
  readonly discount?: string | undefined;
}

export interface NaivePromotion {
  readonly tier: string;
  readonly anyOf: readonly {
    readonly anyRecharge?: boolean | undefined;
    readonly singleRechargeAtLeast?: string | undefined;
    readonly cumulativeRechargeAtLeast?: string | undefined;
  }[];
}

export interface NaiveProvider {
  readonly minimumRecharge?: string | undefined;
  readonly kinds?: readonly string[] | undefined;
}

export interface NaivePlan {
  readonly id: string;
  readonly price: string;
  readonly baseCredits?: string | undefined;
  readonly bonus?: string | undefined;
  readonly backup?: string | undefined;
  readonly tier?: string | undefined;
  readonly caps?:
    | {
        readonly daily?: { readonly credits?: string | undefined; readonly requests?: number } | undefined;
        readonly weekly?: { readonly credits: string } | undefined;
      }
    | undefined;
  readonly budget?: { readonly priceMultiple: string } | undefined;
  readonly periodDays: number;
}

export interface NaiveVersion {
  readonly version: number;
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly rules: NaiveRules;
}

export const dayMs = 86_400_000;

/** Of the versions that have come by an instant the one that came last; of two of one instant the later. */
export function inForce(versions: readonly NaiveVersion[], at: number): NaiveVersion | undefined {
  const come = versions.filter(({ from }) => from <= at);
  return [...come].sort((a, b) => a.from - b.from || a.version - b.version).at(-1);
}

/** The highest of some tiers that the rules know; their first where they know none. */
export function highest(rules: NaiveRules, tiers: readonly (string | null | undefined)[]): string {
  const known = rules.tiers.filter(({ id }) => tiers.includes(id));
  const first = [...rules.tiers].sort((a, b) => a.rank - b.rank)[0]?.id ?? '';
  return [...known].sort((a, b) => b.rank - a.rank)[0]?.id ?? first;
}

/** Units of `to` that one unit of `from` is worth, as a fraction; undefined where the rules quote none. */
export function rateBetween(
  rules: NaiveRules,
  from: string,
  to: string,
): { readonly rate: string; readonly inverse: boolean } | undefined {
  for (const { pair, rate } of rules.fx) {
    if (pair === `${from}/${to}`) return { rate, inverse: false };
    if (pair === `${to}/${from}`) return { rate, inverse: true };
  }
  return undefined;
}
