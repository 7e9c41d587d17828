/**
 * WARNING: every shape in this file is stored for ever. Add optional fields; never rename, retype or remove one.
 * `../events.ts` says what all of them keep to.
 */
import type { DrawSource } from '../../rulebook/rulebook';
import type { Labels } from '../../usage/labels';
import type { Units } from '../../usage/usage';
import type { PoolBalances, PoolCredits } from '../subscription/events';
import type { LotAmount } from '../wallet/events';

/** One factor of a charge and where in the rulebook or the account it came from, for example `["tierMultiplier", "0.8", "vip/default"]`. */
export type Factor = readonly [name: FactorName, value: string, source: string];

/** A factor as a charge keeps it: its source is left out where it is the charge's own tier, group or channel, or the account. */
export type ChargedFactor = readonly [name: FactorName, value: string, source?: string];

export type FactorName =
  'field' | 'window' | 'channelDiscount' | 'tierMultiplier' | 'tierDiscount' | 'groupMultiplier' | 'customMultiplier';

/** The price that was used, as quoted: of the row that held, and of the channel. */
export interface AppliedPrice {
  readonly mode: 'token' | 'request' | 'second' | 'megapixel' | 'image' | 'unit';
  readonly per?: number;
  readonly input?: string;
  readonly output?: string;
  readonly unit?: string;
  /** Adjusted units where they differ from the reported ones: tokens after multiples, without kinds at a price of their own. */
  readonly adjustedInput?: string;
  readonly adjustedOutput?: string;
  readonly quantity?: string;
  /** The row that held, by its conditions, for example `service_tier=priority, promptTokensOver 200000`. */
  readonly band?: string;
  /** Extras that were used: name, count, price each. */
  readonly extras?: readonly (readonly [name: string, count: string, price: string])[];
  /** Left out where the input tokens as reported already contain the special kinds. */
  readonly tokenCounts?: 'exclusive';
  /** What made `adjustedInput` of the reported tokens: the kinds that were counted at a multiple, or beside the input. */
  readonly inputMultiples?: readonly KindMultiple[];
  readonly outputMultiples?: readonly KindMultiple[];
  /** Kinds at a price of their own, per `per` tokens like the others. */
  readonly inputPrices?: readonly KindPrice[];
  readonly outputPrices?: readonly KindPrice[];
  /** True where the channel has a price of its own and that one was used. */
  readonly ofChannel?: true;
}

/** A special kind of tokens and what one of them counts as. */
export type KindMultiple = readonly [kind: string, multiple: string];

/** A special kind of tokens and its price. */
export type KindPrice = readonly [kind: string, price: string];

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
  /** The usage named its group itself. Left out where its key or its model did, and before that was kept. */
  readonly groupNamed?: true;
  readonly rulebook: number;
  /** Which rules of rating it follows, `RATING_RULES` of its time; left out before they were counted. */
  readonly rating?: number;
  readonly units: Units;
  readonly fields?: Readonly<Record<string, string>>;
  /** Those of the usage, and its key's as they stood when it was booked, where the usage has none of that name; left out without any. */
  readonly labels?: Labels;
  readonly price: AppliedPrice;
  readonly factors: readonly ChargedFactor[];
  /** Left out where it equals `amount`. */
  readonly unrounded?: string;
  readonly amount: string;
  /** What upstream takes. Left out where it equals `amount`. */
  readonly cost?: string;
  /** As reported: it is the cost then. */
  readonly upstreamCost?: string;
  /** The plan of the period that it fell into when it was booked; left out where it fell into none, or into one that was switched away from. */
  readonly plan?: string;
  /** What the pools gave; left out where they gave nothing. */
  readonly credits?: PoolCredits;
  /** The order in which sources were drawn on; left out where it is main, backup, wallet. */
  readonly drawOrder?: readonly DrawSource[];
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
  /** Balances of the pools after it; left out where the account never had a plan. */
  readonly pools?: PoolBalances;
  /** When it was decided: tier, key and settings are those of that instant. Left out before it was kept. */
  readonly decidedAt?: string;
}

/** What a reversal says of its charge; each as the charge has it. */
export interface ReversedCharge {
  readonly model: string;
  readonly apiKeyId?: string;
  readonly channel?: string;
  readonly tier: string;
  readonly group: string;
  readonly plan?: string;
  readonly units: Units;
  readonly labels?: Labels;
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
  /** What reports group the charge by, so that they need not look for it. Left out before it was kept. */
  readonly charged?: ReversedCharge;
  readonly currency: string;
  readonly amount: string;
  /** What each lot regained, before any of it settled the receivable. */
  readonly lots: readonly LotAmount[];
  /** By how much the open receivable shrank because the charge itself had been owed. */
  readonly forgiven: string;
  /** What of the charge had been written off: nobody had paid it, so its bad debt is taken back. Left out where that is nothing. */
  readonly writtenOff?: string;
  /**
   * A granted lot for what could not go back; null when all could. `settledBack` had already settled, `expired` came from lots
   * that have expired since; it is left out where that is nothing. `promoted` is the same in old events, which booked it as a promotion.
   */
  readonly granted: {
    readonly lot: number;
    readonly settledBack: string;
    readonly promoted: string;
    readonly expired?: string;
  } | null;
  /** What of the money that came back then settled the open receivable, by the lots it is taken from again. */
  readonly settledFrom: readonly LotAmount[];
  /** What the pools of the running period regained; left out where that is nothing. */
  readonly credits?: PoolCredits;
  /** The charge's cost, which the period's budget regains; left out where the pools regain nothing, or it equals `amount`. */
  readonly cost?: string;
  /** The charge's, where it has one. */
  readonly drawOrder?: readonly DrawSource[];
  /** Balances of the pools after it; left out where the account never had a plan. */
  readonly pools?: PoolBalances;
  readonly wallet: string;
  readonly receivable: string;
  readonly digest: string;
}
