import type { Decimal } from '../../amount/decimal';
import { add, negate, subtract } from '../../amount/decimal';
import type { MoneyBook } from '../../entries/lot-moves';
import { countFrozen, countWrittenOff } from '../payments/payments';
import { addLot, refillLot, takeFromLot } from './lots';
import type { Lot, Wallet } from './wallet';

/** What events move in a wallet: a lot gives no more than it has, and what cannot be throws. */
export const walletBook: MoneyBook<Wallet> = {
  open(wallet: Wallet, lot: Lot, settled: Decimal): void {
    addLot(wallet, { ...lot, left: subtract(lot.left, settled) });
    wallet.receivable = subtract(wallet.receivable, settled);
  },
  draw: takeFromLot,
  owe(wallet: Wallet, amount: Decimal): void {
    wallet.receivable = add(wallet.receivable, amount);
  },
  refill: refillLot,
  forgive(wallet: Wallet, amount: Decimal): void {
    wallet.receivable = subtract(wallet.receivable, amount);
  },
  settle(wallet: Wallet, lot: number, amount: Decimal): void {
    takeFromLot(wallet, lot, amount);
    wallet.receivable = subtract(wallet.receivable, amount);
  },
  freeze(wallet: Wallet, lot: number, amount: Decimal): void {
    takeFromLot(wallet, lot, amount);
    wallet.wallet = add(wallet.wallet, amount);
    countFrozen(wallet, amount);
  },
  thaw(wallet: Wallet, lot: number, amount: Decimal): void {
    refillLot(wallet, lot, amount);
    wallet.wallet = subtract(wallet.wallet, amount);
    countFrozen(wallet, negate(amount));
  },
  writeOff(wallet: Wallet, amount: Decimal): void {
    wallet.receivable = subtract(wallet.receivable, amount);
    countWrittenOff(wallet, amount);
  },
  writeBack(wallet: Wallet, amount: Decimal): void {
    countWrittenOff(wallet, negate(amount));
  },
};
