import type { AppliedPrice, ChargedFactor } from '../account/charging/events';
import type { Units } from '../usage/usage';
import { explain } from './explain';

const token = { mode: 'token', per: 1000, input: '0.003', output: '0.015' } as const;
const vip: ChargedFactor = ['tierMultiplier', '0.8'];
const relay: ChargedFactor = ['channelDiscount', '0.6', 'relay'];

/** Stored charges that say no rules of rating, and how they were explained when they were booked. */
const charges: readonly (readonly [AppliedPrice, readonly ChargedFactor[], Units, string, string, string])[] = [
  [
    { mode: 'request', unit: '0.4', quantity: '1' },
    [['field', '1.8', 'priority=high'], vip],
    {},
    '0.576',
    '0.576',
    '1 [requests] × 0.4 × 1.8 [field priority=high] × 0.8 [tierMultiplier vip/default] = 0.576 CNY',
  ],
  [
    { mode: 'megapixel', unit: '0.02', quantity: '1.572864' },
    [vip],
    { width: 1024, height: 768, images: 2 },
    '0.025165824',
    '0.0252',
    '1024 [width] × 768 [height] × 2 [images] / 1000000 × 0.02 × 0.8 [tierMultiplier vip/default] = 0.025165824 ≈ 0.0252 CNY',
  ],
  [
    { ...token, adjustedInput: '480', inputMultiples: [['cacheRead', '0.1']] },
    [relay, vip],
    { inputTokens: 1200, outputTokens: 350, cacheReadTokens: 800 },
    '0.0032112',
    '0.0032',
    '((1200 [input] − 800 + 800 × 0.1 [cacheRead] = 480) / 1000 × 0.003 + 350 [output] / 1000 × 0.015)' +
      ' × 0.6 [channelDiscount relay] × 0.8 [tierMultiplier vip/default] = 0.0032112 ≈ 0.0032 CNY',
  ],
  [
    {
      ...token,
      adjustedInput: '1285',
      tokenCounts: 'exclusive',
      inputMultiples: [
        ['cache', '1'],
        ['cacheRead', '0.1'],
      ],
    },
    [vip],
    { inputTokens: 1200, cacheReadTokens: 800, cacheTokens: 5 },
    '0.003084',
    '0.0031',
    '((1200 [input] + 5 × 1 [cache] + 800 × 0.1 [cacheRead] = 1285) / 1000 × 0.003 + 0 [output] / 1000 × 0.015)' +
      ' × 0.8 [tierMultiplier vip/default] = 0.003084 ≈ 0.0031 CNY',
  ],
  [
    { ...token, adjustedInput: '15', inputMultiples: [['cacheRead', '0.1']] },
    [vip],
    { inputTokens: 100, cacheReadTokens: 150 },
    '0.000036',
    '0',
    '((0 [input] + 150 × 0.1 [cacheRead] = 15) / 1000 × 0.003 + 0 [output] / 1000 × 0.015)' +
      ' × 0.8 [tierMultiplier vip/default] = 0.000036 ≈ 0 CNY',
  ],
  [
    { ...token, input: '1', band: 'promptTokensOver 10', extras: [['webSearchCalls', '5', '0.01']] },
    [vip],
    { inputTokens: 1000, webSearchCalls: 5 },
    '0.84',
    '0.84',
    '(1000 [input] / 1000 × 1 + 0 [output] / 1000 × 0.015 [promptTokensOver 10] + 5 × 0.01 [webSearchCalls])' +
      ' × 0.8 [tierMultiplier vip/default] = 0.84 CNY',
  ],
  [
    { mode: 'image', unit: '0.5', ofChannel: true },
    [relay, vip],
    { images: 3 },
    '0.72',
    '0.72',
    '3 [images] × 0.5 [channel price] × 0.6 [channelDiscount relay] × 0.8 [tierMultiplier vip/default] = 0.72 CNY',
  ],
  [
    { mode: 'image', unit: '0.5', ofChannel: true, band: 'q=hd', extras: [['faces', '2', '0.1']] },
    [vip],
    { images: 3, faces: 2 },
    '1.36',
    '1.36',
    '(3 [images] × 0.5 [channel price, q=hd] + 2 × 0.1 [faces]) × 0.8 [tierMultiplier vip/default] = 1.36 CNY',
  ],
  [
    { mode: 'image', unit: '0.5', extras: [['faces', '2', '0.1']] },
    [],
    { images: 3, faces: 2 },
    '1.7',
    '1.7',
    '3 [images] × 0.5 + 2 × 0.1 [faces] = 1.7 CNY',
  ],
  [
    {
      mode: 'token',
      per: 1,
      input: '3',
      output: '15',
      tokenCounts: 'exclusive',
      adjustedInput: '10',
      inputMultiples: [['cache', '1']],
      adjustedOutput: '14',
      outputMultiples: [
        ['reasoning', '1.4'],
        ['outputAudio', '2'],
      ],
    },
    [],
    { inputTokens: 6, cacheTokens: 4, outputTokens: 10, reasoningTokens: 5, outputAudioTokens: 2 },
    '240',
    '240',
    '(6 [input] + 4 × 1 [cache] = 10) × 3' +
      ' + (10 [output] − 5 − 2 + 5 × 1.4 [reasoning] + 2 × 2 [outputAudio] = 14) × 15 = 240 CNY',
  ],
  [
    { ...token, adjustedInput: '15', inputMultiples: [['cacheRead', '0.1']] },
    [],
    { inputTokens: 150, cacheReadTokens: 150 },
    '0.000045',
    '0.000045',
    '(150 [input] − 150 + 150 × 0.1 [cacheRead] = 15) / 1000 × 0.003 + 0 [output] / 1000 × 0.015 = 0.000045 CNY',
  ],
];

describe('the explanation of a charge from before the rules of rating were counted', () => {
  it.each(charges)('stays what it was: %j', (price, factors, units, unrounded, amount, line) => {
    const charge = { price, factors, units, unrounded, amount, currency: 'CNY', tier: 'vip', group: 'default' };
    expect(explain(charge)).toBe(line);
  });
});
