import type { Decimal, RoundingMode } from '@meterbook/domain/amount/decimal';

/** How a rulebook is made of a list: every choice that there is, with its default filled in. */
export interface Choices {
  readonly platform: string;
  readonly currency: string;
  /** Units of `currency` for one of the list's; one where they are the same. */
  readonly rate: Decimal;
  readonly scale: number;
  readonly rounding: RoundingMode;
  readonly group: string;
  readonly tier: string;
  /** Patterns of names that are asked for; none for all. */
  readonly only: readonly string[];
  /** Providers that are asked for; none for all. */
  readonly providers: readonly string[];
  /** Whether models of several providers have the provider before their name. */
  readonly ids: 'auto' | 'bare' | 'provider';
  readonly thresholds: 'auto' | 'over' | 'at-least';
  /** What becomes of a price that a service tier does not tell. */
  readonly tierGaps: 'keep' | 'scale';
  readonly counts: 'inclusive' | 'exclusive' | 'provider';
  readonly zero: 'free' | 'keep' | 'skip';
  readonly patterns: 'keep' | 'skip';
  readonly aliases: 'resolve' | 'skip';
  readonly search: 'auto' | 'one' | 'three';
  readonly fields: FieldNames;
}

/** How fields of usage are called. */
export interface FieldNames {
  readonly tier: string;
  readonly region: string;
  readonly endpoint: string;
  readonly residency: string;
  readonly speed: string;
  readonly resolution: string;
  readonly quality: string;
}

/** Providers that count a threshold as passed when it is reached. */
const reachedThresholds: ReadonlySet<string> = new Set(['xai']);
/** Providers whose input count leaves out what was read from the cache or written to it (docs/usage-mapping.md). */
const exclusiveCounts = /^(anthropic|bedrock|amazon-bedrock)/;

/** How a threshold on the prompt is meant. */
export function comparisonOf(
  provider: string | null,
  { thresholds }: Pick<Choices, 'thresholds'>,
): 'over' | 'at-least' {
  if (thresholds !== 'auto') return thresholds;
  return provider !== null && reachedThresholds.has(provider) ? 'at-least' : 'over';
}

/** Whether usage of this provider counts cached tokens beside the input. */
export function countsOf(provider: string | null, { counts }: Pick<Choices, 'counts'>): 'inclusive' | 'exclusive' {
  if (counts !== 'provider') return counts;
  return provider !== null && exclusiveCounts.test(provider) ? 'exclusive' : 'inclusive';
}
