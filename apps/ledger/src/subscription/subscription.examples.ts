import type { Example } from '@meterbook/http/openapi/example';

const pool = (credits: string) => ({ granted: credits, used: '0', remaining: credits });

export const startSubscriptionExample: Example = {
  body: { paymentRef: 'sub-1001', plan: 'starter', kind: 'auto-renew', provider: 'manual' },
  status: 201,
  answer: {
    plan: 'starter',
    kind: 'auto-renew',
    periodStart: '2026-11-21T10:05:00.000Z',
    periodEnd: '2026-12-21T10:05:00.000Z',
    pools: { main: pool('1200'), backup: pool('3000') },
  },
};

const firstDay = {
  from: 'starter',
  to: 'premium',
  credit: '9',
  currency: 'CNY',
  proration: { time: '0.000000826', tokens: '0', consumed: '0.1', oldPrice: '10', newPrice: '25' },
};

export const quoteSwitchExample: Example = { query: { plan: 'premium' }, status: 200, answer: firstDay };

export const switchPlanExample: Example = {
  body: { paymentRef: 'sub-1002', plan: 'premium', provider: 'manual' },
  status: 201,
  answer: firstDay,
};

export const renewSubscriptionExample: Example = {
  body: { paymentRef: 'sub-1003', provider: 'manual' },
  status: 201,
  answer: {
    plan: 'premium',
    kind: 'auto-renew',
    periodStart: '2026-12-21T10:05:02.000Z',
    periodEnd: '2027-01-20T10:05:02.000Z',
    pools: { main: pool('3000'), backup: pool('7500') },
  },
};

export const cancelSubscriptionExample: Example = {
  status: 200,
  answer: { status: 'cancelled', endsAt: '2027-01-20T10:05:02.000Z' },
};
