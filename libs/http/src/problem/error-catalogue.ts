/** One stable error code: what it answers with and what it is called. */
interface CatalogueEntry {
  readonly status: number;
  readonly title: string;
}

const entry = (status: number, title: string): CatalogueEntry => ({ status, title });

/** Every code a problem answer can carry. Codes are promises: one is added, never renamed. `docs/errors.md` lists the same. */
export const errorCatalogue = {
  bad_request: entry(400, 'The request is not proper HTTP'),
  invalid_json: entry(400, 'The body is not JSON'),
  invalid_yaml: entry(400, 'The body is not YAML'),
  invalid_amount: entry(400, 'An amount is not a canonical decimal string, or not one that is taken here'),
  unauthenticated: entry(401, 'A valid bearer token is needed'),
  invalid_api_key: entry(401, 'The API key is unknown or revoked'),
  insufficient_credits: entry(402, 'What is available does not cover the estimate'),
  forbidden: entry(403, 'The token does not allow this'),
  account_suspended: entry(403, 'The account is suspended'),
  model_tier_restricted: entry(403, 'The model needs a higher tier'),
  model_not_in_group: entry(403, 'The model is not on the whitelist of the group'),
  model_not_in_plan: entry(403, 'The model is not on the whitelist of the plan'),
  not_found: entry(404, 'There is nothing at this path'),
  unknown_platform: entry(404, 'The platform is unknown'),
  unknown_account: entry(404, 'The account is unknown'),
  unknown_recharge: entry(404, 'The recharge is unknown'),
  unknown_charge: entry(404, 'The charge is unknown'),
  unknown_api_key: entry(404, 'The API key is unknown'),
  unknown_dead_letter: entry(404, 'The dead letter is unknown'),
  unknown_authorization: entry(404, 'The authorization is unknown'),
  unknown_model: entry(404, 'The model is unknown'),
  unknown_rulebook_version: entry(404, 'The rulebook has no such version'),
  unknown_projection: entry(404, 'The projection is unknown'),
  unknown_rebuild: entry(404, 'The rebuild is unknown'),
  method_not_allowed: entry(405, 'The path does not take this method'),
  request_timeout: entry(408, 'The request took too long to arrive'),
  idempotency_conflict: entry(409, 'The id was used before with other content'),
  already_claimed: entry(409, 'The grant was claimed before'),
  already_reversed: entry(409, 'The charge was reversed before'),
  subscription_active: entry(409, 'A subscription is active'),
  not_renewable: entry(409, 'The subscription does not renew'),
  no_subscription: entry(409, 'There is no subscription'),
  same_plan: entry(409, 'The subscription is on this plan already'),
  payload_too_large: entry(413, 'The body is over a limit'),
  uri_too_long: entry(414, 'A part of the path is too long'),
  unsupported_media_type: entry(415, 'The body has a content type that is not taken here'),
  invalid_request: entry(422, 'The request has the wrong shape'),
  invalid_usage: entry(422, 'The usage has the wrong shape or time'),
  invalid_rulebook: entry(422, 'The rulebook is faulty'),
  no_rulebook: entry(422, 'No rulebook is in force'),
  unknown_plan: entry(422, 'The plan is unknown'),
  unknown_tier: entry(422, 'The tier is unknown'),
  unknown_group: entry(422, 'The group is unknown'),
  unknown_channel: entry(422, 'The channel is unknown'),
  unknown_unit: entry(422, 'A unit is unknown to the model'),
  missing_units: entry(422, 'A unit that the price needs is missing'),
  provider_unsupported: entry(422, 'The payment provider is not supported'),
  currency_unsupported: entry(422, 'The currency is not supported'),
  below_minimum_recharge: entry(422, 'The recharge is below the minimum'),
  refund_window_closed: entry(422, 'The time for a refund is over'),
  nothing_to_refund: entry(422, 'Nothing of the recharge is left'),
  occurred_at_in_future: entry(422, 'The time lies in the future'),
  occurred_at_out_of_order: entry(422, "The time lies before the account's last command"),
  usage_too_old: entry(422, 'The usage is older than the age window'),
  rate_limited: entry(429, 'Too many requests in this minute'),
  daily_limit: entry(429, 'Too many requests on this day'),
  headers_too_large: entry(431, 'The request headers are too large'),
  internal_error: entry(500, 'Something failed that should not have'),
  too_busy: entry(503, 'Too much is waiting: try again'),
  unavailable: entry(503, 'Something this needs is down: send the same again'),
} as const satisfies Readonly<Record<string, CatalogueEntry>>;

export type ErrorCode = keyof typeof errorCatalogue;

/** Every code of a single fault, in `errors[]` of a problem. `docs/errors.md` lists the same. */
export const faultCatalogue = {
  required: 'Something is missing that has to be there.',
  unknown_property: 'The property is not known here.',
  invalid_type: 'The value has another JSON type than it should.',
  invalid_value: 'The value has the right type and is not one that is taken here.',
  too_long: 'A text, list or object is over its limit.',
  invalid_amount: 'Not a canonical decimal string, or not one that is taken here.',
  usage_too_old: 'The usage lies further back than the age window.',
  usage_in_future: 'The usage lies more than five minutes ahead.',
  forbidden: 'The token does not allow this platform.',
  unknown_key: 'A rulebook does not have this key.',
  dangling_reference: 'A rulebook names something that it does not define.',
  duplicate_id: 'A rulebook defines the same thing twice.',
  incomplete_matrix: 'A matrix of a rulebook has a gap.',
} as const satisfies Readonly<Record<string, string>>;

export type FaultCode = keyof typeof faultCatalogue;
