import { rulebookContent } from '../testing/rulebooks';
import { MAX_COUNTED_FAULTS, MAX_SHOWN_FAULTS } from './fault';
import * as limits from './limits';
import { readRulebook, readStoredRulebook, type ReadRulebook } from './read-rulebook';

type Json = Record<string, unknown>;

const faultsOf = (read: ReadRulebook) =>
  read.kind === 'invalid' ? read.faults.map(({ code, pointer }) => `${code} ${pointer}`) : [];
const numbered = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));
const named = (count: number, value: unknown): Json => Object.fromEntries(numbered(count, (i) => [`n${i}`, value]));
const request = { mode: 'request', unit: '1' };
const token = { mode: 'token', per: 1, input: '1', output: '1' };
const withModel = (more: Json) =>
  rulebookContent({ models: [{ id: 'one', group: 'default', price: request, ...more }] });
const groups = (count: number) => numbered(count, (i) => ({ id: `n${i}` }));

/** Everything of which there may be many: where it stands, how many there may be, and a rulebook that holds so many. */
const bounded: readonly (readonly [pointer: string, limit: number, holding: (count: number) => Json])[] = [
  [
    '/models',
    limits.MAX_MODELS,
    (n) => rulebookContent({ models: numbered(n, (i) => ({ id: `m${i}`, group: 'default', price: request })) }),
  ],
  ['/tiers', limits.MAX_TIERS, (n) => rulebookContent({ tiers: numbered(n, (i) => ({ id: `t${i}`, rank: i })) })],
  ['/groups', limits.MAX_GROUPS, (n) => rulebookContent({ groups: [...groups(n - 1), { id: 'default' }] })],
  [
    '/channels',
    limits.MAX_CHANNELS,
    (n) => rulebookContent({ channels: numbered(n, (i) => ({ id: `c${i}`, discount: '1' })) }),
  ],
  [
    '/plans',
    limits.MAX_PLANS,
    (n) =>
      rulebookContent({
        creditsPerUnit: '100',
        plans: numbered(n, (i) => ({ id: `p${i}`, price: '1', baseCredits: '1' })),
      }),
  ],
  ['/providers', limits.MAX_PROVIDERS, (n) => rulebookContent({ providers: named(n, {}) })],
  [
    '/providers/manual/kinds',
    limits.MAX_PROVIDER_KINDS,
    (n) => rulebookContent({ providers: { manual: { kinds: numbered(n, () => 'one-time') } } }),
  ],
  [
    '/fx',
    limits.MAX_EXCHANGE_RATES,
    (n) => rulebookContent({ fx: numbered(n, (i) => ({ pair: `USD/C${i}X`, rate: '1' })) }),
  ],
  ['/labels', limits.MAX_LABEL_KEYS, (n) => rulebookContent({ labels: numbered(n, (i) => `l${i}`) })],
  [
    '/promotion',
    limits.MAX_PROMOTION_RULES,
    (n) => rulebookContent({ promotion: numbered(n, () => ({ tier: 'default', anyOf: [{ anyRecharge: true }] })) }),
  ],
  [
    '/promotion/0/anyOf',
    limits.MAX_CONDITIONS,
    (n) => rulebookContent({ promotion: [{ tier: 'default', anyOf: numbered(n, () => ({ anyRecharge: true })) }] }),
  ],
  [
    '/groups/0/models',
    limits.MAX_GLOBS,
    (n) => rulebookContent({ groups: [{ id: 'default', models: numbered(n, () => '*') }] }),
  ],
  [
    '/models/0/fieldMultipliers',
    limits.MAX_FIELD_MULTIPLIERS,
    (n) => withModel({ fieldMultipliers: numbered(n, () => ({ field: 'f', equals: 'x', multiplier: '2' })) }),
  ],
  [
    '/models/0/channelPrices',
    limits.MAX_CHANNEL_PRICES,
    (n) => ({
      ...withModel({ channelPrices: named(n, request) }),
      channels: groups(n).map(({ id }) => ({ id, discount: '1' })),
    }),
  ],
  [
    '/models/0/price/windows',
    limits.MAX_WINDOWS,
    (n) =>
      withModel({
        price: {
          ...request,
          windows: numbered(n, () => ({ from: '00:00', to: '01:00', zone: 'UTC', multiplier: '2' })),
        },
      }),
  ],
  ['/models/0/price/extras', limits.MAX_EXTRAS, (n) => withModel({ price: { ...request, extras: named(n, '1') } })],
  [
    '/models/0/price/bands',
    limits.MAX_BANDS,
    (n) => withModel({ price: { ...token, bands: numbered(n, (i) => ({ promptTokensOver: i })) } }),
  ],
  [
    '/models/0/price/inputMultiples',
    limits.MAX_KIND_PRICES,
    (n) => withModel({ price: { ...token, inputMultiples: named(n, '1') } }),
  ],
  [
    '/models/0/price/outputMultiples',
    limits.MAX_KIND_PRICES,
    (n) => withModel({ price: { ...token, outputMultiples: named(n, '1') } }),
  ],
  [
    '/models/0/price/bands/0/inputPrices',
    limits.MAX_KIND_PRICES,
    (n) => withModel({ price: { ...token, bands: [{ promptTokensOver: 1, inputPrices: named(n, '1') }] } }),
  ],
  [
    '/models/0/price/bands/0/when',
    limits.MAX_CONDITION_FIELDS,
    (n) => withModel({ price: { ...request, bands: [{ when: named(n, 'x'), unit: '1' }] } }),
  ],
  ['/models/0/cost/extras', limits.MAX_EXTRAS, (n) => withModel({ cost: { ...request, extras: named(n, '1') } })],
];

