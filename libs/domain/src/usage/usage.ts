import type { Decimal } from '../amount/decimal';
import type { Labels } from './labels';

/** Raw units as reported: non-negative, at most 10¹², whole but for what counts neither tokens, requests, images nor pixels (SPEC §9). */
export type Units = Readonly<Record<string, number | string>>;

/** One usage event as the ledger charges it: its shape is checked, nothing else. */
export interface Usage {
  readonly source: string;
  readonly id: string;
  /** Business time, milliseconds since 1970. */
  readonly occurredAt: number;
  readonly model: string;
  readonly apiKeyId: string | null;
  readonly group: string | null;
  readonly channel: string | null;
  readonly authorizationId: string | null;
  /** What the provider says it took, in the wallet's currency; left out where it says nothing. */
  readonly upstreamCost?: Decimal;
  readonly units: Units;
  readonly fields: Readonly<Record<string, string>>;
  /** Whose cost it is; left out where it says nothing. */
  readonly labels?: Labels;
  /** Content hash (type, time as an instant, data): SHA-256, base64url, first 11 characters. */
  readonly digest: string;
  /** W3C trace context it came with. */
  readonly traceparent: string | null;
}

/** Why a usage event cannot be charged; checked in this order (SPEC §9). */
export type DeadLetterReason =
  | 'malformed'
  | 'usage_too_old'
  | 'usage_in_future'
  | 'unknown_account'
  | 'id_conflict'
  | 'no_rulebook'
  | 'unknown_model'
  | 'unknown_api_key'
  | 'unknown_group'
  | 'unknown_channel'
  | 'unknown_unit'
  | 'missing_units'
  /** The rules threw on it: a bug of ours. */
  | 'unratable'
  /** The stream of its account or of its platform's rulebook cannot be read; it is offered again by itself once it can. */
  | 'stream_damaged';
