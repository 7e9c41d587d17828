import type { Example } from '@meterbook/http/openapi/example';

export const receiveRechargeExample: Example = {
  body: {
    rechargeId: 'pay-1001',
    provider: 'manual',
    amount: '100',
    currency: 'CNY',
    occurredAt: '2026-11-21T09:30:00Z',
  },
  status: 201,
  answer: {
    rechargeId: 'pay-1001',
    credited: '100',
    currency: 'CNY',
    paid: { amount: '100', currency: 'CNY' },
    fxRate: null,
    receivableSettled: '0',
  },
};

export const grantCreditExample: Example = {
  body: { grantId: 'welcome-42', amount: '10', reason: 'welcome', occurredAt: '2026-11-21T09:45:00Z' },
  status: 201,
  answer: { grantId: 'welcome-42', granted: '10', currency: 'CNY', expiresAt: null, receivableSettled: '0' },
};
