import fc from 'fast-check';
import { toText } from '../amount/decimal';
import { readRulebook } from '../rulebook/read-rulebook';
import { evaluated } from '../testing/formula';
import type { Units } from '../usage/usage';
import { explain } from './explain';
import { rate } from './rate';
import { RATING_RULES } from './rating-rules';

type Json = Record<string, unknown>;

const multiples = { inputMultiples: { cacheRead: '0.1', cacheWrite5m: '1.25' }, outputMultiples: { reasoning: '1.4' } };
const token = { mode: 'token', per: 1000, input: '0.003', output: '0.015', ...multiples };

function explained(
  price: Json,
  units: Units,
  ask: { readonly channel?: string; readonly priority?: string } = {},
): string {
  const read = readRulebook({
    platform: 'p',
    currency: 'CNY',
    rounding: { scale: 4, mode: 'half-up' },
    tiers: [{ id: 'vip', rank: 1 }],
    groups: [{ id: 'default' }],
    tierMultipliers: { vip: { default: '0.8' } },
    channels: [{ id: 'relay', discount: '0.6' }],
    models: [
      {
        id: 'm',
        group: 'default',
        price,
        fieldMultipliers: [{ field: 'priority', equals: 'high', multiplier: '1.8' }],
      },
      { id: 'c', group: 'default', price: { mode: 'request', unit: '1' }, channelPrices: { relay: price } },
    ],
  });
  if (read.kind === 'invalid') throw new Error(JSON.stringify(read.faults));
  const rated = rate(
    read.rulebook,
    {
      model: ask.channel === 'relay-priced' ? 'c' : 'm',
      group: null,
      channel: ask.channel === undefined ? null : 'relay',
      units,
      fields: ask.priority === undefined ? {} : { priority: ask.priority },
      at: 0,
    },
    { tier: 'vip', customMultiplier: null },
  );
  if (rated.kind === 'refused') throw new Error(rated.code);
  const { price: applied, factors, unrounded, amount } = rated;
  // What a stored charge holds, as it comes back from the store.
  const stored = JSON.stringify({
    rating: RATING_RULES,
    price: applied,
    factors,
    unrounded: toText(unrounded),
    amount: toText(amount),
    currency: 'CNY',
    units,
  });
  return explain(JSON.parse(stored) as Parameters<typeof explain>[0]);
}

