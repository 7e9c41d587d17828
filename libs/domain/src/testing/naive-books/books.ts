import type {
  ChargeFact,
  DisputeFact,
  Fact,
  MoneyBackFact,
  OfLot,
  OfPools,
  Period,
  PlanFact,
  RechargeFact,
  WalletFact,
} from './facts';
import { isOfMoneyBack, isOfPlans } from './facts';
import type { Money } from './money';
import { least } from './money';

export interface Lot {
  readonly n: number;
  readonly isPaid: boolean;
  readonly id: string;
  readonly at: number;
  readonly expires: number | null;
  /** Below zero, as of an instant, where more was drawn than was there by then. */
  left: Money;
}

/** A paid period, and what became of it. */
export interface PeriodBooks extends Period {
  readonly n: number;
  usedMain: Money;
  usedBackup: Money;
  /** Of the budget. */
  spent: Money;
  /** When it was switched away from, if it was. */
  switchedAt: number | null;
}

export interface Dispute extends DisputeFact {
  outcome: 'open' | 'won' | 'lost';
}

/** What an account's facts come to. */
export interface Books {
  isOpen: boolean;
  lastCommand: number;
  readonly lots: Map<number, Lot>;
  owed: Money;
  /** Written off and not taken back. */
  writtenOff: Money;
  /** As of an instant: what came back of what had not been owed. */
  unowed: Money;
  readonly recharges: RechargeFact[];
  /** Recharge → its lot. */
  readonly rechargeLots: Map<string, number>;
  readonly charges: Map<string, { readonly fact: ChargeFact; isReversed: boolean }>;
  hasStarter: boolean;
  payAsYouGo: boolean | null;
  customMultiplier: string | null;
  isSuspended: boolean;
  pinned: string | null;
  readonly earned: Set<string>;
  readonly periods: PeriodBooks[];
  isCancelled: boolean;
  /** Of each period that was switched away from, how much of its fee was credited. */
  readonly credits: Map<number, Money>;
  readonly disputes: Map<string, Dispute>;
  readonly refunds: { readonly recharge: string; readonly amount: Money; readonly paidBack: Money }[];
  /** What live holds leave to be refunded, asked now; null where there are no holds. */
  spare: Money | null;
  /** What each period's pools gave, charge by charge, less what a reversal gave back to them. */
  readonly draws: { readonly at: number; readonly pools: OfPools }[];
}

function newBooks(): Books {
  return {
    isOpen: false,
    lastCommand: -Infinity,
    lots: new Map(),
    owed: 0n,
    writtenOff: 0n,
    unowed: 0n,
    recharges: [],
    rechargeLots: new Map(),
    charges: new Map(),
    hasStarter: false,
    payAsYouGo: null,
    customMultiplier: null,
    isSuspended: false,
    pinned: null,
    earned: new Set(),
    periods: [],
    isCancelled: false,
    credits: new Map(),
    disputes: new Map(),
    refunds: [],
    spare: null,
    draws: [],
  };
}

/** What all facts come to, or those that had occurred by an instant, in the order in which they were booked. */
export function booksOf(facts: readonly Fact[], until = Infinity): Books {
  const books = newBooks();
  let lots = 0;
  let periods = 0;
  for (const fact of facts) {
    const lot = lots;
    const period = periods;
    if (opensLot(fact)) lots++;
    if (opensPeriod(fact)) periods++;
    if (fact.at <= until) happen(books, fact, lot, period);
  }
  return books;
}

function opensLot(fact: Fact): boolean {
  if (fact.did === 'reverse') return fact.granted.ofRevenue + fact.granted.ofPromotions > 0n;
  if (fact.did === 'switch') return fact.credit > 0n;
  return fact.did === 'recharge' || fact.did === 'grant';
}

function opensPeriod({ did }: Fact): boolean {
  return did === 'start' || did === 'renew' || did === 'switch';
}

function happen(books: Books, fact: Fact, lot: number, period: number): void {
  if (fact.did !== 'charge' && fact.did !== 'earn') books.lastCommand = Math.max(books.lastCommand, fact.at);
  if (isOfPlans(fact)) planned(books, fact, lot, period);
  else if (isOfMoneyBack(fact)) gaveBack(books, fact);
  else moved(books, fact, lot);
}

function moved(books: Books, fact: WalletFact, lot: number): void {
  switch (fact.did) {
    case 'open':
      books.isOpen = true;
      return;
    case 'recharge':
      books.recharges.push(fact);
      books.rechargeLots.set(fact.id, lot);
      fill(books, { n: lot, isPaid: true, id: fact.id, at: fact.at, expires: null }, fact.credited, fact.settled);
      return;
    case 'grant': {
      if (fact.isStarter) books.hasStarter = true;
      const { id, at, expires } = fact;
      fill(books, { n: lot, isPaid: false, id, at, expires }, fact.amount, fact.settled);
      return;
    }
    case 'earn':
      for (const tier of fact.tiers) books.earned.add(tier);
      return;
    case 'charge':
      charged(books, fact);
      return;
    case 'reverse':
      reversed(books, fact, lot);
      return;
    case 'settings':
      set(books, fact);
      return;
  }
}

function planned(books: Books, fact: PlanFact, lot: number, period: number): void {
  switch (fact.did) {
    case 'start':
    case 'renew':
      if (fact.did === 'start') books.isCancelled = false;
      books.periods[period] = newPeriod(fact.period, period);
      return;
    case 'cancel':
      books.isCancelled = true;
      return;
    case 'switch':
      switched(books, fact, lot, period);
      return;
  }
}

