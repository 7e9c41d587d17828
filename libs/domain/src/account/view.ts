import { availableAt } from '../access/available';
import type { Decimal } from '../amount/decimal';
import { decimal, toText, zero } from '../amount/decimal';
import type { Rulebook } from '../rulebook/rulebook';
import { tierOf } from '../rulebook/tiers';
import type { Account } from './account';
import { frozenOf } from './payments/payments';
import { tierAt } from './standing/tier-at';
import type { PoolsView, SubscriptionView } from './subscription/view';
import { viewPools, viewSubscription } from './subscription/view';
import type { Limits } from './standing/events';
import { convert, exchangeOf, rateText } from './wallet/exchange';
import { walletAt } from './wallet/lots';

/** The account's part of the answer of `GET accounts/{a}`; platform and account name are the caller's to add. */
export interface AccountView {
  readonly tier: string;
  readonly priority: { readonly level: number; readonly name: string };
  readonly currency: string;
  readonly wallet: string;
  readonly frozen: string;
  readonly held: string;
  readonly available: string;
  readonly receivable: string;
  readonly payAsYouGo: boolean;
  readonly pools: PoolsView;
  readonly subscription: SubscriptionView | null;
  readonly customMultiplier: string | null;
  readonly limits: Limits | null;
  readonly suspended: boolean;
  readonly revision: number;
}

export interface DisplayedMoney {
  readonly currency: string;
  readonly rate: string;
  readonly wallet: string;
  readonly available: string;
  readonly receivable: string;
}

const toTheCent = { scale: 2, mode: 'half-up' } as const;

/**
 * The account as it stands at an instant: what has expired by then is gone. `available` is what it may spend; frozen money is in
 * `wallet` and not in it, and so is what live holds have set aside.
 */
export function viewAccount(account: Account, rulebook: Rulebook, nowMs: number, held: Decimal = zero): AccountView {
  const wallet = walletAt(account, nowMs);
  const frozen = frozenOf(account);
  const tier = tierAt(account, rulebook, nowMs);
  const { customMultiplier } = account.standing;
  const { priority } = tierOf(rulebook, tier);
  return {
    tier,
    priority: { level: priority.level, name: priority.name },
    currency: account.currency,
    wallet: toText(wallet),
    frozen: toText(frozen),
    held: toText(held),
    available: toText(availableAt(account, rulebook, held, nowMs)),
    receivable: toText(account.receivable),
    payAsYouGo: account.standing.payAsYouGo ?? false,
    pools: viewPools(account.subscription, nowMs),
    subscription: viewSubscription(account.subscription, nowMs),
    customMultiplier: customMultiplier === null ? null : toText(customMultiplier),
    limits: account.standing.limits,
    suspended: account.standing.suspended,
    revision: account.revision,
  };
}

/** Money of a view in another currency, half-up to the cent; nothing underneath changes. Undefined where the rulebook quotes no rate (`currency_unsupported`). */
export function inDisplayCurrency(
  view: Pick<AccountView, 'currency' | 'wallet' | 'available' | 'receivable'>,
  currency: string,
  rulebook: Rulebook,
): DisplayedMoney | undefined {
  const exchange = exchangeOf(rulebook, view.currency, currency);
  if (exchange === undefined) return undefined;
  const shown = (amount: string): string => toText(convert(decimal(amount), exchange, toTheCent));
  return {
    currency,
    rate: rateText(exchange),
    wallet: shown(view.wallet),
    available: shown(view.available),
    receivable: shown(view.receivable),
  };
}
