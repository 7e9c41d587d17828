import type { Example } from '@meterbook/http/openapi/example';

const hook = {
  webhookId: 'hook-1',
  url: 'https://hooks.example.com/meterbook',
  events: ['wallet.recharged', 'wallet.low'],
  threshold: '5',
};
const shown = { ...hook, enabled: true, disabledBecause: null, registeredAt: '2026-11-21T10:05:00.000Z' };
const changed = { ...shown, events: ['wallet.recharged'], threshold: null };

const register = (body: object, answer: object): Example => ({
  body,
  status: 201,
  answer: { ...answer, secret: 'whsec_shown-this-once' },
});
const change = (answer: object): Example => ({
  body: { events: ['wallet.recharged'], threshold: null },
  status: 200,
  answer,
});
const rotate = (answer: object): Example => ({
  body: { requestId: 'rotation-1' },
  status: 201,
  answer: { ...answer, secret: 'whsec_shown-this-once' },
});
const list = (...items: readonly object[]): Example => ({ status: 200, answer: { items, next: null } });

export const registerWebhookExample = register(hook, shown);
export const listWebhooksExample = list(shown);
export const changeWebhookExample = change(changed);
export const rotateWebhookExample = rotate(changed);
export const removeWebhookExample: Example = { status: 204 };
