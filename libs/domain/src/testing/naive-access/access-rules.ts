import type { NaivePlan, NaiveRules, NaiveTier, NaiveVersion } from '../naive-books/rules';

/** A limit on requests: null is unlimited, absent asks the next source (SPEC §8). */
export interface NaiveLimits {
  readonly requestsPerMinute?: number | null | undefined;
  readonly requestsPerDay?: number | null | undefined;
}

/** What of a rulebook's content decides on access, beside what prices. */
export interface NaiveAccessRules extends NaiveRules {
  readonly tiers: readonly (NaiveTier & {
    readonly limits?: NaiveLimits | undefined;
    readonly priority?: { readonly level: number; readonly name: string } | undefined;
  })[];
  readonly groups: readonly {
    readonly id: string;
    readonly multiplier?: string;
    readonly models: readonly string[];
    readonly limits?: NaiveLimits | undefined;
  }[];
  readonly models: readonly (NaiveRules['models'][number] & {
    readonly minTier?: string | undefined;
    readonly free?: boolean | undefined;
  })[];
  readonly wallet: {
    readonly requiresOptIn: boolean;
    readonly bypassesLimits?: boolean;
    readonly unlocksAllModels?: boolean;
  };
  readonly plans: readonly NaiveAccessPlan[];
  readonly defaultPlan?: string | undefined;
  readonly holds?: { readonly expireAfterSeconds: number } | undefined;
}

export interface NaiveAccessPlan extends NaivePlan {
  readonly models: readonly string[];
  readonly limits?: NaiveLimits | undefined;
}

export interface NaiveAccessVersion extends NaiveVersion {
  readonly rules: NaiveAccessRules;
}