function gaveBack(books: Books, fact: MoneyBackFact): void {
  switch (fact.did) {
    case 'refund':
      books.refunds.push(fact);
      lotOf(books, lotOfRecharge(books, fact.recharge)).left -= fact.amount;
      return;
    case 'dispute':
      books.disputes.set(fact.id, { ...fact, outcome: 'open' });
      return;
    case 'won':
      settle(books, [[lotOfRecharge(books, disputeOf(books, fact.id).recharge), fact.settled]]);
      disputeOf(books, fact.id).outcome = 'won';
      return;
    case 'lost':
      for (const [n, amount] of fact.taken) lotOf(books, n).left -= amount;
      books.owed += fact.owed;
      disputeOf(books, fact.id).outcome = 'lost';
      return;
    case 'write-off': {
      const written = least(fact.amount, books.owed);
      books.owed -= written;
      books.writtenOff += fact.amount;
      return;
    }
  }
}

function charged(books: Books, fact: ChargeFact): void {
  books.charges.set(fact.id, { fact, isReversed: false });
  for (const [n, amount] of fact.lots) lotOf(books, n).left -= amount;
  books.owed += fact.owed;
  if (fact.pools !== null) use(books, fact, fact.pools, 1n);
}

function reversed(books: Books, fact: Extract<Fact, { did: 'reverse' }>, lot: number): void {
  const entry = books.charges.get(fact.charge.id);
  if (entry === undefined) return;
  entry.isReversed = true;
  for (const [n, amount] of fact.lots) lotOf(books, n).left += amount;
  const forgiven = least(fact.forgiven, books.owed);
  books.owed -= forgiven;
  books.unowed += fact.forgiven - forgiven;
  books.writtenOff -= fact.unwritten;
  const { ofRevenue, ofPromotions } = fact.granted;
  const back = ofRevenue + ofPromotions;
  if (back > 0n) fill(books, { n: lot, isPaid: false, id: fact.id, at: fact.at, expires: null }, back, 0n);
  if (fact.pools !== null) use(books, fact.charge, fact.pools, -1n);
  settle(books, fact.settled);
}

function set(books: Books, { change, settled }: Extract<Fact, { did: 'settings' }>): void {
  if (change.payAsYouGo !== undefined) books.payAsYouGo = change.payAsYouGo;
  if (change.customMultiplier !== undefined) books.customMultiplier = change.customMultiplier;
  if (change.suspended !== undefined) books.isSuspended = change.suspended;
  if (change.tier !== undefined) books.pinned = change.tier;
  settle(books, settled);
}

function switched(books: Books, fact: Extract<Fact, { did: 'switch' }>, lot: number, period: number): void {
  const { subscription } = fact.period;
  for (const old of books.periods) {
    if (old.subscription !== subscription - 1 || old.to <= fact.at) continue;
    old.switchedAt = fact.at;
    books.credits.set(old.n, old.from > fact.at ? old.fee : fact.ofRunning);
  }
  books.periods[period] = newPeriod(fact.period, period);
  books.isCancelled = false;
  if (fact.credit === 0n) return;
  fill(books, { n: lot, isPaid: true, id: fact.id, at: fact.at, expires: null }, fact.credit, fact.settled);
}

function newPeriod(period: Period, n: number): PeriodBooks {
  return { ...period, n, usedMain: 0n, usedBackup: 0n, spent: 0n, switchedAt: null };
}

/** A charge's draw on pools (1), or what a reversal gave back of it (−1). */
function use(books: Books, charge: ChargeFact, pools: OfPools, sign: 1n | -1n): void {
  const period = books.periods[pools.period];
  if (period === undefined) throw new Error('a draw on a period that was not there');
  period.usedMain += sign * pools.main;
  period.usedBackup += sign * pools.backup;
  period.spent += sign * charge.cost;
  books.draws.push({ at: charge.at, pools: { ...pools, main: sign * pools.main, backup: sign * pools.backup } });
}

function fill(books: Books, lot: Omit<Lot, 'left'>, amount: Money, settled: Money): void {
  const before = books.lots.get(lot.n)?.left ?? 0n;
  const paid = least(settled, books.owed);
  books.owed -= paid;
  books.lots.set(lot.n, { ...lot, left: before + amount - paid });
}

function settle(books: Books, lots: readonly OfLot[]): void {
  for (const [n, amount] of lots) {
    const paid = least(amount, books.owed);
    books.owed -= paid;
    lotOf(books, n).left -= paid;
  }
}

/** A lot that was not there yet is made good by nothing: what it gives is owed. */
function lotOf(books: Books, n: number): Lot {
  const known = books.lots.get(n);
  if (known !== undefined) return known;
  const lot: Lot = { n, isPaid: false, id: '', at: -1, expires: null, left: 0n };
  books.lots.set(n, lot);
  return lot;
}

export function lotOfRecharge(books: Books, recharge: string): number {
  const lot = books.rechargeLots.get(recharge);
  if (lot === undefined) throw new Error(`no lot of ${recharge}`);
  return lot;
}

function disputeOf(books: Books, id: string): Dispute {
  const dispute = books.disputes.get(id);
  if (dispute === undefined) throw new Error(`no dispute ${id}`);
  return dispute;
}
