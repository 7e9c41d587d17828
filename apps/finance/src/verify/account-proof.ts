import type { Account } from '@meterbook/domain/account/account';
import type { AccountEvent } from '@meterbook/domain/account/events';
import { evolve } from '@meterbook/domain/account/evolve';
import { frozenOf } from '@meterbook/domain/account/payments/payments';
import { receivableOf, walletOf } from '@meterbook/domain/entries/legs';
import { postingsOf } from '@meterbook/domain/entries/postings';
import {
  add,
  compare,
  isNegative,
  isZero,
  subtract,
  toText,
  zero,
  type Decimal,
} from '@meterbook/domain/amount/decimal';
import type { Position, StoredEvent } from '@meterbook/event-store/event-store';
import { toBooked } from '../projections/booked-event';

/** Folds one account again and throws at the first event that contradicts those before it. */
export class AccountProof {
  /** Undefined before the opening. */
  account: Account | undefined;
  /** Of the last event. */
  position: Position = '';
  /** Balances by the legs of the entries alone, beside what the fold of the lots comes to. */
  private wallet: Decimal = zero;
  private receivable: Decimal = zero;

  add(stored: StoredEvent): void {
    const { account: name, event } = toBooked(stored);
    this.account = evolve(this.account, event, stored.revision);
    this.book(event, name);
    this.position = stored.position;
    if (!('wallet' in event)) return;
    expectEqual('wallet', event.wallet, this.wallet);
    expectEqual('receivable', event.receivable ?? '0', this.receivable);
  }

  /** At the end: the lots and what is frozen, none of them negative, are what the entries come to. (That none gives more than it has is seen event by event.) */
  finish(): void {
    let sum = this.account ? frozenOf(this.account) : zero;
    if (isNegative(sum)) throw new Error('its frozen money is negative');
    for (const { lot, left } of this.account?.lots ?? []) {
      if (isNegative(left)) throw new Error(`lot ${lot} is negative`);
      sum = add(sum, left);
    }
    if (compare(sum, this.wallet) !== 0)
      throw new Error(`its lots and disputes hold ${toText(sum)}, its entries come to ${toText(this.wallet)}`);
  }

  private book(event: AccountEvent, name: string): void {
    const sums = new Map<string, Decimal>();
    for (const { ledgerAccount, commodity, amount } of postingsOf(event, name)) {
      sums.set(commodity, add(sums.get(commodity) ?? zero, amount));
      if (ledgerAccount === walletOf(name)) this.wallet = subtract(this.wallet, amount);
      else if (ledgerAccount === receivableOf(name)) this.receivable = add(this.receivable, amount);
    }
    for (const [commodity, sum] of sums)
      if (!isZero(sum)) throw new Error(`its entry is off by ${toText(sum)} ${commodity}`);
  }
}

function expectEqual(what: string, stated: string, found: Decimal): void {
  if (toText(found) !== stated)
    throw new Error(`it states the ${what} ${stated}, its entries come to ${toText(found)}`);
}
