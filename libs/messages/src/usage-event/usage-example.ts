import type { UsageEvent } from './usage-event';

/** The usage event that documents and specs show. */
export const usageExample = {
  specversion: '1.0',
  type: 'usage.recorded',
  source: 'gateway-eu-1',
  id: 'req-7f3a',
  time: '2026-11-21T10:00:00Z',
  platform: 'apibox',
  subject: 'acct-42',
  data: {
    apiKeyId: 'key-1',
    model: 'claude-sonnet',
    channel: 'official',
    units: { inputTokens: 1200, outputTokens: 350, cacheReadTokens: 800 },
  },
} satisfies UsageEvent;
