import type { Example } from '@meterbook/http/openapi/example';

export const viewTierExample: Example = {
  status: 200,
  answer: {
    tier: 'default',
    pinned: false,
    recharges: 1,
    largestRecharge: '100',
    cumulativeRecharge: '100',
    next: { tier: 'vip', singleRechargeNeeded: '500', cumulativeRechargeNeeded: '900' },
  },
};
