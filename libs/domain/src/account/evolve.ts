import type { Decimal } from '../amount/decimal';
import { isNegative, toText } from '../amount/decimal';
import type { Account } from './account';
import type { AccountEvent } from './events';
import { apply, opened } from './fold';

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
  }
  return account;
}

function checkBalance(name: string, folded: Decimal, stated: string, revision: number): void {
  if (isNegative(folded) || toText(folded) !== stated) {
    throw new Error(`revision ${revision} states the ${name} ${stated}, its events come to ${toText(folded)}`);
  }
}
