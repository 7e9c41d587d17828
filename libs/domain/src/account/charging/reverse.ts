import type { Decimal } from '../../amount/decimal';
import { add, decimal, isPositive, isZero, min, subtract, toText, zero } from '../../amount/decimal';
import { formatInstant, storedInstant } from '../../time/instant';
import type { Account } from '../account';
import { commandInstant, repeatOf, unknownAccount } from '../command';
import type { CommandTime, Decision } from '../decision';
import { accepted, refused } from '../decision';
import { writtenOffOf } from '../payments/payments';
import type { CreditsBack } from '../subscription/give-back';
import { creditsBack } from '../subscription/give-back';
import type { Charge, ReversedCharge, UsageReversed } from './events';
import type { LotAmount } from '../wallet/events';
import { compareLots, lotOf, serves } from '../wallet/lots';
import type { Lot } from '../wallet/wallet';

export interface Reversal {
  readonly reversalId: string;
  readonly source: string;
  readonly id: string;
  readonly reason: string;
  readonly digest: string;
  readonly time: CommandTime;
}

/** Where a charge stands. */
export interface FoundCharge {
  readonly charge: Charge;
  /** Revision of its `UsageCharged` in the account's stream. */
  readonly revision: number;
  readonly index: number;
}

/**
 * Undoes one charge. Each source gets back what it gave as far as it still exists: lots are refilled, what the account owes
 * shrinks, and then what it was written off (decision 0050). The rest becomes a granted lot, and what comes back settles what
 * is owed otherwise. It never occurs before its charge. Refused with `unknown_charge`, or `already_reversed`.
 */
export function reverseCharge(
  account: Account | undefined,
  { reversalId, source, id, reason, digest, time }: Reversal,
  found: FoundCharge | undefined,
): Decision {
  if (account === undefined) return unknownAccount;
  const repeat = repeatOf(account, 'reversal', reversalId, digest);
  if (repeat !== undefined) return repeat;
  const atMs = commandInstant(account, time, found === undefined ? undefined : storedInstant(found.charge.occurredAt));
  if (typeof atMs !== 'number') return atMs;
  if (found === undefined) return refused('unknown_charge', `The account has no charge ${id} of ${source}.`);
  const { charge, revision, index } = found;
  if (account.reversed?.has(`${revision}/${index}`) === true) {
    return refused('already_reversed', `The charge ${id} of ${source} was reversed before.`);
  }
  const event: UsageReversed = {
    type: 'UsageReversed',
    occurredAt: formatInstant(atMs),
    reversalId,
    source,
    id,
    reason,
    charge: { revision, index },
    chargeOccurredAt: charge.occurredAt,
    charged: reversedCharge(charge),
    currency: account.currency,
    amount: charge.amount,
    ...giveBack(account, spentBy(account, charge, atMs), atMs),
    digest,
  };
  return accepted(event);
}

function reversedCharge(charge: Charge): ReversedCharge {
  const { model, apiKeyId, channel, tier, group, units, labels, plan } = charge;
  return {
    model,
    ...(apiKeyId !== undefined && { apiKeyId }),
    ...(channel !== undefined && { channel }),
    tier,
    group,
    ...(plan !== undefined && { plan }),
    units,
    ...(labels !== undefined && { labels }),
  };
}

/** What a charge took, by what can be done about it now. */
interface Spent {
  /** From lots that still serve. */
  readonly lots: readonly LotAmount[];
  /** From lots that have expired since. */
  readonly expired: Decimal;
  readonly owed: Decimal;
  readonly credits: CreditsBack;
}

function spentBy(account: Account, charge: Charge, atMs: number): Spent {
  const lots: LotAmount[] = [];
  let expired = zero;
  for (const [lot, amount] of charge.lots ?? []) {
    if (serves(lotOf(account, lot), atMs)) lots.push([lot, amount]);
    else expired = add(expired, decimal(amount));
  }
  const owed = charge.owed === undefined ? zero : decimal(charge.owed);
  return { lots, expired, owed, credits: creditsBack(account, charge, atMs) };
}

type GivenBack = Pick<
  UsageReversed,
  'lots' | 'forgiven' | 'writtenOff' | 'granted' | 'settledFrom' | 'wallet' | 'receivable'
> &
  CreditsBack['told'];

/** Where what was spent goes back to at an instant, and the balances after it. */
function giveBack(account: Account, { lots, expired, owed, credits }: Spent, atMs: number): GivenBack {
  const forgiven = min(owed, account.receivable);
  const writtenOff = min(subtract(owed, forgiven), writtenOffOf(account));
  const settledBack = subtract(owed, add(forgiven, writtenOff));
  const stillOwed = subtract(account.receivable, forgiven);
  const grantedLot: Lot = {
    lot: account.lots.length,
    kind: 'granted',
    id: '',
    occurredAt: atMs,
    expiresAt: null,
    left: add(settledBack, add(expired, credits.gone)),
  };
  const back = lots.map(([lot, amount]): [Lot, Decimal] => [lotOf(account, lot), decimal(amount)]);
  if (isPositive(grantedLot.left)) back.push([grantedLot, grantedLot.left]);
  const total = back.reduce((sum, [, amount]) => add(sum, amount), zero);
  const settled = min(stillOwed, total);
  return {
    lots,
    forgiven: toText(forgiven),
    ...(isPositive(writtenOff) && { writtenOff: toText(writtenOff) }),
    granted: isPositive(grantedLot.left) ? grantedAnew(grantedLot.lot, settledBack, expired, credits.gone) : null,
    settledFrom: takeInBurnOrder(back, settled),
    ...credits.told,
    wallet: toText(subtract(add(account.wallet, total), settled)),
    receivable: toText(subtract(stillOwed, settled)),
  };
}

function grantedAnew(
  lot: number,
  settledBack: Decimal,
  expired: Decimal,
  poolsGone: Decimal,
): UsageReversed['granted'] {
  return {
    lot,
    settledBack: toText(settledBack),
    promoted: toText(poolsGone),
    ...(isPositive(expired) && { expired: toText(expired) }),
  };
}

function takeInBurnOrder(back: readonly (readonly [Lot, Decimal])[], amount: Decimal): LotAmount[] {
  const taken: LotAmount[] = [];
  let rest = amount;
  for (const [lot, returned] of [...back].sort(([a], [b]) => compareLots(a, b))) {
    if (isZero(rest)) break;
    const part = min(returned, rest);
    taken.push([lot.lot, toText(part)]);
    rest = subtract(rest, part);
  }
  return taken;
}
