import { add, decimal, toText, zero } from '../../amount/decimal';
import type { Account } from '../account';
import type { PaidPeriod, PoolBalances } from './events';

/** What every event that moves an account's money says of its pools: their balances, where it ever had a plan. */
export function poolsAfter({ subscription }: Pick<Account, 'subscription'>): { readonly pools?: PoolBalances } {
  if (subscription === null) return {};
  return { pools: [toText(subscription.booked.main), toText(subscription.booked.backup)] };
}

/** Balances of the pools after a period was paid. */
export function poolsWith({ subscription }: Pick<Account, 'subscription'>, { main, backup }: PaidPeriod): PoolBalances {
  const booked = subscription?.booked ?? { main: zero, backup: zero };
  return [toText(add(booked.main, decimal(main ?? '0'))), toText(add(booked.backup, decimal(backup ?? '0')))];
}
