import type { Decimal } from '../amount/decimal';
import { add, isNegative, isPositive, min, subtract, zero } from '../amount/decimal';
import type { MoneyBook } from '../entries/lot-moves';
import { moveCharge, moveMoney } from '../entries/lot-moves';
import { formatInstant } from '../time/instant';
import type { Account } from './account';
import type { AccountEvent } from './events';
import type { UsageCharged } from './charging/events';
import { applyRest, opened, type LaterEvent } from './fold';
import type { Payments } from './payments/payments';
import { applyDraw } from './subscription/apply-subscription';
import { overdrawn } from './subscription/pools';
import { copyOf } from './subscription/subscription';
import { compareLots } from './wallet/lots';
import type { Lot } from './wallet/wallet';

export interface AccountEntry {
  readonly event: AccountEvent;
  readonly revision: number;
}

/**
 * The account as of a past instant of business time: what had occurred by then, folded in stream order; undefined before its
 * opening. Usage may be booked out of its order, so that a draw can be on money which was not there yet: that shows as owed.
 */
export function accountAsOf(entries: Iterable<AccountEntry>, asOfMs: number): Account | undefined {
  const past = new PastAccount(asOfMs);
  for (const { event, revision } of entries) past.add(event, revision);
  return past.account();
}

/**
 * Folds an account's events one by one into what it was as of an instant; it keeps the state and none of the events. Events
 * are taken as they stand, each as far as it reaches: it never throws on what an account's stream can hold.
 */
export class PastAccount {
  /** Stored instants are texts of one width, so they compare as texts. */
  private readonly asOf: string;
  private state: Account | undefined;
  private readonly money: PastMoney = { lots: new Map(), owed: zero, unowed: zero, frozen: zero, writtenOff: zero };

  /** `asOfMs` is in milliseconds since 1970. */
  constructor(asOfMs: number) {
    this.asOf = formatInstant(asOfMs);
  }

  /** Takes the next event of the stream; one that had not occurred by then changes nothing. */
  add(event: AccountEvent, revision: number): void {
    if (event.type === 'UsageCharged') {
      if (this.state !== undefined) this.addCharges(this.state, event, revision);
    } else if (event.occurredAt > this.asOf) {
      return;
    } else if (event.type === 'AccountOpened') {
      this.state ??= opened(event, revision);
    } else if (this.state !== undefined && !this.undoesWhatWasNot(this.state, event)) {
      moveMoney(event, leniently, this.money);
      applyRest(this.state, event, revision);
      this.state.revision = revision;
    }
  }

  /** The account as of the instant, from what was added so far. It is the caller's own: adding more does not change it. */
  account(): Account | undefined {
    if (this.state === undefined) return undefined;
    const { lots, short } = lotsOf(this.money);
    const { subscription } = this.state;
    return {
      ...this.state,
      subscription: subscription && copyOf(subscription),
      lots,
      burnOrder: lots.filter(({ left }) => isPositive(left)).sort(compareLots),
      wallet: lots.reduce((sum, { left }) => add(sum, left), this.money.frozen),
      payments: this.payments(this.state),
      receivable: add(add(this.money.owed, short), subscription === null ? zero : overdrawn(subscription)),
    };
  }

  private payments({ payments }: Account): Payments | null {
    return payments && { ...payments, frozen: this.money.frozen, writtenOff: this.money.writtenOff };
  }

  private addCharges(state: Account, { charges }: UsageCharged, revision: number): void {
    for (const charge of charges) {
      if (charge.occurredAt > this.asOf) continue;
      moveCharge(charge, leniently, this.money);
      if (state.subscription !== null) applyDraw(state.subscription, charge);
      state.charges++;
      state.revision = revision;
    }
  }

  /** A reversal of usage that had not occurred, or a change to a key that was not there. */
  private undoesWhatWasNot(state: Account, event: LaterEvent): boolean {
    if (event.type === 'UsageReversed') return event.chargeOccurredAt > this.asOf;
    if (event.type !== 'ApiKeyChanged' && event.type !== 'ApiKeyRevoked') return false;
    return state.standing.keys?.has(event.keyId) !== true;
  }
}

