/**
 * WARNING: every shape in this file is stored for ever. Add optional fields; never rename, retype or remove one.
 * `../events.ts` says what all of them keep to.
 */
import type { SubscriptionKind } from '../../rulebook/rulebook';

/** The booked balances of the two pools, in credits. */
export type PoolBalances = readonly [main: string, backup: string];

/** What a charge drew from the pools of a period, or a reversal gave back to them, in credits. */
export type PoolCredits = readonly [period: number, main: string, backup: string];

/** A period that was paid, by the terms of its plan when it was paid: they stay for that period. */
export interface PaidPeriod {
  /** The n-th paid period of the account, from 0. */
  readonly number: number;
  readonly plan: string;
  readonly kind: SubscriptionKind;
  readonly from: string;
  readonly to: string;
  /** Its fee, in the wallet's currency. */
  readonly price: string;
  /** Credits newly issued to a pool; left out where there are none. */
  readonly main?: string;
  readonly backup?: string;
  /** The pool of the period before goes on in this one: what was left of it when this was written. */
  readonly carriedMain?: string;
  readonly carriedBackup?: string;
  readonly creditsPerUnit: string;
  /** How much upstream cost the period bears, in the wallet's currency; left out where there is no such limit. */
  readonly budget?: string;
  /** Credits that the pools give in a UTC day, and in an ISO week. */
  readonly dailyCap?: string;
  readonly weeklyCap?: string;
  /** A daily cap in requests. */
  readonly dailyRequests?: number;
  /** The account counts as at least this tier while the period runs. */
  readonly tier?: string;
  /** Digits to which the part of the fee that is earned is rounded down. */
  readonly scale: number;
}

export interface SubscriptionStarted {
  readonly type: 'SubscriptionStarted';
  readonly occurredAt: string;
  readonly rulebook: number;
  /** The payment's id: starts, renewals and switches of an account share one space of them. */
  readonly paymentRef: string;
  readonly provider: string;
  readonly currency: string;
  readonly period: PaidPeriod;
  readonly pools: PoolBalances;
  readonly wallet: string;
  readonly receivable: string;
  readonly digest: string;
}

export interface SubscriptionRenewed {
  readonly type: 'SubscriptionRenewed';
  readonly occurredAt: string;
  readonly rulebook: number;
  readonly paymentRef: string;
  readonly provider: string;
  readonly currency: string;
  /** It begins at the end of the one before, or at the payment where that is later. */
  readonly period: PaidPeriod;
  readonly pools: PoolBalances;
  readonly wallet: string;
  readonly receivable: string;
  readonly digest: string;
}

/** No renewal any more; what is paid stays until it ends. */
export interface SubscriptionCancelled {
  readonly type: 'SubscriptionCancelled';
  readonly occurredAt: string;
  readonly plan: string;
  /** Of the last payment, so that whoever listens can cancel there. */
  readonly provider: string;
  readonly paymentRef: string;
  /** The end of the last paid period. */
  readonly endsAt: string;
}

/** How much of an old fee a switch credits, by every term of it. */
export interface Proration {
  /** Parts of the old period that count as used up, half-up to 12 places: by time, by credits, and the larger of both or the least. */
  readonly time: string;
  readonly tokens: string;
  readonly consumed: string;
  /** What they follow from exactly: milliseconds of the old period until the switch, of a cycle of so many days. */
  readonly elapsedMs: number;
  readonly cycleDays: number;
  /** Credits of the old period's pools: main, backup. */
  readonly used: PoolBalances;
  readonly granted: PoolBalances;
  /** How much the use of each counts. */
  readonly weights: PoolBalances;
  readonly minimumConsumed: string;
  readonly oldPrice: string;
  readonly newPrice: string;
  /** What of the old fee is not earned at the switch: no more of it is credited. */
  readonly unearned: string;
  /** Fees of renewals that were paid and had not begun: they are credited whole; left out where there are none. */
  readonly renewals?: string;
}

/** One entry: the old subscription ends, what is credited of it comes into the wallet, and the new one starts. */
export interface PlanSwitched {
  readonly type: 'PlanSwitched';
  readonly occurredAt: string;
  readonly rulebook: number;
  readonly paymentRef: string;
  readonly provider: string;
  readonly currency: string;
  readonly period: PaidPeriod;
  /** The plan that was switched away from. */
  readonly from: string;
  /** Of the old subscription's last payment: it is to be cancelled there. */
  readonly oldProvider: string;
  readonly oldPaymentRef: string;
  readonly proration: Proration;
  /** What is credited in all, in the wallet's currency. */
  readonly credit: string;
  /** The paid lot of the credit; left out where nothing is credited. */
  readonly lot?: number;
  /** What of the credit settled the receivable. */
  readonly settled: string;
  /** What was left of the old pools, renewals that had not begun included. */
  readonly lapsed: PoolBalances;
  readonly pools: PoolBalances;
  readonly wallet: string;
  readonly receivable: string;
  readonly digest: string;
}
