import type { Decimal } from '../amount/decimal';
import { isNegative, toText } from '../amount/decimal';
import type { Account } from './account';
import type { AccountEvent } from './events';
import { frozenOf } from './payments/payments';
import { apply, opened } from './fold';
import { faultAfter } from './subscription/apply-subscription';
import type { Subscription } from './subscription/subscription';

/**
 * The account after one more of its events, changed in place. It throws on what cannot be, so that corrupt data is found
 * where it is read: a gap in the revisions, a lot that gives more than it has, balances other than those the event states.
 */
export function evolve(account: Account | undefined, event: AccountEvent, revision: number): Account {
  if (event.type === 'AccountOpened') {
    if (account !== undefined) throw new Error(`opened again at revision ${revision}`);
    return opened(event, revision);
  }
  if (account === undefined) throw new Error(`${event.type} before the opening`);
  if (revision !== account.revision + 1) throw new Error(`revision ${revision} after ${account.revision}`);
  apply(account, event, revision);
  if ('wallet' in event) {
    checkBalance('wallet', account.wallet, event.wallet, revision);
    checkBalance('receivable', account.receivable, event.receivable ?? '0', revision);
    if (account.subscription !== null) checkPools(account.subscription, event, revision);
    else if ('pools' in event) throw new Error(`revision ${revision} states pools of an account without a plan`);
    if ('walletFrozen' in event) checkBalance('frozen money', frozenOf(account), event.walletFrozen, revision);
  }
  return account;
}

/** Events of other releases may not state the pools. */
function checkPools(subscription: Subscription, event: AccountEvent, revision: number): void {
  const fault = faultAfter(subscription, event);
  if (fault !== undefined) throw new Error(`revision ${revision}: ${fault}`);
  const stated = 'pools' in event ? event.pools : undefined;
  if (stated === undefined) return;
  checkBalance('main pool', subscription.booked.main, stated[0], revision);
  checkBalance('backup pool', subscription.booked.backup, stated[1], revision);
}

function checkBalance(name: string, folded: Decimal, stated: string, revision: number): void {
  if (isNegative(folded) || toText(folded) !== stated) {
    throw new Error(`revision ${revision} states the ${name} ${stated}, its events come to ${toText(folded)}`);
  }
}
