import type { Example } from '@meterbook/http/openapi/example';

const noPool = { granted: '0', used: '0', remaining: '0' };

export const viewProfileExample: Example = {
  status: 200,
  answer: {
    platform: 'apibox',
    account: 'acct-42',
    tier: 'default',
    priority: { level: 1, name: 'default' },
    limits: { requestsPerMinute: 60, requestsPerDay: null },
    group: null,
    webhooks: false,
    currency: 'CNY',
    wallet: '110',
    available: '110',
    pools: { main: noPool, backup: noPool },
    subscription: null,
  },
};
