import type { Decimal } from '../amount/decimal';
import { add, decimal, isZero, negate, subtract, zero } from '../amount/decimal';
import type { PaidPeriod, PlanSwitched, PoolCredits, SubscriptionRenewed } from '../account/subscription/events';
import { earnedOf, type Fee } from '../account/subscription/fee';
import type { PoolName } from '../account/subscription/subscription';
import type { AccountEvent } from '../account/events';
import type { Lot } from '../account/wallet/wallet';
import { storedInstant } from '../time/instant';
import type { MoneyBook } from './lot-moves';
import { moveMoney } from './lot-moves';

/**
 * What time alone will take from a ledger line of an account, kept with the line: so that what it has taken by any instant is told
 * without a look at the account's events. Each event only adds to it; none is ever lost, so that late usage finds what it draws on.
 */
export interface TimedItems {
  /** Of a wallet its lots that expire, of a pool what each of its grants has left. By number. */
  readonly lapses: readonly Lapse[];
  /** Of deferred revenue, the fees. */
  readonly fees: readonly Fee[];
  /** Of a wallet the numbers of its granted lots that never expire: with those that do, all that were granted. Absent without any. */
  readonly lasting?: readonly number[];
}

/** What is left of a grant, and lapses. */
export interface Lapse {
  /** Of a lot its own, of a pool's grant that of the first period that holds it. */
  readonly number: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly left: Decimal;
  /** Of a pool that was carried on late: when it had lapsed nevertheless, as of what had occurred by then. Absent where it never had. */
  readonly gaps?: readonly Gap[];
}

/** From the end of a period until the renewal that carried its pool on. Instants are milliseconds since 1970. */
export interface Gap {
  /** The last period before it: what usage of that one and of earlier ones draws is drawn before it. */
  readonly period: number;
  readonly from: number;
  readonly to: number;
  readonly left: Decimal;
}

/** Of a line that time alone never changes. */
export const noTimedItems: TimedItems = { lapses: [], fees: [] };

/** What time alone has taken from a line by an instant: what has lapsed, and what is earned. */
export function takenBy({ lapses, fees }: TimedItems, atMs: number): Decimal {
  let taken = zero;
  for (const { at, left } of lapses) if (at <= atMs) taken = add(taken, left);
  for (const fee of fees) taken = add(taken, earnedOf(fee, atMs));
  return taken;
}

/**
 * The same by what had occurred by then, whenever it was booked; the items are those of all that is booked. All that draws on a
 * lot or on a pool occurs before it lapses, so that what is left of it now is what lapsed then.
 */
export function takenByOccurred(items: TimedItems, atMs: number): Decimal {
  let taken = takenBy(items, atMs);
  for (const { gaps = [] } of items.lapses)
    for (const { from, to, left } of gaps) if (from <= atMs && atMs < to) taken = add(taken, left);
  return taken;
}

/** The expiring lots of a wallet after an event; the same items where it changes none of them. */
export function walletItemsAfter(items: TimedItems, event: AccountEvent): TimedItems {
  const opens = event.type === 'CreditGranted' || (event.type === 'UsageReversed' && event.granted !== null);
  if (items.lapses.length === 0 && !opens) return items;
  const kept: Kept = { lapses: items.lapses, moved: null, lasting: null };
  moveMoney(event, expiring, kept);
  const lapses = movedBy(kept);
  if (kept.lasting !== null) return { ...items, lapses, lasting: [...(items.lasting ?? []), kept.lasting] };
  return lapses === items.lapses ? items : { ...items, lapses };
}

/** Whether a lot of a wallet was granted and not paid for. */
export function isGrantedLot({ lapses, lasting }: TimedItems, lot: number): boolean {
  return lasting?.includes(lot) === true || lapses.some(({ number }) => number === lot);
}

/** Whether any of them was. */
export function hasGrantedLots({ lapses, lasting }: TimedItems): boolean {
  return lapses.length > 0 || lasting !== undefined;
}

/** The grants of a pool after an event; the same items where it changes none of them. */
export function poolItemsAfter(items: TimedItems, event: AccountEvent, name: PoolName): TimedItems {
  const kept: Kept = { lapses: items.lapses, moved: null, lasting: null };
  if ('period' in event) {
    if (event.type === 'PlanSwitched') kept.lapses = emptied(kept.lapses, storedInstant(event.occurredAt));
    const isCarried = event.type === 'SubscriptionRenewed' && carriedOf(event.period, name) !== undefined;
    kept.lapses = isCarried ? carriedOn(kept.lapses, event, name) : granted(kept.lapses, event.period, name);
  } else if (event.type === 'UsageCharged') {
    for (const { credits } of event.charges) if (credits) takeCredits(kept, credits, name);
  } else if (event.type === 'UsageReversed' && event.credits) {
    takeCredits(kept, event.credits, name, 'back');
  }
  const lapses = movedBy(kept);
  return lapses === items.lapses ? items : { ...items, lapses };
}

