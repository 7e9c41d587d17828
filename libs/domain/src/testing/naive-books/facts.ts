import type { Money } from './money';

/** What a lot gave or got: its number, the n-th of the account, and how much. */
export type OfLot = readonly [lot: number, amount: Money];

/** What the two pools of a paid period gave or got, in credits. */
export interface OfPools {
  readonly period: number;
  readonly main: Money;
  readonly backup: Money;
}

/** A paid period of a subscription, as it was bought (SPEC §6). A pool that is null came with what the period before left. */
export interface Period {
  readonly subscription: number;
  readonly plan: string;
  readonly kind: string;
  readonly provider: string;
  readonly from: number;
  readonly to: number;
  readonly fee: Money;
  readonly main: Money | null;
  readonly backup: Money | null;
  readonly creditsPerUnit: Money;
  readonly budget: Money | null;
  readonly daily: Money | null;
  readonly weekly: Money | null;
  readonly dailyRequests: number | null;
  readonly tier: string | null;
  /** Digits to which what is earned of the fee is rounded down. */
  readonly scale: number;
}

export interface ChargeFact {
  readonly did: 'charge';
  readonly at: number;
  readonly id: string;
  readonly amount: Money;
  readonly cost: Money;
  readonly lots: readonly OfLot[];
  readonly pools: OfPools | null;
  readonly owed: Money;
}

export interface ReversalFact {
  readonly did: 'reverse';
  readonly at: number;
  readonly id: string;
  readonly charge: ChargeFact;
  readonly lots: readonly OfLot[];
  readonly pools: OfPools | null;
  readonly forgiven: Money;
  readonly unwritten: Money;
  /** What comes back as a granted lot: out of revenue, and for pools that are gone out of promotions. */
  readonly granted: { readonly ofRevenue: Money; readonly ofPromotions: Money };
  readonly settled: readonly OfLot[];
}

export interface RechargeFact {
  readonly did: 'recharge';
  readonly at: number;
  readonly id: string;
  readonly provider: string;
  readonly paid: Money;
  readonly paidIn: string;
  /** Units of the wallet's currency per unit paid, as a text or its inverse; null where nothing was converted. */
  readonly rate: { readonly rate: string; readonly inverse: boolean } | null;
  readonly credited: Money;
  readonly settled: Money;
  readonly rounding: { readonly scale: number; readonly mode: string };
}

export interface SettingsFact {
  readonly did: 'settings';
  readonly at: number;
  readonly change: Settings;
  readonly settled: readonly OfLot[];
}

export interface Settings {
  readonly payAsYouGo?: boolean;
  readonly customMultiplier?: string | null;
  readonly suspended?: boolean;
  readonly tier?: string | null;
}

export interface SwitchFact {
  readonly did: 'switch';
  readonly at: number;
  readonly id: string;
  readonly period: Period;
  readonly credit: Money;
  /** The part of the credit that is for the running period. */
  readonly ofRunning: Money;
  readonly settled: Money;
}

export interface DisputeFact {
  readonly did: 'dispute';
  readonly at: number;
  readonly id: string;
  readonly recharge: string;
  readonly disputed: Money;
  readonly amount: Money;
  readonly frozen: Money;
}

export interface LostFact {
  readonly did: 'lost';
  readonly at: number;
  readonly id: string;
  readonly taken: readonly OfLot[];
  readonly owed: Money;
  readonly fee: Money;
}

export interface GrantFact {
  readonly did: 'grant';
  readonly at: number;
  /** Empty for the starter grant of the opening. */
  readonly id: string;
  readonly amount: Money;
  readonly expires: number | null;
  readonly settled: Money;
  readonly isStarter: boolean;
}

export interface RefundFact {
  readonly did: 'refund';
  readonly at: number;
  readonly id: string;
  readonly recharge: string;
  readonly amount: Money;
  readonly paidBack: Money;
}

export type WalletFact =
  | { readonly did: 'open'; readonly at: number }
  | RechargeFact
  | GrantFact
  | ChargeFact
  | ReversalFact
  | SettingsFact
  | { readonly did: 'earn'; readonly at: number; readonly tiers: readonly string[] };

export type PlanFact =
  | { readonly did: 'start' | 'renew'; readonly at: number; readonly id: string; readonly period: Period }
  | { readonly did: 'cancel'; readonly at: number }
  | SwitchFact;

export type MoneyBackFact =
  | RefundFact
  | DisputeFact
  | { readonly did: 'won'; readonly at: number; readonly id: string; readonly settled: Money }
  | LostFact
  | { readonly did: 'write-off'; readonly at: number; readonly id: string; readonly amount: Money };

/** Something that happened to an account, and what it did to its books. Everything else follows from these. */
export type Fact = WalletFact | PlanFact | MoneyBackFact;

export function isOfPlans(fact: Fact): fact is PlanFact {
  return ['start', 'renew', 'cancel', 'switch'].includes(fact.did);
}

export function isOfMoneyBack(fact: Fact): fact is MoneyBackFact {
  return ['refund', 'dispute', 'won', 'lost', 'write-off'].includes(fact.did);
}
