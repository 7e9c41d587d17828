import type { AccountEvent } from './events';

/**
 * What a command comes to. Requests are answered: they are accepted as events, or refused with a named reason; a repeat of
 * what was accepted before is answered from the event that did it. No events means that it already is so.
 */
export type Decision =
  | { readonly kind: 'accepted'; readonly events: readonly AccountEvent[] }
  | { readonly kind: 'repeated'; readonly revision: number }
  | { readonly kind: 'refused'; readonly code: AccountRefusal; readonly detail: string };

/** Every named refusal of an account's commands; `apps/ledger` has the one table that maps them to HTTP. */
export type AccountRefusal =
  | 'invalid_request'
  | 'unknown_account'
  | 'unknown_recharge'
  | 'unknown_charge'
  | 'unknown_dispute'
  | 'unknown_api_key'
  | 'idempotency_conflict'
  | 'already_claimed'
  | 'already_reversed'
  | 'dispute_closed'
  | 'subscription_active'
  | 'not_renewable'
  | 'no_subscription'
  | 'same_plan'
  | 'no_rulebook'
  | 'provider_unsupported'
  | 'currency_unsupported'
  | 'below_minimum_recharge'
  | 'refund_window_closed'
  | 'nothing_to_refund'
  | 'exceeds_recharge'
  | 'exceeds_receivable'
  | 'unknown_tier'
  | 'unknown_plan'
  | 'unknown_group'
  | 'occurred_at_in_future'
  | 'occurred_at_out_of_order';

/** When a command occurs: null stands for now, or for the account's last command where that is later. */
export interface CommandTime {
  readonly occurredAt: number | null;
  readonly now: number;
}

export type Refused = Extract<Decision, { readonly kind: 'refused' }>;

/** It already is so: accepted, and nothing is written. */
export const alreadySo: Decision = { kind: 'accepted', events: [] };

export function accepted(...events: readonly AccountEvent[]): Decision {
  return { kind: 'accepted', events };
}

export function refused(code: AccountRefusal, detail: string): Refused {
  return { kind: 'refused', code, detail };
}
