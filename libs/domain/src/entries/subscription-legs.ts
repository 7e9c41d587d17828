import type { Decimal } from '../amount/decimal';
import { add, decimal, negate, subtract, zero } from '../amount/decimal';
import type {
  PlanSwitched,
  PoolCredits,
  SubscriptionRenewed,
  SubscriptionStarted,
} from '../account/subscription/events';
import { earned } from '../account/subscription/fee';
import { lapsed } from '../account/subscription/pools';
import type { Subscription } from '../account/subscription/subscription';
import type { Posting } from './legs';
import { CREDIT, legs, receivableOf, walletOf } from './legs';

/** A period that was paid: its fee is not earned yet, and its credits are issued. */
export function periodLegs(
  { provider, currency, period: { price, main, backup } }: SubscriptionStarted | SubscriptionRenewed,
  account: string,
): Posting[] {
  const fee = decimal(price);
  return [
    ...legs(currency, [
      [`assets:cash:${provider}`, fee],
      [deferredOf(account), negate(fee)],
    ]),
    ...issueLegs(credits(main), credits(backup), zero, zero, account),
  ];
}

/** A switch: the new period as any other, the credit of the old fee into the wallet, and what was left of the old pools. */
export function switchLegs(event: PlanSwitched, account: string): Posting[] {
  const { provider, currency, period } = event;
  const fee = decimal(period.price);
  const credit = decimal(event.credit);
  const settled = decimal(event.settled);
  return [
    ...legs(currency, [
      [`assets:cash:${provider}`, fee],
      [deferredOf(account), subtract(credit, fee)],
      [receivableOf(account), negate(settled)],
      [walletOf(account), subtract(settled, credit)],
    ]),
    ...issueLegs(
      credits(period.main),
      credits(period.backup),
      decimal(event.lapsed[0]),
      decimal(event.lapsed[1]),
      account,
    ),
  ];
}

/** What charges drew from the pools. */
export function drawLegs(drawn: readonly (PoolCredits | undefined)[], account: string): Posting[] {
  let main = zero;
  let backup = zero;
  for (const each of drawn) {
    if (each === undefined) continue;
    main = add(main, decimal(each[1]));
    backup = add(backup, decimal(each[2]));
  }
  return legs(CREDIT, [
    [mainOf(account), main],
    [backupOf(account), backup],
    ['pools:consumed', negate(add(main, backup))],
  ]);
}

/** What the pools regained. */
export function regainLegs(regained: PoolCredits | undefined, account: string): Posting[] {
  return drawLegs([regained], account).map((leg) => ({ ...leg, amount: negate(leg.amount) }));
}

/**
 * What time alone has made of plans by an instant (milliseconds since 1970): the part of the fees that is earned, and the
 * credits that have lapsed. Derived whenever it is asked about, and never booked.
 */
export function subscriptionPostings(
  subscription: Subscription,
  currency: string,
  account: string,
  asOfMs: number,
): readonly Posting[] {
  const fee = earned(subscription, asOfMs);
  const { main, backup } = lapsed(subscription, asOfMs);
  return [
    ...legs(currency, [
      [deferredOf(account), fee],
      ['revenue:subscriptions', negate(fee)],
    ]),
    ...lapseLegs(main, backup, account),
  ];
}

/** What of the pools has lapsed, in credits. */
export function lapseLegs(main: Decimal, backup: Decimal, account: string): Posting[] {
  return issueLegs(zero, zero, main, backup, account);
}

export function deferredOf(account: string): string {
  return `liabilities:deferred:${account}`;
}

export function mainOf(account: string): string {
  return `pools:main:${account}`;
}

export function backupOf(account: string): string {
  return `pools:backup:${account}`;
}

/** Credits that were issued to the pools, and what of them lapsed. */
function issueLegs(
  main: Decimal,
  backup: Decimal,
  lapsedMain: Decimal,
  lapsedBackup: Decimal,
  account: string,
): Posting[] {
  return legs(CREDIT, [
    ['pools:issued', add(main, backup)],
    [mainOf(account), subtract(lapsedMain, main)],
    [backupOf(account), subtract(lapsedBackup, backup)],
    ['pools:expired', negate(add(lapsedMain, lapsedBackup))],
  ]);
}

function credits(text: string | undefined): Decimal {
  return decimal(text ?? '0');
}