/** The fees of an account after an event; the same items where it changes none of them. */
export function feeItemsAfter(items: TimedItems, event: AccountEvent): TimedItems {
  if (!('period' in event)) return items;
  const before = event.type === 'PlanSwitched' ? endedBy(event, items.fees) : items.fees;
  const { price, from, to, scale } = event.period;
  const fee: Fee = {
    price: decimal(price),
    from: storedInstant(from),
    to: storedInstant(to),
    scale,
    switchedAt: null,
    credited: zero,
  };
  return { ...items, fees: isZero(fee.price) ? before : [...before, fee] };
}

interface Kept {
  lapses: readonly Lapse[];
  /** What was moved of them, by their number. */
  moved: Map<number, Decimal> | null;
  /** A granted lot that never expires, which the event opens. */
  lasting: number | null;
}

/** The book of the lots that expire; what is owed is another line's. */
const expiring: MoneyBook<Kept> = {
  open(kept: Kept, { lot, kind, expiresAt, left }: Lot, settled: Decimal): void {
    if (expiresAt === null) {
      if (kind === 'granted') kept.lasting = lot;
      return;
    }
    kept.lapses = [...kept.lapses, { number: lot, at: expiresAt, left: subtract(left, settled) }];
  },
  draw: take,
  refill: move,
  settle: take,
  owe: nothing,
  forgive: nothing,
  freeze: take,
  thaw: move,
  writeOff: nothing,
  writeBack: nothing,
};

function take(kept: Kept, number: number, amount: Decimal): void {
  move(kept, number, negate(amount));
}

function move(kept: Kept, number: number, amount: Decimal): void {
  if (!kept.lapses.some((lapse) => lapse.number === number)) return;
  kept.moved ??= new Map<number, Decimal>();
  kept.moved.set(number, add(kept.moved.get(number) ?? zero, amount));
}

function nothing(): void {
  // What is owed expires never.
}

function movedBy({ lapses, moved }: Kept): readonly Lapse[] {
  if (moved === null) return lapses;
  return lapses.map((lapse) => {
    const change = moved.get(lapse.number);
    return change ? { ...lapse, left: add(lapse.left, change) } : lapse;
  });
}

function takeCredits(
  kept: Kept,
  [period, main, backup]: PoolCredits,
  name: PoolName,
  way: 'out' | 'back' = 'out',
): void {
  const grant = kept.lapses.findLast(({ number }) => number <= period);
  const credits = decimal(name === 'main' ? main : backup);
  if (!grant || isZero(credits)) return;
  move(kept, grant.number, way === 'out' ? negate(credits) : credits);
  // What comes back comes back to the period that runs, and so after every gap.
  if (way === 'out' && grant.gaps) kept.lapses = lateUsage(kept.lapses, grant, period, credits);
}

/** Late usage of a period is drawn before the gaps that follow it. */
function lateUsage(lapses: readonly Lapse[], grant: Lapse, period: number, credits: Decimal): readonly Lapse[] {
  const gaps = (grant.gaps ?? []).map((gap) =>
    period <= gap.period ? { ...gap, left: subtract(gap.left, credits) } : gap,
  );
  return lapses.map((lapse) => (lapse.number === grant.number ? { ...lapse, gaps } : lapse));
}

/** A pool that nothing was ever granted to is no line of the books. */
function granted(lapses: readonly Lapse[], period: PaidPeriod, name: PoolName): readonly Lapse[] {
  const issued = decimal(period[name] ?? '0');
  if (lapses.length === 0 && isZero(issued)) return lapses;
  return [...lapses, { number: period.number, at: storedInstant(period.to), left: issued }];
}

/** What the period before had left goes on, and lapses later; where that had never been anything, this is a grant. */
function carriedOn(
  lapses: readonly Lapse[],
  { occurredAt, period }: SubscriptionRenewed,
  name: PoolName,
): readonly Lapse[] {
  const last = lapses.at(-1);
  if (!last) return granted(lapses, period, name);
  const paidAt = storedInstant(occurredAt);
  const gap: Gap = { period: period.number - 1, from: last.at, to: paidAt, left: last.left };
  const gaps = paidAt <= last.at ? last.gaps : [...(last.gaps ?? []), gap];
  return [...lapses.slice(0, -1), { ...last, at: storedInstant(period.to), ...(gaps && { gaps }) }];
}

function carriedOf({ carriedMain, carriedBackup }: PaidPeriod, name: PoolName): string | undefined {
  return name === 'main' ? carriedMain : carriedBackup;
}

/** A switch takes what was left of the running period and of those that wait: it is in its entry. */
function emptied(lapses: readonly Lapse[], atMs: number): readonly Lapse[] {
  return lapses.map((lapse) => (lapse.at > atMs ? { ...lapse, left: zero } : lapse));
}

/** A switch ends the fee that was being earned, and those of renewals that wait. */
function endedBy({ occurredAt, credit, proration }: PlanSwitched, fees: readonly Fee[]): readonly Fee[] {
  const atMs = storedInstant(occurredAt);
  const ofRunning = subtract(decimal(credit), decimal(proration.renewals ?? '0'));
  return fees.map((fee) => {
    if (fee.to <= atMs || fee.switchedAt !== null) return fee;
    return { ...fee, switchedAt: atMs, credited: fee.from > atMs ? fee.price : ofRunning };
  });
}
