/**
 * WARNING: every shape in this file is stored for ever. Add optional fields; never rename, retype or remove one.
 *
 * Amounts are canonical decimal strings, instants RFC 3339 UTC with milliseconds. `wallet` and `receivable` on a
 * money-moving event are the booked balances after it. A lot is named by its number: the n-th lot of the account, from 0.
 */
import type { Units } from '../usage/usage';

export type AccountEvent =
  | AccountOpened
  | AccountSettingsChanged
  | WalletRecharged
  | CreditGranted
  | UsageCharged
  | UsageReversed
  | TierChanged
  | ApiKeyIssued
  | ApiKeyChanged
  | ApiKeyRevoked;

/** What a lot gave or got: its number and the amount. */
export type LotAmount = readonly [lot: number, amount: string];

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
}

export interface WalletRecharged {
  readonly type: 'WalletRecharged';
  readonly occurredAt: string;
  readonly rulebook: number;
  readonly rechargeId: string;
  readonly provider: string;
  readonly currency: string;
  readonly credited: string;
  readonly paid: { readonly amount: string; readonly currency: string };
  /** Units of the wallet's currency per unit paid, half-up to 12 places where it does not terminate; null without a conversion. */
  readonly fxRate: string | null;
  readonly lot: number;
  /** What settled the receivable; the lot holds `credited` less this. */
  readonly settled: string;
  /** The account's recharges after this one, in the wallet's currency as credited. */
  readonly recharges: { readonly count: number; readonly largest: string; readonly cumulative: string };
  readonly wallet: string;
  readonly receivable: string;
  /** SHA-256 of the canonical body as sent, base64url, first 22 characters. */
  readonly digest: string;
}

export interface CreditGranted {
  readonly type: 'CreditGranted';
  readonly occurredAt: string;
  readonly rulebook: number;
  /** Null for the automatic starter grant of the opening. */
  readonly grantId: string | null;
  readonly currency: string;
  readonly amount: string;
  readonly reason: string;
  readonly expiresAt: string | null;
  /** True when it is the rulebook's starter grant, which an account gets once. */
  readonly starter: boolean;
  readonly lot: number;
  readonly settled: string;
  readonly wallet: string;
  readonly receivable: string;
  readonly digest: string | null;
}

/** One factor of a charge and where in the rulebook or the account it came from, for example `["tierMultiplier", "0.8", "vip/default"]`. */
export type Factor = readonly [name: FactorName, value: string, source: string];

/** A factor as a charge keeps it: its source is left out where it is the charge's own tier, group or channel, or the account. */
export type ChargedFactor = readonly [name: FactorName, value: string, source?: string];

export type FactorName =
  'field' | 'window' | 'channelDiscount' | 'tierMultiplier' | 'tierDiscount' | 'groupMultiplier' | 'customMultiplier';

/** The price that was used, as quoted, after band and channel. */
export interface AppliedPrice {
  readonly mode: 'token' | 'request' | 'second' | 'megapixel' | 'image' | 'unit';
  readonly per?: number;
  readonly input?: string;
  readonly output?: string;
  readonly unit?: string;
  /** Adjusted units where they differ from the reported ones: tokens after multiples, megapixels, seconds … */
  readonly adjustedInput?: string;
  readonly adjustedOutput?: string;
  readonly quantity?: string;
  /** The band that held, for example `promptTokensOver 200000`. */
  readonly band?: string;
  /** Extras that were used: name, count, price each. */
  readonly extras?: readonly (readonly [name: string, count: string, price: string])[];
  /** Left out where the input tokens as reported already contain the special kinds. */
  readonly tokenCounts?: 'exclusive';
  /** What made `adjustedInput` of the reported tokens: the kinds that were counted at a multiple, or beside the input. */
  readonly inputMultiples?: readonly KindMultiple[];
  readonly outputMultiples?: readonly KindMultiple[];
  /** True where the channel has a price of its own and that one was used. */
  readonly ofChannel?: true;
}

