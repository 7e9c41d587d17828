import type { Example } from '@meterbook/http/openapi/example';

export const listAccountsExample: Example = {
  query: { prefix: 'acct-' },
  status: 200,
  answer: {
    asOf: '2026-11-21T10:05:00.000Z',
    completeTo: '2026-11-21T10:05:00.000Z',
    items: [
      {
        account: 'acct-42',
        currency: 'CNY',
        wallet: '110',
        frozen: '0',
        receivable: '0',
        deferred: '0',
        pools: { main: '0', backup: '0' },
      },
    ],
    next: null,
  },
};
