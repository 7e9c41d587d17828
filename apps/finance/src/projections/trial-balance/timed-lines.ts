import type { AccountEvent } from '@meterbook/domain/account/events';
import { CREDIT, walletOf } from '@meterbook/domain/entries/legs';
import { backupOf, deferredOf, mainOf } from '@meterbook/domain/entries/subscription-legs';
import {
  feeItemsAfter,
  poolItemsAfter,
  walletItemsAfter,
  type TimedItems,
} from '@meterbook/domain/entries/timed-items';

/** A line of an account of which an event changes what time alone will take. */
export interface TimedLine {
  readonly ledgerAccount: string;
  readonly commodity: string;
  readonly items: TimedItems;
}

/** What an event changes of what time alone will take, line by line; `known` tells what stood there before. */
export function timedLinesAfter(
  event: AccountEvent,
  account: string,
  known: (ledgerAccount: string, commodity: string) => TimedItems,
): TimedLine[] {
  // A recharge is a lot that never expires.
  if (!('wallet' in event) || event.type === 'WalletRecharged') return [];
  const changed: TimedLine[] = [];
  const change = (ledgerAccount: string, commodity: string, after: (items: TimedItems) => TimedItems): void => {
    const before = known(ledgerAccount, commodity);
    const items = after(before);
    if (items !== before) changed.push({ ledgerAccount, commodity, items });
  };
  change(walletOf(account), event.currency, (items) => walletItemsAfter(items, event));
  if (!changesPools(event)) return changed;
  change(mainOf(account), CREDIT, (items) => poolItemsAfter(items, event, 'main'));
  change(backupOf(account), CREDIT, (items) => poolItemsAfter(items, event, 'backup'));
  change(deferredOf(account), event.currency, (items) => feeItemsAfter(items, event));
  return changed;
}

function changesPools(event: AccountEvent): boolean {
  if ('period' in event) return true;
  if (event.type === 'UsageCharged') return event.charges.some(({ credits }) => credits !== undefined);
  return event.type === 'UsageReversed' && event.credits !== undefined;
}
