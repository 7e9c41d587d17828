import type { Example } from '@meterbook/http/openapi/example';

export const viewStatementExample: Example = {
  query: { from: '2026-11-20T00:00:00Z' },
  status: 200,
  answer: {
    platform: 'apibox',
    account: 'acct-42',
    basis: 'booked',
    zone: 'UTC',
    completeTo: '2026-11-21T10:05:00.000Z',
    from: '2026-11-20T00:00:00.000Z',
    to: null,
    currency: 'CNY',
    opening: { wallet: '0', receivable: '0', main: '0', backup: '0' },
    entries: [
      {
        event: 'WalletRecharged',
        reference: 'pay-1001',
        revision: 1,
        what: 'recharge pay-1001 by manual: 100 CNY',
        occurredAt: '2026-11-21T09:30:00.000Z',
        bookedAt: '2026-11-21T10:05:00.000Z',
        legs: [
          { ledgerAccount: 'assets:cash:manual', commodity: 'CNY', amount: '100' },
          { ledgerAccount: 'liabilities:wallet:acct-42', commodity: 'CNY', amount: '-100' },
        ],
        balances: { wallet: '100', receivable: '0', main: '0', backup: '0' },
      },
      {
        event: 'CreditGranted',
        reference: 'welcome-42',
        revision: 2,
        what: 'grant welcome-42 (welcome): 10 CNY',
        occurredAt: '2026-11-21T09:45:00.000Z',
        bookedAt: '2026-11-21T10:05:00.000Z',
        legs: [
          { ledgerAccount: 'expenses:promotions', commodity: 'CNY', amount: '10' },
          { ledgerAccount: 'liabilities:wallet:acct-42', commodity: 'CNY', amount: '-10' },
        ],
        balances: { wallet: '110', receivable: '0', main: '0', backup: '0' },
      },
      {
        event: 'UsageCharged',
        reference: 'req-7f3a',
        revision: 5,
        what: 'charge gateway-eu-1 req-7f3a for claude-sonnet: 0.048168',
        occurredAt: '2026-11-21T10:00:00.000Z',
        bookedAt: '2026-11-21T10:05:00.000Z',
        legs: [
          { ledgerAccount: 'liabilities:wallet:acct-42', commodity: 'CNY', amount: '0.048168' },
          { ledgerAccount: 'revenue:usage', commodity: 'CNY', amount: '-0.048168' },
        ],
        balances: { wallet: '109.951832', receivable: '0', main: '0', backup: '0' },
      },
      {
        event: 'UsageReversed',
        reference: 'rev-1',
        revision: 6,
        what: 'reversal rev-1 of gateway-eu-1 req-7f3a (The answer was cut off.): 0.048168 CNY',
        occurredAt: '2026-11-21T10:05:00.000Z',
        bookedAt: '2026-11-21T10:05:00.000Z',
        legs: [
          { ledgerAccount: 'liabilities:wallet:acct-42', commodity: 'CNY', amount: '-0.048168' },
          { ledgerAccount: 'revenue:usage', commodity: 'CNY', amount: '0.048168' },
        ],
        balances: { wallet: '110', receivable: '0', main: '0', backup: '0' },
      },
    ],
    closing: { wallet: '110', receivable: '0', main: '0', backup: '0' },
    next: null,
    final: false,
    faults: [],
  },
};

export const viewTrialBalanceExample: Example = {
  query: { rollup: 'control' },
  status: 200,
  answer: {
    asOf: '2026-11-21T10:05:00.000Z',
    basis: 'booked',
    zone: 'UTC',
    completeTo: '2026-11-21T10:05:00.000Z',
    final: true,
    position: '12',
    watermark: '2026-11-21T10:05:00.000Z',
    lines: [
      { ledgerAccount: 'assets:cash:manual', commodity: 'CNY', debit: '100', credit: '0', balance: '100' },
      { ledgerAccount: 'expenses:promotions', commodity: 'CNY', debit: '10', credit: '0', balance: '10' },
      {
        ledgerAccount: 'liabilities:wallet:*',
        commodity: 'CNY',
        debit: '0.048168',
        credit: '110.048168',
        balance: '-110',
      },
      { ledgerAccount: 'revenue:usage', commodity: 'CNY', debit: '0.048168', credit: '0.048168', balance: '0' },
    ],
    totals: [{ commodity: 'CNY', debit: '110.096336', credit: '110.096336', balance: '0' }],
  },
};
