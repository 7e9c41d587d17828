import type { Example } from '@meterbook/http/openapi/example';

/** An account as it is after it was opened. */
const opened = {
  platform: 'apibox',
  account: 'acct-42',
  tier: 'default',
  priority: { level: 1, name: 'default' },
  currency: 'CNY',
  wallet: '0',
  frozen: '0',
  held: '0',
  available: '0',
  receivable: '0',
  payAsYouGo: false,
  pools: { main: { granted: '0', used: '0', remaining: '0' }, backup: { granted: '0', used: '0', remaining: '0' } },
  subscription: null,
  customMultiplier: null,
  limits: null,
  suspended: false,
  revision: 0,
};

export const openAccountExample: Example = {
  body: { account: 'acct-42', occurredAt: '2026-11-21T09:00:00Z' },
  status: 201,
  answer: opened,
};

const limits = { requestsPerMinute: 60, requestsPerDay: null };

export const changeSettingsExample: Example = {
  body: { limits },
  status: 200,
  answer: { ...opened, wallet: '110', available: '110', limits, revision: 3 },
};

export const viewAccountExample: Example = {
  query: { asOf: '2026-11-21T18:00:00+08:00', basis: 'occurred' },
  status: 200,
  answer: {
    ...opened,
    wallet: '109.951832',
    available: '109.951832',
    revision: 5,
    asOf: '2026-11-21T10:00:00.000Z',
    basis: 'occurred',
  },
};
