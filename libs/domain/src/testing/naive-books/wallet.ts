import type { Books, Lot } from './books';
import { lotOfRecharge } from './books';
import type { OfLot } from './facts';
import type { Money } from './money';
import { least, sum } from './money';
import type { NaiveRules } from './rules';

/** How much of each lot is frozen: what an open dispute found there (SPEC §5). */
export function frozenOf(books: Books, n: number): Money {
  const open = [...books.disputes.values()].filter(({ outcome }) => outcome === 'open');
  const ofIt = open.filter(({ recharge }) => lotOfRecharge(books, recharge) === n);
  return sum(ofIt.map(({ frozen }) => frozen));
}

/** What of a lot may be drawn: neither gone nor frozen. */
export function freeOf(books: Books, lot: Lot): Money {
  const free = lot.left - frozenOf(books, lot.n);
  return free > 0n ? free : 0n;
}

export function hasExpired({ expires }: Lot, at: number): boolean {
  return expires !== null && expires <= at;
}

/** Lots in the order in which they burn: earliest expiry, granted before paid, oldest, id. */
export function inBurnOrder(lots: Iterable<Lot>): Lot[] {
  return [...lots].sort(
    (a, b) =>
      compare(a.expires ?? Infinity, b.expires ?? Infinity) ||
      compare(Number(a.isPaid), Number(b.isPaid)) ||
      compare(a.at, b.at) ||
      compare(a.id, b.id) ||
      compare(a.n, b.n),
  );
}

function compare<T>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Lots that may pay for what occurred at an instant, and how much each may give. */
export function mayGive(books: Books, at: number): OfLot[] {
  return inBurnOrder(books.lots.values())
    .filter((lot) => !hasExpired(lot, at))
    .map((lot): OfLot => [lot.n, freeOf(books, lot)])
    .filter(([, free]) => free > 0n);
}

/** An amount taken from lots in their order, as far as it goes. */
export function take(from: readonly OfLot[], amount: Money): OfLot[] {
  const taken: OfLot[] = [];
  let rest = amount;
  for (const [n, free] of from) {
    const part = least(free, rest);
    if (part > 0n) taken.push([n, part]);
    rest -= part;
  }
  return taken;
}

export function total(lots: readonly OfLot[]): Money {
  return sum(lots.map(([, amount]) => amount));
}

/** Whether the wallet may pay at all. */
export function mayDraw(books: Books, rules: NaiveRules): boolean {
  return !rules.wallet.requiresOptIn || books.payAsYouGo === true;
}

/** What stands in the wallet at an instant: what has expired by then is gone. */
export function walletAt(books: Books, at: number): Money {
  const lots = [...books.lots.values()].filter((lot) => !hasExpired(lot, at));
  return sum(lots.map(({ n, left }) => most(left, frozenOf(books, n)))) + books.unowed;
}

/** What is owed; as of an instant also what lots gave that was not there yet, or that was frozen then. */
export function owedOf(books: Books): Money {
  const short = [...books.lots.values()].map(({ n, left }) => most(frozenOf(books, n) - left, 0n));
  return books.owed + sum(short);
}

function most(a: Money, b: Money): Money {
  return a > b ? a : b;
}
