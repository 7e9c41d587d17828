import type { Decimal } from '../../amount/decimal';
import { add, compare, isPositive, isZero, min, subtract, toText, zero } from '../../amount/decimal';
import type { LotAmount } from './events';
import type { Lot, Wallet } from './wallet';

/**
 * Lots that one charge or one settlement takes from. Who owns more of them has them in crumbs; what they do not cover is owed
 * as if they were not there, so that no event grows with the number of lots an account has (decision 0011).
 */
export const MAX_LOTS_PER_DRAW = 2000;

/** Burn order, total: earliest expiry (none is last), granted before paid, oldest, id, and at last the lot's own number (SPEC §5). */
export function compareLots(a: Lot, b: Lot): number {
  if (a.expiresAt !== b.expiresAt) return (a.expiresAt ?? Infinity) < (b.expiresAt ?? Infinity) ? -1 : 1;
  if (a.kind !== b.kind) return a.kind === 'granted' ? -1 : 1;
  if (a.occurredAt !== b.occurredAt) return a.occurredAt - b.occurredAt;
  if (a.id !== b.id) return a.id < b.id ? -1 : 1;
  return a.lot - b.lot;
}

/** Whether a lot pays for what occurs at an instant: only what occurs before its expiry. */
export function serves(lot: Lot, atMs: number): boolean {
  return lot.expiresAt === null || lot.expiresAt > atMs;
}

/**
 * Index of the first lot from `start` on that serves an instant. Burn order goes by expiry first, so all after it do too,
 * and the expired lots in front, of which there may be many, are never walked over.
 */
export function firstServing(burnOrder: readonly Lot[], atMs: number, start: number): number {
  const next = burnOrder[start];
  if (next === undefined || serves(next, atMs)) return start;
  let low = start + 1;
  let high = burnOrder.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const lot = burnOrder[middle];
    if (lot !== undefined && !serves(lot, atMs)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** What the wallet has for something that occurs at an instant: the booked balance less what has expired by then. */
export function walletAt({ wallet, burnOrder }: Pick<Wallet, 'wallet' | 'burnOrder'>, atMs: number): Decimal {
  let served = wallet;
  for (const lot of burnOrder) {
    if (serves(lot, atMs)) break;
    served = subtract(served, lot.left);
  }
  return served;
}

/** Which lots give an amount, as far as they reach, and what that comes to; at most `MAX_LOTS_PER_DRAW`. It changes nothing. */
export function planDraw(
  burnOrder: readonly Lot[],
  amount: Decimal,
  atMs: number,
): { lots: LotAmount[]; drawn: Decimal } {
  const lots: LotAmount[] = [];
  let drawn = zero;
  for (let index = firstServing(burnOrder, atMs, 0); index < burnOrder.length; index++) {
    const lot = burnOrder[index];
    const rest = subtract(amount, drawn);
    if (lot === undefined || !isPositive(rest) || lots.length >= MAX_LOTS_PER_DRAW) break;
    const taken = min(lot.left, rest);
    lots.push([lot.lot, toText(taken)]);
    drawn = add(drawn, taken);
  }
  return { lots, drawn };
}

/** Puts a new lot into the wallet; its number has to be the next one. */
export function addLot(wallet: Wallet, lot: Lot): void {
  if (lot.lot !== wallet.lots.length) throw new Error(`lot ${lot.lot} after ${wallet.lots.length} lots`);
  if (wallet.lots.length === 0) wallet.lots = [lot];
  else wallet.lots.push(lot);
  wallet.wallet = add(wallet.wallet, lot.left);
  if (isPositive(lot.left)) enqueue(wallet, lot);
}

export function takeFromLot(wallet: Wallet, lotNumber: number, amount: Decimal): void {
  const lot = lotOf(wallet, lotNumber);
  if (compare(amount, lot.left) > 0) throw new Error(`lot ${lotNumber} has ${toText(lot.left)}, not ${toText(amount)}`);
  lot.left = subtract(lot.left, amount);
  wallet.wallet = subtract(wallet.wallet, amount);
  if (isZero(lot.left)) dequeue(wallet, lot);
}

/** Gives back to a lot what it gave; an emptied lot burns again in its old place. */
export function refillLot(wallet: Wallet, lotNumber: number, amount: Decimal): void {
  const lot = lotOf(wallet, lotNumber);
  const wasEmpty = isZero(lot.left);
  lot.left = add(lot.left, amount);
  wallet.wallet = add(wallet.wallet, amount);
  if (wasEmpty && isPositive(lot.left)) enqueue(wallet, lot);
}

export function lotOf(wallet: Wallet, lotNumber: number): Lot {
  const lot = wallet.lots[lotNumber];
  if (lot === undefined) throw new Error(`no lot ${lotNumber}`);
  return lot;
}

/** The index of the lot in burn order, or where it belongs. */
function place(burnOrder: readonly Lot[], lot: Lot): number {
  let low = 0;
  let high = burnOrder.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = burnOrder[middle];
    if (other !== undefined && compareLots(other, lot) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A list of one is made as such: one that grows by itself has room for sixteen more, which most of a million accounts never have. */
function enqueue(wallet: Wallet, lot: Lot): void {
  const { burnOrder } = wallet;
  if (burnOrder.length === 0) wallet.burnOrder = [lot];
  else burnOrder.splice(place(burnOrder, lot), 0, lot);
}

function dequeue({ burnOrder }: Wallet, lot: Lot): void {
  const index = burnOrder[0] === lot ? 0 : place(burnOrder, lot);
  if (burnOrder[index] === lot) burnOrder.splice(index, 1);
}