/** A special kind of tokens and what one of them counts as. */
export type KindMultiple = readonly [kind: string, multiple: string];

/** One priced, booked usage event. */
export interface Charge {
  readonly source: string;
  readonly id: string;
  readonly occurredAt: string;
  readonly model: string;
  readonly apiKeyId?: string;
  readonly channel?: string;
  readonly authorizationId?: string;
  readonly tier: string;
  readonly group: string;
  readonly rulebook: number;
  readonly units: Units;
  readonly fields?: Readonly<Record<string, string>>;
  readonly price: AppliedPrice;
  readonly factors: readonly ChargedFactor[];
  /** Left out where it equals `amount`. */
  readonly unrounded?: string;
  readonly amount: string;
  /** What upstream takes. Left out where it equals `amount`. */
  readonly cost?: string;
  /** What the wallet gave, lot by lot, in burn order; left out where it gave nothing. */
  readonly lots?: readonly LotAmount[];
  /** What no source covered; left out where that is nothing. */
  readonly owed?: string;
  readonly limitedBy?: string;
  /** Content hash of the usage event (type, time, data): SHA-256, base64url, first 11 characters. */
  readonly digest: string;
  /** W3C trace context of the usage event; left out where it had none. */
  readonly traceparent?: string;
}

export interface UsageCharged {
  readonly type: 'UsageCharged';
  readonly charges: readonly Charge[];
  readonly currency: string;
  readonly wallet: string;
  /** Left out where nothing is owed. */
  readonly receivable?: string;
  /** When it was decided: tier, key and settings are those of that instant. Left out before it was kept. */
  readonly decidedAt?: string;
}

export interface UsageReversed {
  readonly type: 'UsageReversed';
  readonly occurredAt: string;
  readonly reversalId: string;
  readonly source: string;
  readonly id: string;
  readonly reason: string;
  /** Where the charge stands: revision of its `UsageCharged` and index in it. */
  readonly charge: { readonly revision: number; readonly index: number };
  /** Occurred at of the usage that was charged. */
  readonly chargeOccurredAt: string;
  readonly currency: string;
  readonly amount: string;
  /** What each lot regained, before any of it settled the receivable. */
  readonly lots: readonly LotAmount[];
  /** By how much the open receivable shrank because the charge itself had been owed. */
  readonly forgiven: string;
  /** A granted lot for money that had already settled (`settledBack`) or whose lot has expired (`promoted`); null when neither. */
  readonly granted: { readonly lot: number; readonly settledBack: string; readonly promoted: string } | null;
  /** What of the money that came back then settled the open receivable, by the lots it is taken from again. */
  readonly settledFrom: readonly LotAmount[];
  readonly wallet: string;
  readonly receivable: string;
  readonly digest: string;
}

/** The tier that the promotion rules gave: what `TierPromoted` said, heard of by the ledger. */
export interface TierChanged {
  readonly type: 'TierChanged';
  readonly occurredAt: string;
  readonly from: string;
  readonly to: string;
  /** Revision of the `TierPromoted` in the `tier-` stream; a repeat or an older one changes nothing. */
  readonly tierRevision: number;
}

export interface ApiKeyIssued {
  readonly type: 'ApiKeyIssued';
  readonly occurredAt: string;
  readonly keyId: string;
  readonly name: string;
  readonly group: string | null;
  /** SHA-256 of the secret, base64url; the secret itself is shown once and kept nowhere. */
  readonly secretHash: string;
  readonly digest: string;
}

export interface ApiKeyChanged {
  readonly type: 'ApiKeyChanged';
  readonly occurredAt: string;
  readonly keyId: string;
  readonly group: string | null;
}

export interface ApiKeyRevoked {
  readonly type: 'ApiKeyRevoked';
  readonly occurredAt: string;
  readonly keyId: string;
}
