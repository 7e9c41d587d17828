/** What a measure of a report holds: a number of things, an amount, or amounts by name such as `units.requests`. */
export type MeasureKind = 'count' | 'amount' | 'amounts';

export interface Measure {
  /** With a dot where it is a member of another: `paidBy.main`. */
  readonly name: string;
  readonly kind: MeasureKind;
  readonly description: string;
}

export const amount = (name: string, description: string): Measure => ({ name, kind: 'amount', description });
export const amounts = (name: string, description: string): Measure => ({ name, kind: 'amounts', description });
export const count = (name: string, description: string): Measure => ({ name, kind: 'count', description });

/** What a report of figures by groups is called, what it can be grouped and filtered by, and what it measures. */
export interface ReportDeclaration {
  /** The last part of its path. */
  readonly name: string;
  /** The name of its operation, a verb and what is viewed. */
  readonly operationId: string;
  readonly summary: string;
  /** Balances as of an instant, or movements: always the balances at `to` less those at `from`. */
  readonly kind: 'balances' | 'movements';
  /** In the order in which they are described; `label:{key}` is told by `hasLabels`. */
  readonly dimensions: readonly string[];
  /** Whether its charges have labels, each a dimension `label:{key}`. */
  readonly hasLabels: boolean;
  /** In the order of an answer. */
  readonly measures: readonly Measure[];
  /** The projection that it is made of. */
  readonly projection: string;
}

const LABEL_PREFIX = 'label:';

/** The label that a dimension is; undefined for any other. */
export function labelOf(dimension: string): string | undefined {
  return dimension.startsWith(LABEL_PREFIX) ? dimension.slice(LABEL_PREFIX.length) : undefined;
}

/** What each dimension is, for whoever reads the document of the interface. */
export const dimensionTexts: Readonly<Record<string, string>> = {
  day: 'The day in `zone`, such as `2026-11-02`',
  month: 'The month in `zone`, such as `2026-11`',
  model: 'The model of the usage, as the usage named it',
  tier: 'The tier that a charge was rated at',
  group: 'The group that a charge was rated in',
  channel: 'The upstream source of the usage',
  apiKey: 'The API key of the usage',
  plan: 'The plan of the period that a charge fell into when it was booked, or that a fee is for',
  account: 'The account',
  provider: 'The payment provider',
  currency: 'The currency that was paid in',
  ledgerAccount: 'The line, such as `revenue:usage`; `liabilities:wallet:*` for all of a kind',
  commodity: 'Its commodity',
};
