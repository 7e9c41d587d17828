/**
 * WARNING: every shape in this file is stored for ever. Add optional fields; never rename, retype or remove one.
 * `../events.ts` says what all of them keep to.
 */
import type { PoolBalances } from '../subscription/events';

/** What a lot gave or got: its number and the amount. */
export type LotAmount = readonly [lot: number, amount: string];

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
  /** Balances of the pools after it; left out where the account never had a plan. */
  readonly pools?: PoolBalances;
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
  /** Balances of the pools after it; left out where the account never had a plan. */
  readonly pools?: PoolBalances;
  readonly digest: string | null;
}
