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
        explain: '100 [credited] = 100 CNY into the wallet',
        sentence: 'Recharge pay-1001: 100 CNY paid through manual. 100 CNY came into the wallet.',
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
        explain: '10 [credited] = 10 CNY into the wallet',
        sentence: 'Credit of 10 CNY (welcome), which does not expire. 10 CNY came into the wallet.',
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
        explain:
          '((1200 [input] − 800 [cacheRead]) × 21.6 + 800 [cacheRead] × 2.16 + 350 [output] × 108) / 1000000 × 1 [channelDiscount official] = 0.048168 CNY',
        sentence:
          'claude-sonnet (1200 input tokens, 350 output tokens, 800 cache read tokens) cost 0.048168 CNY, 0.048168 CNY paid from the wallet.',
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
        explain: '0.048168 [back where the wallet had it from] = 0.048168 CNY back',
        sentence:
          'The charge of 0.048168 CNY for claude-sonnet was taken back (The answer was cut off.): 0.048168 CNY came back into the wallet.',
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
