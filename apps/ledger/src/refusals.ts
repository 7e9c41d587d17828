import type { AccountRefusal, Refused } from '@meterbook/domain/account/decision';
import type { RatingRefusal } from '@meterbook/domain/rating/rated';
import type { ErrorCode } from '@meterbook/http/problem/error-catalogue';
import { Problem } from '@meterbook/http/problem/problem';

/** The one table from what the domain refuses to what HTTP answers; the error catalogue has the status and the title of each code. */
const answeredWith = {
  invalid_request: 'invalid_request',
  unknown_account: 'unknown_account',
  unknown_recharge: 'unknown_recharge',
  unknown_charge: 'unknown_charge',
  unknown_dispute: 'unknown_dispute',
  unknown_api_key: 'unknown_api_key',
  idempotency_conflict: 'idempotency_conflict',
  already_claimed: 'already_claimed',
  already_reversed: 'already_reversed',
  dispute_closed: 'dispute_closed',
  subscription_active: 'subscription_active',
  not_renewable: 'not_renewable',
  no_subscription: 'no_subscription',
  same_plan: 'same_plan',
  no_rulebook: 'no_rulebook',
  provider_unsupported: 'provider_unsupported',
  currency_unsupported: 'currency_unsupported',
  below_minimum_recharge: 'below_minimum_recharge',
  refund_window_closed: 'refund_window_closed',
  nothing_to_refund: 'nothing_to_refund',
  exceeds_recharge: 'exceeds_recharge',
  exceeds_receivable: 'exceeds_receivable',
  unknown_tier: 'unknown_tier',
  unknown_plan: 'unknown_plan',
  unknown_group: 'unknown_group',
  occurred_at_in_future: 'occurred_at_in_future',
  occurred_at_out_of_order: 'occurred_at_out_of_order',
  unknown_model: 'unknown_model',
  unknown_channel: 'unknown_channel',
  unknown_unit: 'unknown_unit',
  missing_units: 'missing_units',
} as const satisfies Readonly<Record<AccountRefusal | RatingRefusal['code'], ErrorCode>>;

/** The answer to a refusal. */
export function toRefusalProblem({ code, detail }: Refused | RatingRefusal): Problem {
  return new Problem(answeredWith[code], detail);
}

export function unknownAccount(account: string): Problem {
  return new Problem('unknown_account', `There is no account ${account} on this platform.`);
}

/** A parameter of the request line that has the right spelling and cannot be taken all the same. */
export function invalidParameter(name: string, detail: string): Problem {
  return new Problem('invalid_request', `The parameter ${name} is wrong: it ${detail}.`, {
    errors: [{ pointer: `/${name}`, code: 'invalid_value', detail }],
  });
}
