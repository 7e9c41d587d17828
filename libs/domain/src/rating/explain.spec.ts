import fc from 'fast-check';
import { add, decimal, multiply, subtract, toText, zero, one, type Decimal } from '../amount/decimal';
import { readRulebook } from '../rulebook/read-rulebook';
import type { Units } from '../usage/usage';
import { explain } from './explain';
import { rate } from './rate';

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
      '((1200 [input] − 800 + 800 × 0.1 [cacheRead] = 480) / 1000 × 0.003 + 350 [output] / 1000 × 0.015)' +
        ' × 0.6 [channelDiscount relay] × 0.8 [tierMultiplier vip/default] = 0.0032112 ≈ 0.0032 CNY',
    ],
    [
      { ...token, tokenCounts: 'exclusive' },
      { inputTokens: 1200, cacheReadTokens: 800, cacheTokens: 5 },
      {},
      '((1200 [input] + 5 × 1 [cache] + 800 × 0.1 [cacheRead] = 1285) / 1000 × 0.003 + 0 [output] / 1000 × 0.015)' +
        ' × 0.8 [tierMultiplier vip/default] = 0.003084 ≈ 0.0031 CNY',
    ],
    [
      token,
      { inputTokens: 100, cacheReadTokens: 150 },
      {},
      '((0 [input] + 150 × 0.1 [cacheRead] = 15) / 1000 × 0.003 + 0 [output] / 1000 × 0.015)' +
        ' × 0.8 [tierMultiplier vip/default] = 0.000036 ≈ 0 CNY',
    ],
    [
      { ...token, bands: [{ promptTokensOver: 10, input: '1' }], extras: { webSearchCalls: '0.01' } },
      { inputTokens: 1000, webSearchCalls: 5 },
      {},
      '(1000 [input] / 1000 × 1 + 0 [output] / 1000 × 0.015 [promptTokensOver 10] + 5 × 0.01 [webSearchCalls])' +
        ' × 0.8 [tierMultiplier vip/default] = 0.84 CNY',
    ],
    [
      { mode: 'image', unit: '0.5' },
      { images: 3 },
      { channel: 'relay-priced' },
      '3 [images] × 0.5 [channel price] × 0.6 [channelDiscount relay] × 0.8 [tierMultiplier vip/default] = 0.72 CNY',
    ],
  ])('of %j for %j', (price, units, ask, line) => {
    expect(explained(price, units as Units, ask)).toBe(line);
  });

  it('is a formula that comes to the unrounded amount', () => {
    const counts = fc.record(
      {
        inputTokens: fc.nat(5000),
        outputTokens: fc.nat(5000),
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
      bands: fc.constantFrom([], [{ promptTokensOver: 2500, input: '1' }]),
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

/** Evaluates a formula by its text alone; what stands in brackets, and what a sum in it comes to, is for the reader. */
function evaluated(formula: string): Decimal {
  const tokens =
    formula
      .replaceAll(/ = [0-9.]+(?=\))/g, '')
      .replaceAll(/\[[^\]]*\]/g, '')
      .match(/[0-9.]+|[()×/+−]/g) ?? [];
  const sum = (): Decimal => {
    let total = product();
    while (tokens[0] === '+' || tokens[0] === '−') {
      total = tokens.shift() === '+' ? add(total, product()) : subtract(total, product());
    }
    return total;
  };
  const product = (): Decimal => {
    let total = atom();
    while (tokens[0] === '×' || tokens[0] === '/') {
      total = tokens.shift() === '×' ? multiply(total, atom()) : shifted(total, atom());
    }
    return total;
  };
  const atom = (): Decimal => {
    const next = tokens.shift();
    if (next !== '(') return next === undefined ? zero : decimal(next);
    const inner = sum();
    expect(tokens.shift()).toBe(')');
    return inner;
  };
  const total = sum();
  expect(tokens).toEqual([]);
  return total;
}

/** Divides by a power of ten. */
function shifted(value: Decimal, divisor: Decimal): Decimal {
  expect(toText(divisor)).toMatch(/^10*$/);
  return multiply(value, { ...one, scale: toText(divisor).length - 1 });
}
