import type { Example } from '@meterbook/http/openapi/example';

export const listDeadLettersExample: Example = {
  query: { platform: 'apibox', reason: 'unknown_model' },
  status: 200,
  answer: {
    items: [
      {
        id: 'usage.recorded-7-1',
        reason: 'unknown_model',
        detail: 'no model gpt-unheard-of',
        platform: 'apibox',
        account: 'acct-42',
        at: '2026-11-21T10:05:00.000Z',
        event: {
          specversion: '1.0',
          type: 'usage.recorded',
          source: 'gateway-eu-1',
          id: 'req-8a10',
          time: '2026-11-21T10:00:00.000Z',
          platform: 'apibox',
          subject: 'acct-42',
          data: {
            apiKeyId: 'key-1',
            model: 'gpt-unheard-of',
            channel: 'official',
            units: { inputTokens: 1200, outputTokens: 350, cacheReadTokens: 800 },
          },
        },
      },
    ],
    next: null,
  },
};

export const redriveDeadLetterExample: Example = { status: 202, answer: { id: 'usage.recorded-3-17' } };

export const redriveDeadLettersExample: Example = {
  body: { platform: 'apibox', reason: 'unknown_channel' },
  status: 202,
  answer: { offered: 0, passedOver: 0, waiting: 0, next: null },
};

export const dismissDeadLetterExample: Example = {
  body: { reason: 'sent by a test' },
  status: 200,
  answer: {
    id: 'usage.recorded-3-17',
    dismissed: { reason: 'sent by a test', by: 'anonymous', at: '2026-11-21T10:05:00.000Z' },
  },
};