describe('the explanation of a charge', () => {
  it.each([
    [
      { mode: 'request', unit: '0.4' },
      {},
      { priority: 'high' },
      '1 [requests] × 0.4 × 1.8 [field priority=high] × 0.8 [tierMultiplier vip/default] = 0.576 CNY',
    ],
    [
      { mode: 'second', unit: '0.12' },
      { seconds: '7.5' },
      {},
      '7.5 [seconds] × 0.12 × 0.8 [tierMultiplier vip/default] = 0.72 CNY',
    ],
    [
      { mode: 'megapixel', unit: '0.02' },
      { width: 1024, height: 768, images: 2 },
      {},
      '1024 [width] × 768 [height] × 2 [images] / 1000000 × 0.02 × 0.8 [tierMultiplier vip/default] = 0.025165824 ≈ 0.0252 CNY',
    ],
    [
      token,
      { inputTokens: 1200, outputTokens: 350, cacheReadTokens: 800 },
      { channel: 'relay' },
      '((1200 [input] − 800 [cacheRead]) × 0.003 + 800 [cacheRead] × 0.0003 + 350 [output] × 0.015) / 1000' +
        ' × 0.6 [channelDiscount relay] × 0.8 [tierMultiplier vip/default] = 0.0032112 ≈ 0.0032 CNY',
    ],
    [
      { ...token, tokenCounts: 'exclusive' },
      { inputTokens: 1200, cacheReadTokens: 800, cacheTokens: 5 },
      {},
      '(1200 [input] × 0.003 + 5 [cache] × 0.003 + 800 [cacheRead] × 0.0003) / 1000' +
        ' × 0.8 [tierMultiplier vip/default] = 0.003084 ≈ 0.0031 CNY',
    ],
    [
      token,
      { inputTokens: 100, cacheReadTokens: 150 },
      {},
      '150 [cacheRead] × 0.0003 / 1000 × 0.8 [tierMultiplier vip/default] = 0.000036 ≈ 0 CNY',
    ],
    [token, {}, {}, '0 [input] × 0.003 / 1000 × 0.8 [tierMultiplier vip/default] = 0 CNY'],
    [
      {
        ...token,
        inputPrices: { inputAudio: '0.04' },
        bands: [{ when: { priority: 'high' }, promptTokensOver: 10, input: '1' }],
        extras: { webSearchCalls: '0.01' },
      },
      { inputTokens: 1000, inputAudioTokens: 10, webSearchCalls: 5 },
      { priority: 'high' },
      '(((1000 [input] − 10 [inputAudio]) × 1 + 10 [inputAudio] × 0.04) / 1000 [priority=high, promptTokensOver 10]' +
        ' × 1.8 [field priority=high] + 5 [webSearchCalls] × 0.01) × 0.8 [tierMultiplier vip/default] = 1.466176 ≈ 1.4662 CNY',
    ],
    [
      { mode: 'image', unit: '0.5', bands: [{ when: { priority: 'high' }, unit: '2' }] },
      { images: 3 },
      { priority: 'high' },
      '3 [images] × 2 [priority=high] × 1.8 [field priority=high] × 0.8 [tierMultiplier vip/default] = 8.64 CNY',
    ],
    [
      { mode: 'image', unit: '0.5' },
      { images: 3 },
      { channel: 'relay-priced' },
      '3 [images] × 0.5 [channel price] × 0.6 [channelDiscount relay] × 0.8 [tierMultiplier vip/default] = 0.72 CNY',
    ],
    [
      { mode: 'image', unit: '0.5', bands: [{ when: { priority: 'high' }, unit: '2' }] },
      { images: 3 },
      { channel: 'relay-priced', priority: 'high' },
      '3 [images] × 2 [channel price, priority=high] × 0.6 [channelDiscount relay] × 0.8 [tierMultiplier vip/default] = 2.88 CNY',
    ],
    [
      { ...token, per: 1 },
      { inputTokens: 12, cacheReadTokens: 2, cacheWrite5mTokens: 4 },
      {},
      '((12 [input] − 2 [cacheRead] − 4 [cacheWrite5m]) × 0.003 + 2 [cacheRead] × 0.0003 + 4 [cacheWrite5m] × 0.00375)' +
        ' × 0.8 [tierMultiplier vip/default] = 0.02688 ≈ 0.0269 CNY',
    ],
  ])('of %j for %j', (price, units, ask, line) => {
    expect(explained(price, units as Units, ask)).toBe(line);
  });

  it('brackets a sum only where something multiplies it', () => {
    const extras = [['webSearchCalls', '5', '0.01']] as const;
    const charge = { rating: RATING_RULES, price: { mode: 'image', unit: '2', extras }, units: { images: 3 } } as const;
    const paid = { tier: 'vip', group: 'default', amount: '6.05', currency: 'CNY' } as const;
    expect(explain({ ...charge, ...paid, factors: [] })).toBe('3 [images] × 2 + 5 [webSearchCalls] × 0.01 = 6.05 CNY');
    expect(explain({ ...charge, ...paid, factors: [['customMultiplier', '1']] })).toBe(
      '(3 [images] × 2 + 5 [webSearchCalls] × 0.01) × 1 [customMultiplier account] = 6.05 CNY',
    );
  });

  it('is a formula that comes to the unrounded amount', () => {
    const counts = fc.record(
      {
        inputTokens: fc.nat(5000),
        outputTokens: fc.nat(5000),
        inputAudioTokens: fc.nat(900),
        cacheTokens: fc.nat(900),
        cacheReadTokens: fc.nat(5000),
        cacheWrite5mTokens: fc.nat(900),
        reasoningTokens: fc.nat(5000),
        webSearchCalls: fc.nat(9),
      },
      { requiredKeys: [] },
    );
    const prices = fc.record({
      per: fc.constantFrom(1, 1000, 1000000),
      tokenCounts: fc.constantFrom('inclusive', 'exclusive'),
      inputPrices: fc.constantFrom({}, { inputAudio: '0.05' }),
      bands: fc.constantFrom(
        [],
        [{ promptTokensOver: 2500, input: '1' }],
        [{ when: { priority: 'high' }, output: '1' }],
      ),
      windows: fc.constantFrom([], [{ from: '00:00', to: '00:00', zone: 'UTC', multiplier: '0.7' }]),
      extras: fc.constant({ webSearchCalls: '0.025' }),
    });
    fc.assert(
      fc.property(
        prices,
        counts,
        fc.constantFrom({}, { channel: 'relay' }, { priority: 'high' }),
        (price, units, ask) => {
          const line = explained({ ...token, ...price }, units, ask);
          const [formula = '', result = ''] = line.split(/ = (?=[^=]+$)/);
          const [exact = ''] = result.split(/ ≈ | CNY/);
          expect(toText(evaluated(formula))).toBe(exact);
          expect(line).not.toContain('\n');
        },
      ),
      { numRuns: 500 },
    );
  });
});
