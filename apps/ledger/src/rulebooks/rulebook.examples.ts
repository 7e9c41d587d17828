import type { Example } from '@meterbook/http/openapi/example';

/** A small rulebook: two tiers, one model, one way to pay, two plans. */
const rulebook = {
  platform: 'apibox',
  currency: 'CNY',
  tiers: [
    { id: 'default', rank: 1 },
    { id: 'vip', rank: 2, discount: '0.8' },
  ],
  promotion: [{ tier: 'vip', anyOf: [{ singleRechargeAtLeast: '500' }, { cumulativeRechargeAtLeast: '1000' }] }],
  groups: [{ id: 'default' }],
  channels: [{ id: 'official', discount: '1' }],
  models: [
    {
      id: 'claude-sonnet',
      group: 'default',
      price: { mode: 'token', per: 1000000, input: '21.6', output: '108', inputMultiples: { cacheRead: '0.1' } },
    },
  ],
  providers: { manual: {} },
  refund: { windowDays: 14 },
  creditsPerUnit: '100',
  plans: [
    { id: 'starter', price: '10', baseCredits: '1000', backup: '3', models: ['*'], periodDays: 30 },
    { id: 'premium', price: '25', baseCredits: '2500', backup: '3', models: ['*'], periodDays: 30 },
  ],
};
const effectiveFrom = '2026-01-01T00:00:00.000Z';
const version = {
  version: 1,
  sha256: '1445d902d173330dd5620fc9231c36ba9172e4416333c0ba944ebd0369ca95ef',
  effectiveFrom,
};

export const publishRulebookExample: Example = {
  body: { ...rulebook, effectiveFrom },
  status: 201,
  answer: version,
};

export const viewRulebookExample: Example = { status: 200, answer: { ...version, rulebook } };

export const validateRulebookExample: Example = {
  body: { ...rulebook, defaultPlan: 'free' },
  status: 200,
  answer: {
    valid: false,
    errors: [{ pointer: '/defaultPlan', code: 'dangling_reference', detail: 'plans have no "free"' }],
  },
};

export const listPlatformsExample: Example = {
  query: { limit: '100' },
  status: 200,
  answer: { items: [{ platform: 'apibox', currency: 'CNY', rulebookVersion: 1 }], next: null },
};
