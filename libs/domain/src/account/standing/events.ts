/**
 * WARNING: every shape in this file is stored for ever. Add optional fields; never rename, retype or remove one.
 * `../events.ts` says what all of them keep to.
 */
import type { PoolBalances } from '../subscription/events';
import type { Labels } from '../../usage/labels';
import type { LotAmount } from '../wallet/events';

export interface AccountOpened {
  readonly type: 'AccountOpened';
  readonly occurredAt: string;
  readonly currency: string;
}

/** A request limit: null is unlimited. */
export interface Limits {
  readonly requestsPerMinute?: number | null;
  readonly requestsPerDay?: number | null;
}

export interface SettingsChange {
  readonly payAsYouGo?: boolean;
  readonly customMultiplier?: string | null;
  readonly limits?: Limits | null;
  readonly suspended?: boolean;
  /** An administrator's pin (SPEC §7); null takes it away. */
  readonly tier?: string | null;
}

export interface AccountSettingsChanged {
  readonly type: 'AccountSettingsChanged';
  readonly occurredAt: string;
  readonly changed: SettingsChange;
  readonly currency: string;
  /** What turning pay-as-you-go on paid of the receivable, lot by lot. */
  readonly settled: readonly LotAmount[];
  readonly wallet: string;
  readonly receivable: string;
  /** Balances of the pools after it; left out where the account never had a plan. */
  readonly pools?: PoolBalances;
}

/** The tier that the promotion rules gave: what `TierPromoted` said, heard of by the ledger. */
export interface TierChanged {
  readonly type: 'TierChanged';
  readonly occurredAt: string;
  readonly from: string;
  readonly to: string;
  /** The tiers that were earned. Without it `to` alone was. */
  readonly earned?: readonly string[];
  /** Revision of the `TierPromoted` in the `tier-` stream. A repeat changes nothing. */
  readonly tierRevision: number;
}

export interface ApiKeyIssued {
  readonly type: 'ApiKeyIssued';
  readonly occurredAt: string;
  readonly keyId: string;
  readonly name: string;
  readonly group: string | null;
  /** Labels of its usage, where that has none of that name; left out without any. */
  readonly labels?: Labels;
  /** SHA-256 of the secret, base64url; the secret itself is shown once and kept nowhere. */
  readonly secretHash: string;
  readonly digest: string;
}

export interface ApiKeyChanged {
  readonly type: 'ApiKeyChanged';
  readonly occurredAt: string;
  readonly keyId: string;
  readonly group: string | null;
  /** All its labels from here on, none where it is empty; left out where they stay as they were. */
  readonly labels?: Labels;
}

export interface ApiKeyRevoked {
  readonly type: 'ApiKeyRevoked';
  readonly occurredAt: string;
  readonly keyId: string;
}
