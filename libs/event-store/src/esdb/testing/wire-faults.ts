export type AppendError =
  | 'timeout'
  | 'unavailable'
  | 'cancelled'
  | 'access-denied'
  /** No leader, said without naming another. */
  | 'no-leader'
  /** What a node says while a leader is elected. */
  | 'election';

/** One append, misbehaving. Those that end in `-written` do their work first. */
export type AppendFault =
  | { readonly kind: 'failed' | 'failed-written'; readonly error: AppendError }
  | { readonly kind: 'silent' | 'silent-written' }
  | { readonly kind: 'late'; readonly ms: number }
  | { readonly kind: 'not-leader'; readonly leaderPort: number }
  /** Answers as if the stream had moved on: a server that no longer knows that the ids are its own. */
  | { readonly kind: 'refused-written' }
  /** Writes the first events of the batch only, and loses the connection. */
  | { readonly kind: 'partial'; readonly events: number }
  /** Another writer comes first, and the connection is lost. */
  | { readonly kind: 'overtaken'; readonly write: () => void };

/** One read of a page, misbehaving. */
export type ReadFault =
  | { readonly kind: 'late'; readonly ms: number }
  | { readonly kind: 'silent' }
  | { readonly kind: 'unavailable'; readonly afterEvents: number };

/** What a node answers to everything until it is told otherwise: no such user, no right, not ready to take anything, or nothing at all. */
export type WireState = 'works' | 'unauthenticated' | 'access-denied' | 'not-ready' | 'silent';

/** One subscription, misbehaving after it has sent some events. */
export type SubscriptionFault = {
  readonly kind: 'drop' | 'end' | 'silence' | 'early-checkpoint' | 'duplicates' | 'mute-marks';
  readonly afterEvents: number;
};

/** What a wire test server does wrong next: each entry spoils one call, in order. */
export class WireFaults {
  readonly appends: AppendFault[] = [];
  readonly reads: ReadFault[] = [];
  readonly subscriptions: SubscriptionFault[] = [];
  state: WireState = 'works';
}
