import type { StreamKind } from '@meterbook/event-store/stream-kind';

/** How the names of streams begin; what follows is `{platform}/{account}`, or the platform alone for a rulebook, the books or webhooks. */
export const accountPrefix = 'account-';
export const tierPrefix = 'tier-';
export const rulebookPrefix = 'rulebook-';
export const holdPrefix = 'hold-';
/** `{platform}`: what finance writes down; `{platform}/{closing}`: what a closing holds. */
export const booksPrefix = 'books-';
export const webhookPrefix = 'webhooks-';
export const checkpointPrefix = 'checkpoint-';
/** Streams of which there is one. */
export const platformsStream = 'platforms';
export const relayStream = 'relay-entries';

/** Every kind of stream that stands in the store. The store refuses to lose events of those that may not age, and audits all of them. */
export const streamKinds: readonly StreamKind[] = [
  { prefix: accountPrefix, mayAge: false },
  { prefix: tierPrefix, mayAge: false },
  { prefix: rulebookPrefix, mayAge: false },
  { prefix: holdPrefix, mayAge: false },
  { prefix: booksPrefix, mayAge: false },
  { prefix: webhookPrefix, mayAge: false },
  { prefix: platformsStream, mayAge: false },
  { prefix: relayStream, mayAge: false },
  { prefix: checkpointPrefix, mayAge: true },
];
