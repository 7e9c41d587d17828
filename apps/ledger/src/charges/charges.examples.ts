import type { Example } from '@meterbook/http/openapi/example';

export const listChargesExample: Example = {
  query: { source: 'gateway-eu-1', id: 'req-7f3a' },
  status: 200,
  answer: {
    charges: [
      {
        source: 'gateway-eu-1',
        id: 'req-7f3a',
        occurredAt: '2026-11-21T10:00:00.000Z',
        model: 'claude-sonnet',
        amount: '0.048168',
        unrounded: '0.048168',
        currency: 'CNY',
        tier: 'default',
        group: 'default',
        channel: 'official',
        apiKeyId: 'key-1',
        rulebookVersion: 1,
        cost: '0.048168',
        plan: null,
        labels: { team: 'search' },
        draws: [{ from: 'wallet', amount: '0.048168' }],
        limitedBy: null,
        reversed: false,
        explain:
          '((1200 [input] − 800 [cacheRead]) × 21.6 + 800 [cacheRead] × 2.16 + 350 [output] × 108) / 1000000 × 1 [channelDiscount official] = 0.048168 CNY',
        sentence:
          'claude-sonnet (1200 input tokens, 350 output tokens, 800 cache read tokens) cost 0.048168 CNY, 0.048168 CNY paid from the wallet.',
      },
    ],
    next: null,
  },
};

export const reverseChargeExample: Example = {
  body: { reversalId: 'rev-1', source: 'gateway-eu-1', id: 'req-7f3a', reason: 'The answer was cut off.' },
  status: 201,
  answer: {
    reversalId: 'rev-1',
    source: 'gateway-eu-1',
    id: 'req-7f3a',
    amount: '0.048168',
    returned: [{ from: 'wallet', amount: '0.048168' }],
  },
};
