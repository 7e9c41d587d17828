import type { Example } from '@meterbook/http/openapi/example';

const said = {
  basis: 'booked',
  zone: 'UTC',
  completeTo: '2026-11-21T10:05:00.000Z',
  final: false,
  currency: 'CNY',
  items: [],
  next: null,
} as const;
const period = { ...said, from: '2026-11-20T00:00:00.000Z', to: null } as const;
const balances = { ...said, asOf: '2026-11-21T10:05:00.000Z' } as const;

/** A cell of a model that nobody has used; what an entry is like is in the schema. */
const ofCharges: Example = {
  query: { from: '2026-11-20T00:00:00Z', model: 'claude-opus' },
  status: 200,
  answer: { ...period, filters: { model: ['claude-opus'] } },
};

const recharged = {
  event: 'WalletRecharged',
  account: 'acct-42',
  reference: 'pay-1001',
  occurredAt: '2026-11-21T09:30:00.000Z',
  bookedAt: '2026-11-21T10:05:00.000Z',
  legs: [
    { ledgerAccount: 'assets:cash:manual', commodity: 'CNY', amount: '100' },
    { ledgerAccount: 'liabilities:wallet:acct-42', commodity: 'CNY', amount: '-100' },
  ],
  explain: '100 [credited] = 100 CNY into the wallet',
  sentence: 'Recharge pay-1001: 100 CNY paid through manual. 100 CNY came into the wallet.',
} as const;

const others: Readonly<Record<string, Example>> = {
  recharges: {
    query: { from: '2026-11-20T00:00:00Z', account: 'acct-42' },
    status: 200,
    answer: {
      ...period,
      filters: { account: ['acct-42'] },
      items: [
        {
          ...recharged,
          measures: {
            count: 1,
            paid: { CNY: '100' },
            credited: '100',
            receivableSettled: '0',
            refunded: '0',
            disputed: '0',
            paidBack: {},
          },
        },
      ],
    },
  },
  deferred: {
    query: { from: '2026-11-20T00:00:00Z', account: 'acct-42' },
    status: 200,
    answer: { ...period, filters: { account: ['acct-42'] } },
  },
  liabilities: {
    query: { account: 'acct-7' },
    status: 200,
    answer: { ...balances, filters: { account: ['acct-7'] } },
  },
  receivables: {
    query: { account: 'acct-42' },
    status: 200,
    answer: { ...balances, filters: { account: ['acct-42'] } },
  },
  'trial-balance': {
    query: { ledgerAccount: 'assets:cash:manual', commodity: 'CNY' },
    status: 200,
    answer: {
      ...balances,
      filters: { ledgerAccount: ['assets:cash:manual'], commodity: ['CNY'] },
      items: [{ ...recharged, measures: { debit: '100', credit: '0', balance: '100' } }],
    },
  },
};

/** What the entries of the cells of a report are shown by. */
export function cellExample(report: string): Example {
  return others[report] ?? ofCharges;
}