/** Money in which an account's events leave gaps, since some of them had not occurred. */
interface PastMoney {
  /** By the stream's number. */
  readonly lots: Map<number, PastLot>;
  /** What is owed, beside what lots are short of. */
  owed: Decimal;
  /** What came back of money that had not been owed. */
  unowed: Decimal;
  /** What disputes keep frozen; it is in no lot then. */
  frozen: Decimal;
  /** What was written off of what was owed, less what reversals took back. */
  writtenOff: Decimal;
}

interface PastLot {
  /** Undefined where the lot was not there yet, or never will have been. */
  opened: Lot | undefined;
  /** Negative where more was drawn than was there. */
  left: Decimal;
}

/** Nothing is settled or forgiven beyond what is owed, and a lot that gives more than it has is short of the rest. */
const leniently: MoneyBook<PastMoney> = {
  open(money: PastMoney, lot: Lot, settled: Decimal): void {
    const kept = lotOf(money, lot.lot);
    kept.opened = lot;
    kept.left = subtract(add(kept.left, lot.left), payOwed(money, settled));
  },
  draw(money: PastMoney, lot: number, amount: Decimal): void {
    const kept = lotOf(money, lot);
    kept.left = subtract(kept.left, amount);
  },
  owe(money: PastMoney, amount: Decimal): void {
    money.owed = add(money.owed, amount);
  },
  refill(money: PastMoney, lot: number, amount: Decimal): void {
    const kept = lotOf(money, lot);
    kept.left = add(kept.left, amount);
  },
  forgive(money: PastMoney, amount: Decimal): void {
    money.unowed = add(money.unowed, subtract(amount, payOwed(money, amount)));
  },
  settle(money: PastMoney, lot: number, amount: Decimal): void {
    const kept = lotOf(money, lot);
    kept.left = subtract(kept.left, payOwed(money, amount));
  },
  freeze(money: PastMoney, lot: number, amount: Decimal): void {
    const kept = lotOf(money, lot);
    kept.left = subtract(kept.left, amount);
    money.frozen = add(money.frozen, amount);
  },
  thaw(money: PastMoney, lot: number, amount: Decimal): void {
    const kept = lotOf(money, lot);
    kept.left = add(kept.left, amount);
    money.frozen = subtract(money.frozen, amount);
  },
  writeOff(money: PastMoney, amount: Decimal): void {
    money.writtenOff = add(money.writtenOff, payOwed(money, amount));
  },
  writeBack(money: PastMoney, amount: Decimal): void {
    const back = min(amount, money.writtenOff);
    money.writtenOff = subtract(money.writtenOff, back);
    money.unowed = add(money.unowed, subtract(amount, back));
  },
};

/** Pays what is owed with an amount, and says how much of it was needed. */
function payOwed(money: PastMoney, amount: Decimal): Decimal {
  const paid = min(amount, money.owed);
  money.owed = subtract(money.owed, paid);
  return paid;
}

function lotOf({ lots }: PastMoney, number: number): PastLot {
  const known = lots.get(number);
  if (known !== undefined) return known;
  const lot: PastLot = { opened: undefined, left: zero };
  lots.set(number, lot);
  return lot;
}

/** The lots by number, empty where there was none yet, and what they are short of together. */
function lotsOf({ lots, unowed }: PastMoney): { lots: Lot[]; short: Decimal } {
  const numbers = [...lots].filter(([, { opened }]) => opened !== undefined).map(([number]) => number);
  const count = numbers.reduce((most, number) => Math.max(most, number + 1), 0);
  const shown = Array.from({ length: count }, (_, number) => emptyLot(number));
  let short = zero;
  let beside = unowed;
  for (const [number, { opened: lot, left }] of lots) {
    if (isNegative(left)) short = subtract(short, left);
    else if (lot === undefined) beside = add(beside, left);
    if (lot !== undefined) shown[number] = { ...lot, left: isNegative(left) ? zero : left };
  }
  if (isPositive(beside)) shown.push({ ...emptyLot(count), left: beside });
  return { lots: shown, short };
}

function emptyLot(lot: number): Lot {
  return { lot, kind: 'granted', id: '', occurredAt: 0, expiresAt: null, left: zero };
}
