/** Rules without tiers or groups to speak of: one model, `m`, at a price for each request. */
export function plainRulebook(platform: string, unit = '1') {
  return {
    platform,
    currency: 'USD',
    effectiveFrom: '2020-01-01T00:00:00.000Z',
    tiers: [{ id: 'default', rank: 1 }],
    groups: [{ id: 'default', models: ['*'] }],
    providers: { manual: {} },
    models: [{ id: 'm', group: 'default', price: { mode: 'request', unit } }],
  };
}

/** What a usage event of such a platform says beside its envelope. */
export interface PlainUsage {
  readonly platform: string;
  readonly id: string;
  readonly subject: string;
  /** RFC 3339. */
  readonly time: string;
  readonly model?: string;
}

/** One request to a model, as `POST /v1/usage` takes it. */
export function usageEvent({ model = 'm', ...attributes }: PlainUsage): object {
  return {
    specversion: '1.0',
    type: 'usage.recorded',
    source: 'gateway',
    ...attributes,
    data: { model, units: {} },
  };
}
