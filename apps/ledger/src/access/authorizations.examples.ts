import type { Example } from '@meterbook/http/openapi/example';

export const authorizeRequestExample: Example = {
  body: { requestId: 'req-7f3a', model: 'claude-sonnet', units: { inputTokens: 1200, outputTokens: 350 } },
  status: 201,
  answer: {
    authorizationId: 'auth_0_mi8m5nk0_3fKx0aPq1Zs',
    priority: { level: 1, name: 'default' },
    tier: 'default',
    group: 'default',
    multiplier: '1',
    estimate: '0.06372',
    heldUntil: '2026-11-21T10:20:00.000Z',
  },
};

export const releaseAuthorizationExample: Example = { status: 204 };
