import type { Example } from '@meterbook/http/openapi/example';

const said = {
  basis: 'booked',
  zone: 'UTC',
  completeTo: '2026-11-21T10:05:00.000Z',
  final: false,
  currency: 'CNY',
  filters: {},
  next: null,
} as const;
const period = { ...said, from: '2026-11-20T00:00:00.000Z', to: null } as const;
const owed = {
  wallet: { paid: '100', granted: '10', total: '110', frozen: '0' },
  deferred: '0',
  pools: { main: '0', backup: '0' },
  receivable: '0',
};
const moved = { count: 1, paid: { CNY: '100' }, credited: '100', receivableSettled: '0' };
const nothingBack = { refunded: '0', disputed: '0', paidBack: {} };

/** What the reports of money are shown by. */
export const moneyExamples: Readonly<Record<string, Example>> = {
  recharges: {
    query: { from: '2026-11-20T00:00:00Z', groupBy: 'provider' },
    status: 200,
    answer: {
      ...period,
      groupBy: ['provider'],
      items: [{ provider: 'manual', ...moved, ...nothingBack }],
      totals: { ...moved, ...nothingBack },
    },
  },
  deferred: {
    query: { from: '2026-11-20T00:00:00Z', groupBy: 'plan' },
    status: 200,
    answer: {
      ...period,
      groupBy: ['plan'],
      items: [],
      totals: { opening: '0', sold: '0', earned: '0', credited: '0', closing: '0' },
    },
  },
  liabilities: {
    query: { groupBy: 'account' },
    status: 200,
    answer: {
      ...said,
      final: true,
      asOf: '2026-11-21T10:05:00.000Z',
      groupBy: ['account'],
      items: [{ account: 'acct-42', ...owed }],
      totals: owed,
    },
  },
  receivables: {
    query: { groupBy: 'account' },
    status: 200,
    answer: {
      ...said,
      final: true,
      asOf: '2026-11-21T10:05:00.000Z',
      groupBy: ['account'],
      items: [],
      totals: { total: '0', age: { upTo30: '0', upTo60: '0', upTo90: '0', older: '0' } },
    },
  },
};
