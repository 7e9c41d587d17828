/** What an account's endpoint may ask to be told of. */
export const accountWebhookTypes = [
  'usage.charged',
  'wallet.recharged',
  'wallet.low',
  'receivable.opened',
  'tier.promoted',
  'subscription.started',
  'subscription.renewed',
  'subscription.cancelled',
  'subscription.switched',
  'subscription.expiring',
  'recharge.refunded',
  'recharge.disputed',
  'usage.reversed',
] as const;

/** What a platform's endpoint may ask to be told of: the same of all its accounts, and usage that could not be charged. */
export const platformWebhookTypes = [...accountWebhookTypes, 'dead_letter.opened'] as const;

export type AccountWebhookType = (typeof accountWebhookTypes)[number];
export type WebhookType = (typeof platformWebhookTypes)[number];
