import type { StreamKind } from '@meterbook/event-store/stream-kind';

/** Every kind of stream that stands in the store. The store refuses to lose events of those that may not age, and audits all of them. */
export const streamKinds: readonly StreamKind[] = [
  { prefix: 'account-', mayAge: false },
  { prefix: 'tier-', mayAge: false },
  { prefix: 'rulebook-', mayAge: false },
  { prefix: 'hold-', mayAge: false },
  { prefix: 'platforms', mayAge: false },
  { prefix: 'relay-entries', mayAge: false },
  { prefix: 'checkpoint-', mayAge: true },
];
