/** One append, misbehaving. Those that end in `…-written` do their work before they fail. */
export type AppendFault =
  | { readonly kind: 'late'; readonly ms: number }
  | { readonly kind: 'silent' }
  | { readonly kind: 'silent-written' }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'timeout-written' }
  | { readonly kind: 'unavailable' }
  | { readonly kind: 'unavailable-written' }
  | { readonly kind: 'cancelled-written' }
  | { readonly kind: 'access-denied' }
  | { readonly kind: 'no-leader' }
  | { readonly kind: 'not-leader'; readonly leaderPort: number }
  /** Writes the first events of the batch only, and loses the connection. */
  | { readonly kind: 'partial'; readonly events: number }
  /** Another writer comes first, and the connection is lost. */
  | { readonly kind: 'overtaken'; readonly write: () => void };

/** One read of a page, misbehaving. */
export type ReadFault = { readonly kind: 'silent' } | { readonly kind: 'unavailable'; readonly afterEvents: number };

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
}
