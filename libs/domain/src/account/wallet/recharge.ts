import type { Decimal } from '../../amount/decimal';
import { add, compare, isPositive, max, min, subtract, toText, zero } from '../../amount/decimal';
import type { PublishedRulebook, Rulebook } from '../../rulebook/rulebook';
import type { Account } from '../account';
import type { Circumstances } from '../command';
import { circumstances, repeatOf } from '../command';
import type { CommandTime, Decision, Refused } from '../decision';
import { refused } from '../decision';
import type { WalletRecharged } from './events';
import { convert, exchangeOf, rateText } from './exchange';
import { poolsAfter } from '../subscription/pools-after';
import { opening } from '../standing/open';

export interface Recharge {
  readonly rechargeId: string;
  readonly provider: string;
  /** More than zero, in `currency`. */
  readonly amount: Decimal;
  readonly currency: string;
  readonly digest: string;
  readonly time: CommandTime;
}

/**
 * Takes in a payment: it settles what the account owes and fills a lot with the rest, in the wallet's currency. The first
 * one opens the account; a refused one opens nothing. Refused with `provider_unsupported`, `currency_unsupported` or
 * `below_minimum_recharge`, in this order.
 */
export function receiveRecharge(
  account: Account | undefined,
  recharge: Recharge,
  rulebooks: readonly PublishedRulebook[],
): Decision {
  const repeat = repeatOf(account, 'recharge', recharge.rechargeId, recharge.digest);
  if (repeat !== undefined) return repeat;
  const when = circumstances(account, recharge.time, rulebooks);
  if (when.kind === 'refused') return when;
  if (!isPositive(recharge.amount)) return refused('invalid_request', 'A recharge is more than nothing.');
  const credit = creditOf(recharge, when.version.rulebook);
  if (credit.kind === 'refused') return credit;

  if (account !== undefined) {
    const { wallet, receivable, recharges, lots, subscription } = account;
    const before = { wallet, receivable, recharges, lots: lots.length, subscription };
    return { kind: 'accepted', events: [recharged(recharge, credit, when, before)] };
  }
  const { events, wallet, lots } = opening(when);
  const before = {
    wallet,
    receivable: zero,
    recharges: { count: 0, largest: zero, cumulative: zero },
    lots,
    subscription: null,
  };
  return { kind: 'accepted', events: [...events, recharged(recharge, credit, when, before)] };
}

interface Credit {
  readonly kind: 'credit';
  readonly credited: Decimal;
  readonly fxRate: string | null;
}

/** What a payment is worth in the wallet's currency, if it may be taken. */
function creditOf({ provider, amount, currency }: Recharge, rulebook: Rulebook): Credit | Refused {
  const terms = rulebook.providers.get(provider);
  if (terms === undefined) return refused('provider_unsupported', `${provider} is no provider of this platform.`);
  const exchange = exchangeOf(rulebook, currency, rulebook.currency);
  if (exchange === undefined) return refused('currency_unsupported', `There is no rate for ${currency}.`);
  const isForeign = currency !== rulebook.currency;
  const credited = isForeign ? convert(amount, exchange, rulebook.rounding) : amount;
  const least = terms.minimumRecharge ?? zero;
  if (!isPositive(credited) || compare(credited, least) < 0) {
    const detail = `A recharge by ${provider} is at least ${toText(least)} ${rulebook.currency} and more than nothing.`;
    return refused('below_minimum_recharge', detail);
  }
  return { kind: 'credit', credited, fxRate: isForeign ? rateText(exchange) : null };
}

interface Before extends Pick<Account, 'wallet' | 'receivable' | 'recharges' | 'subscription'> {
  readonly lots: number;
}

function recharged(
  { rechargeId, provider, amount, currency, digest }: Recharge,
  { credited, fxRate }: Credit,
  { occurredAt, version }: Circumstances,
  { wallet, receivable, recharges, lots, subscription }: Before,
): WalletRecharged {
  const settled = min(credited, receivable);
  return {
    type: 'WalletRecharged',
    occurredAt,
    rulebook: version.version,
    rechargeId,
    provider,
    currency: version.rulebook.currency,
    credited: toText(credited),
    paid: { amount: toText(amount), currency },
    fxRate,
    lot: lots,
    settled: toText(settled),
    recharges: {
      count: recharges.count + 1,
      largest: toText(max(recharges.largest, credited)),
      cumulative: toText(add(recharges.cumulative, credited)),
    },
    wallet: toText(subtract(add(wallet, credited), settled)),
    receivable: toText(subtract(receivable, settled)),
    ...poolsAfter({ subscription }),
    digest,
  };
}
