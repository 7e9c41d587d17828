import type { Charge } from '@meterbook/domain/account/charging/events';
import type { Counted } from '@meterbook/domain/account/what-if/account-again';
import type { SupposedRules } from '@meterbook/domain/account/what-if/supposed-rules';
import { ZoneClock } from '@meterbook/domain/time/zone-clock';

/** What a result can be grouped by, beside labels. */
export const whatIfDimensions: readonly string[] = [
  'day',
  'month',
  'model',
  'tier',
  'group',
  'channel',
  'apiKey',
  'plan',
  'account',
];
const LABEL_PREFIX = 'label:';
const DAY_MS = 86_400_000;

/** The label that a dimension is; undefined for any other. */
export function labelOf(dimension: string): string | undefined {
  return dimension.startsWith(LABEL_PREFIX) ? dimension.slice(LABEL_PREFIX.length) : undefined;
}

const ofCharge: Readonly<Record<string, (charge: Charge) => string | undefined>> = {
  model: ({ model }) => model,
  tier: ({ tier }) => tier,
  group: ({ group }) => group,
  channel: ({ channel }) => channel,
  apiKey: ({ apiKeyId }) => apiKeyId,
  plan: ({ plan }) => plan,
};

/** The values of a group, in the order of its dimensions. */
export type GroupValues = readonly (string | null)[];

/** Which group a charge of an account belongs to. A charge has the labels that the rulebook it is rated by names. */
export class Grouping {
  private readonly clock: ZoneClock;
  private readonly labels = new Map<number, ReadonlySet<string>>();

  constructor(
    private readonly dimensions: readonly string[],
    zone: string,
    private readonly rules: SupposedRules,
  ) {
    this.clock = new ZoneClock(zone);
  }

  of(account: string, counted: Counted): GroupValues {
    return this.dimensions.map((dimension) => this.value(dimension, account, counted));
  }

  private value(dimension: string, account: string, { atMs, charge }: Counted): string | null {
    const label = labelOf(dimension);
    if (label !== undefined) return this.isNamed(label, charge.rulebook) ? (charge.labels?.[label] ?? null) : null;
    switch (dimension) {
      case 'day':
        return this.day(atMs);
      case 'month':
        return this.day(atMs).slice(0, -'-02'.length);
      case 'account':
        return account;
      default:
        return ofCharge[dimension]?.(charge) ?? null;
    }
  }

  private day(atMs: number): string {
    return new Date(this.clock.day(atMs) * DAY_MS).toISOString().slice(0, '2026-11-02'.length);
  }

  private isNamed(label: string, version: number): boolean {
    const known = this.labels.get(version) ?? new Set(this.rules.version(version).rulebook.labels);
    this.labels.set(version, known);
    return known.has(label);
  }
}
