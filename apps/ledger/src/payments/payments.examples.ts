import type { Example } from '@meterbook/http/openapi/example';

export const disputeRechargeExample: Example = {
  body: { disputeId: 'dispute-1', amount: '40' },
  status: 201,
  answer: {
    disputeId: 'dispute-1',
    rechargeId: 'pay-1001',
    disputed: { amount: '40', currency: 'CNY' },
    amount: '40',
    frozen: '40',
    currency: 'CNY',
  },
};

/** While the dispute is open: what it has frozen is not paid back. */
export const refundRechargeExample: Example = {
  body: { refundId: 'refund-1' },
  status: 201,
  answer: {
    refundId: 'refund-1',
    refunded: '60',
    currency: 'CNY',
    paidBack: { amount: '60', currency: 'CNY' },
  },
};

export const winDisputeExample: Example = {
  body: {},
  status: 201,
  answer: { disputeId: 'dispute-1', outcome: 'won', thawed: '40', receivableSettled: '0', currency: 'CNY' },
};

export const loseDisputeExample: Example = {
  body: { fee: '15' },
  status: 201,
  answer: { disputeId: 'dispute-2', outcome: 'lost', taken: '40', owed: '0', fee: '15', currency: 'CNY' },
};

export const writeOffReceivableExample: Example = {
  body: { writeOffId: 'write-off-1', amount: '98', reason: 'The customer went out of business.' },
  status: 201,
  answer: { writeOffId: 'write-off-1', writtenOff: '98', currency: 'CNY', receivable: '0' },
};