describe('a rulebook’s bounds', () => {
  it.each(bounded)('hold at the door for %s: %d are taken, and no more', (pointer, limit, holding) => {
    expect(faultsOf(readRulebook(holding(limit)))).toEqual([]);
    expect(faultsOf(readRulebook(holding(limit + 1)))).toEqual([`too_large ${pointer}`]);
  });

  const later = bounded.filter(([pointer]) => !['/models', '/tiers', '/groups'].includes(pointer));
  it.each(later)('do not hold for what is stored: %s', (_pointer, limit, holding) => {
    expect(readStoredRulebook(holding(limit + 1)).kind).toBe('valid');
  });

  it('leave nothing in it without one', () => {
    // Any list of the type that is not named above could be as long as a hostile body allows.
    const lists = ['drawOrder', ...bounded.map(([pointer]) => pointer.split('/').pop())];
    expect(new Set(lists).size).toBeGreaterThanOrEqual(17);
    expect(faultsOf(readRulebook(rulebookContent({ drawOrder: numbered(10_001, () => 'main') })))).toEqual([
      'too_large /drawOrder',
    ]);
    expect(faultsOf(readRulebook(rulebookContent({ tierMultipliers: { default: named(1001, '1') } })))).toEqual([
      'too_large /tierMultipliers/default',
    ]);
  });

  it('refuse texts that are longer than a name can be', () => {
    const long = 'x'.repeat(257);
    expect(
      faultsOf(readRulebook(withModel({ fieldMultipliers: [{ field: long, equals: long, multiplier: '1' }] }))),
    ).toEqual(['too_large /models/0/fieldMultipliers/0/field', 'too_large /models/0/fieldMultipliers/0/equals']);
  });
});

describe('what came to hold at the door later', () => {
  const cases: readonly (readonly [fault: string, content: Json])[] = [
    [
      'invalid_value /starterGrant/expiresAfterDays',
      rulebookContent({ starterGrant: { amount: '1', reason: 'trial', expiresAfterDays: 0 } }),
    ],
    ['invalid_value /holds/expireAfterSeconds', rulebookContent({ holds: { expireAfterSeconds: 86_401 } })],
    ['invalid_value /models/0/price/extras/requests', withModel({ price: { ...request, extras: { requests: '1' } } })],
    [
      'invalid_value /models/0/price/extras/cacheRead',
      withModel({ price: { ...request, extras: { cacheRead: '1' } } }),
    ],
    [
      'invalid_value /models/0/price/extras/inputTokens',
      withModel({ price: { ...token, extras: { inputTokens: '1' } } }),
    ],
    [
      'invalid_value /models/0/price/extras/video',
      withModel({ price: { ...token, inputMultiples: { video: '2' }, extras: { video: '1' } } }),
    ],
    // Kinds that were nobody's before they were known.
    [
      'invalid_value /models/0/price/inputMultiples/outputVideo',
      withModel({ price: { ...token, inputMultiples: { outputVideo: '2' } } }),
    ],
    [
      'invalid_value /models/0/price/extras/inputVideoTokens',
      withModel({ price: { ...token, extras: { inputVideoTokens: '1' } } }),
    ],
    [
      'invalid_value /models/0/cost/extras/draftTokens',
      withModel({ cost: { ...token, outputMultiples: { draft: '2' }, extras: { draftTokens: '1' } } }),
    ],
  ];
  it.each(cases)('is refused there, and read where it is stored: %s', (fault, content) => {
    expect(faultsOf(readRulebook(content))).toEqual([fault]);
    expect(readStoredRulebook(content).kind).toBe('valid');
  });

  it('takes an extra with the name of a kind that another price has', () => {
    const price = { ...token, inputMultiples: { video: '2' } };
    expect(faultsOf(readRulebook(withModel({ price, cost: { ...token, extras: { video: '1' } } })))).toEqual([]);
  });

  it('knows no number that JSON does not have: it is not taken for unlimited', () => {
    for (const value of [Number.NaN, Infinity, -Infinity]) {
      const limited = rulebookContent({ tiers: [{ id: 'default', rank: 1, limits: { requestsPerDay: value } }] });
      expect(faultsOf(readRulebook(limited))).toEqual(['invalid_value /tiers/0/limits/requestsPerDay']);
    }
  });
});

describe('a rulebook of many faults', () => {
  it('is told the first hundred, and how many more there are', () => {
    const read = readRulebook({ ...rulebookContent(), ...named(150, 1) });
    expect(faultsOf(read)).toHaveLength(MAX_SHOWN_FAULTS);
    expect(read).toMatchObject({ more: 50 });
  });

  it('is not looked through to its end', () => {
    let looked = 0;
    const model = {
      get id(): string {
        looked++;
        return '';
      },
      ...named(100, 1),
    };
    const read = readRulebook(rulebookContent({ models: numbered(limits.MAX_MODELS, () => model) }));
    const more = read.kind === 'invalid' ? read.more : 0;
    expect(more).toBeGreaterThanOrEqual(MAX_COUNTED_FAULTS - MAX_SHOWN_FAULTS);
    expect(more).toBeLessThan(MAX_COUNTED_FAULTS);
    expect(looked).toBeLessThan(200);
  });

  it('tells of keys of any length in few words', () => {
    const read = readRulebook({ ...rulebookContent(), ['x'.repeat(1_000_000)]: 1, channels: [] });
    expect(JSON.stringify(read).length).toBeLessThan(1000);
  });
});
