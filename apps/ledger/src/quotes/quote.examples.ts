import type { Example } from '@meterbook/http/openapi/example';

export const quotePriceExample: Example = {
  body: { model: 'claude-sonnet', units: { inputTokens: 1200, outputTokens: 350 }, tier: 'vip' },
  status: 200,
  answer: {
    amount: '0.050976',
    unrounded: '0.050976',
    currency: 'CNY',
    tier: 'vip',
    group: 'default',
    rulebookVersion: 1,
    factors: [{ name: 'tierDiscount', value: '0.8', source: 'vip' }],
    explain: '(1200 [input] × 21.6 + 350 [output] × 108) / 1000000 × 0.8 [tierDiscount vip] = 0.050976 CNY',
  },
};
