/**
 * WARNING: every shape in this file is stored for ever. Add optional fields; never rename, retype or remove one.
 * `../events.ts` says what all of them keep to.
 */
import type { PoolBalances } from '../subscription/events';
import type { LotAmount } from '../wallet/events';

export interface RechargeRefunded {
  readonly type: 'RechargeRefunded';
  readonly occurredAt: string;
  readonly rulebook: number;
  readonly refundId: string;
  readonly rechargeId: string;
  readonly provider: string;
  readonly currency: string;
  /** The recharge's lot, and what it gave. */
  readonly lot: number;
  readonly refunded: string;
  /** What goes back to the payer, in the currency paid. */
  readonly paidBack: { readonly amount: string; readonly currency: string };
  /** Of a foreign payment what was paid and what it was credited as: what is paid back follows from them. Left out of any other, and before it was kept. */
  readonly recharge?: { readonly paid: string; readonly credited: string };
  readonly wallet: string;
  readonly receivable: string;
  /** Balances of the pools after it; left out where the account never had a plan. */
  readonly pools?: PoolBalances;
  readonly digest: string;
  /** The hold that had set it aside, and that it settles; left out before there were holds. */
  readonly authorizationId?: string;
}

export interface RechargeDisputed {
  readonly type: 'RechargeDisputed';
  readonly occurredAt: string;
  readonly rulebook: number;
  readonly disputeId: string;
  readonly rechargeId: string;
  readonly currency: string;
  /** What is disputed, in the currency paid, and the same in the wallet's. */
  readonly disputed: { readonly amount: string; readonly currency: string };
  readonly amount: string;
  /** Of a foreign payment units of the wallet's currency per unit paid, as its recharge shows them. Left out of any other, and before it was kept. */
  readonly fxRate?: string;
  /** The recharge's lot, and what of it is frozen. */
  readonly lot: number;
  readonly frozen: string;
  readonly wallet: string;
  readonly receivable: string;
  /** Balances of the pools after it; left out where the account never had a plan. */
  readonly pools?: PoolBalances;
  /** What of the wallet all disputes have frozen, after this. */
  readonly walletFrozen: string;
  readonly digest: string;
}

export interface DisputeClosed {
  readonly type: 'DisputeClosed';
  readonly occurredAt: string;
  readonly rulebook: number;
  readonly disputeId: string;
  readonly rechargeId: string;
  readonly provider: string;
  readonly currency: string;
  readonly outcome: 'won' | 'lost';
  readonly disputed: { readonly amount: string; readonly currency: string };
  readonly amount: string;
  /** The recharge's lot, and what of it was frozen until now; of a lost dispute it is taken back. */
  readonly lot: number;
  readonly thawed: string;
  /** Of a dispute that was won: what of the thawed money settled the receivable. */
  readonly settled?: string;
  /** Of a lost one: what else was taken back, lot by lot, and what nothing covered. */
  readonly lots?: readonly LotAmount[];
  readonly owed?: string;
  /** The provider's fee in the currency paid, and the same in the wallet's; left out where there was none. */
  readonly fee?: { readonly paid: string; readonly amount: string };
  readonly wallet: string;
  readonly receivable: string;
  /** Balances of the pools after it; left out where the account never had a plan. */
  readonly pools?: PoolBalances;
  readonly walletFrozen: string;
  readonly digest: string;
}

export interface ReceivableWrittenOff {
  readonly type: 'ReceivableWrittenOff';
  readonly occurredAt: string;
  readonly rulebook: number;
  readonly writeOffId: string;
  readonly currency: string;
  readonly amount: string;
  readonly reason: string;
  readonly wallet: string;
  readonly receivable: string;
  /** Balances of the pools after it; left out where the account never had a plan. */
  readonly pools?: PoolBalances;
  readonly digest: string;
}
