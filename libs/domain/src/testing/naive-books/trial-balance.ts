import { inWallet } from './money-back';
import type { Books, PeriodBooks } from './books';
import { booksOf } from './books';
import { earnedOf } from './fees';
import type {
  Fact,
  LostFact,
  MoneyBackFact,
  OfPools,
  Period,
  PlanFact,
  RechargeFact,
  ReversalFact,
  SwitchFact,
  WalletFact,
} from './facts';
import { isOfMoneyBack, isOfPlans } from './facts';
import type { Money } from './money';
import { sum, textOf } from './money';
import { poolNames, remaining } from './pools';
import { total } from './wallet';

type Leg = readonly [ledgerAccount: string, commodity: string, amount: Money];

const cash = (provider: string) => `assets:cash:${provider}`;
const receivable = 'assets:receivable:a';
const wallet = 'liabilities:wallet:a';
const deferred = 'liabilities:deferred:a';

/** The balance of every ledger account and commodity at an instant, by the table of SPEC §10; those that are not zero. */
export function trialBalance(facts: readonly Fact[], currency: string, at: number): Record<string, string> {
  const balances = new Map<string, Money>();
  const books = booksOf(facts);
  const legs = [
    ...facts.flatMap((fact, index) => legsOf(fact, currency, books, () => booksOf(facts.slice(0, index)))),
    ...derived(books, currency, at),
  ];
  for (const [ledgerAccount, commodity, amount] of legs) {
    const line = `${ledgerAccount} ${commodity}`;
    balances.set(line, (balances.get(line) ?? 0n) + amount);
  }
  const shown = [...balances].filter(([, amount]) => amount !== 0n).sort();
  return Object.fromEntries(shown.map(([line, amount]) => [line, textOf(amount)]));
}

function legsOf(fact: Fact, currency: string, books: Books, before: () => Books): Leg[] {
  if (isOfPlans(fact)) return planLegs(fact, currency, before);
  if (isOfMoneyBack(fact)) return moneyBackLegs(fact, currency, books);
  return walletLegs(fact, currency);
}

/** What increases the wallet, and what of that settles what is owed first. */
function increase(currency: string, amount: Money, settled: Money): Leg[] {
  return [
    [receivable, currency, -settled],
    [wallet, currency, settled - amount],
  ];
}

function walletLegs(fact: WalletFact, currency: string): Leg[] {
  switch (fact.did) {
    case 'open':
    case 'earn':
      return [];
    case 'recharge': {
      const { paid, credited, settled } = fact;
      return [...cashLegs(fact, currency, paid, credited), ...increase(currency, credited, settled)];
    }
    case 'grant':
      return [['expenses:promotions', currency, fact.amount], ...increase(currency, fact.amount, fact.settled)];
    case 'charge': {
      const drawn = total(fact.lots);
      return [
        [wallet, currency, drawn],
        [receivable, currency, fact.owed],
        ['revenue:usage', currency, -drawn - fact.owed],
        ...credits(fact.pools, 1n),
      ];
    }
    case 'reverse':
      return reversalLegs(fact, currency);
    case 'settings':
      return increase(currency, 0n, total(fact.settled));
  }
}

function planLegs(fact: PlanFact, currency: string, before: () => Books): Leg[] {
  switch (fact.did) {
    case 'cancel':
      return [];
    case 'start':
    case 'renew':
      return bought(fact.period, currency);
    case 'switch': {
      const { credit, settled } = fact;
      const moved: Leg[] = [[deferred, currency, credit], ...increase(currency, credit, settled)];
      return [...bought(fact.period, currency), ...moved, ...lapsedBy(fact, before())];
    }
  }
}

/** The rest of all pools that were switched away from, those of renewals that waited included. */
function lapsedBy({ period: { subscription }, at }: SwitchFact, books: Books): Leg[] {
  const ended = books.periods.filter((old) => old.subscription === subscription - 1 && old.to > at);
  return poolNames.flatMap((pool): Leg[] => {
    const rest = sum(ended.map((old) => (isCarriedOn(books, old, pool) ? 0n : remaining(books, old, pool))));
    return [
      [`pools:${pool}:a`, 'CREDIT', rest],
      ['pools:expired', 'CREDIT', -rest],
    ];
  });
}

function moneyBackLegs(fact: MoneyBackFact, currency: string, books: Books): Leg[] {
  switch (fact.did) {
    case 'dispute':
      return [];
    case 'refund': {
      const recharge = rechargeOf(books, fact.recharge);
      return [...cashLegs(recharge, currency, -fact.paidBack, -fact.amount), [wallet, currency, fact.amount]];
    }
    case 'won':
      return increase(currency, 0n, fact.settled);
    case 'write-off':
      return [
        ['expenses:bad-debt', currency, fact.amount],
        [receivable, currency, -fact.amount],
      ];
    case 'lost':
      return lostLegs(fact, currency, books);
  }
}

function lostLegs(fact: LostFact, currency: string, books: Books): Leg[] {
  const { disputed = 0n, amount = 0n, recharge: id = '' } = books.disputes.get(fact.id) ?? {};
  const recharge = rechargeOf(books, id);
  const fee = inWallet(recharge, fact.fee);
  return [
    ...cashLegs(recharge, currency, -disputed - fact.fee, -amount - fee),
    [wallet, currency, total(fact.taken)],
    [receivable, currency, fact.owed],
    ['expenses:disputes', currency, fee],
  ];
}

/** Cash in (or out, below zero), mirrored through equity where it is another currency. */
function cashLegs({ provider, paidIn }: RechargeFact, currency: string, amount: Money, credited: Money): Leg[] {
  if (paidIn === currency) return [[cash(provider), currency, amount]];
  return [
    [cash(provider), paidIn, amount],
    ['equity:fx', paidIn, -amount],
    ['equity:fx', currency, credited],
  ];
}

function rechargeOf(books: Books, id: string): RechargeFact {
  const recharge = books.recharges.find((each) => each.id === id);
  if (recharge === undefined) throw new Error(`no recharge ${id}`);
  return recharge;
}

function credits(pools: OfPools | null, sign: 1n | -1n): Leg[] {
  if (pools === null) return [];
  const { main, backup } = pools;
  return [
    ['pools:main:a', 'CREDIT', sign * main],
    ['pools:backup:a', 'CREDIT', sign * backup],
    ['pools:consumed', 'CREDIT', -sign * (main + backup)],
  ];
}

function reversalLegs(fact: ReversalFact, currency: string): Leg[] {
  const { ofRevenue, ofPromotions } = fact.granted;
  const refilled = total(fact.lots);
  const settled = total(fact.settled);
  return [
    ['revenue:usage', currency, refilled + ofRevenue + fact.forgiven],
    ['expenses:bad-debt', currency, -fact.unwritten],
    ['revenue:usage', currency, fact.unwritten],
    ['expenses:promotions', currency, ofPromotions],
    [receivable, currency, -fact.forgiven - settled],
    [wallet, currency, settled - refilled - ofRevenue - ofPromotions],
    ...credits(fact.pools, -1n),
  ];
}

function bought({ provider, fee, main, backup }: Period, currency: string): Leg[] {
  const issued = (main ?? 0n) + (backup ?? 0n);
  return [
    [cash(provider), currency, fee],
    [deferred, currency, -fee],
    ['pools:issued', 'CREDIT', issued],
    ['pools:main:a', 'CREDIT', -(main ?? 0n)],
    ['pools:backup:a', 'CREDIT', -(backup ?? 0n)],
  ];
}

/** What time alone has changed by an instant: what expired, lapsed, and was earned. */
function derived(books: Books, currency: string, at: number): Leg[] {
  const expired = sum(
    [...books.lots.values()].filter(({ expires }) => expires !== null && expires <= at).map(({ left }) => left),
  );
  const legs: Leg[] = [
    [wallet, currency, expired],
    ['expenses:promotions', currency, -expired],
  ];
  for (const period of books.periods) {
    const earned = earnedOf(books, period, at);
    legs.push([deferred, currency, earned], ['revenue:subscriptions', currency, -earned]);
    for (const pool of poolNames) {
      const isOver = period.switchedAt === null && period.to <= at;
      const lapsed = isOver && !isCarriedOn(books, period, pool, at) ? remaining(books, period, pool) : 0n;
      legs.push([`pools:${pool}:a`, 'CREDIT', lapsed], ['pools:expired', 'CREDIT', -lapsed]);
    }
  }
  return legs;
}

/** Whether what a pool left went on into the next period, by an instant. */
function isCarriedOn(
  books: Books,
  { n, subscription, to }: PeriodBooks,
  pool: 'main' | 'backup',
  at = Infinity,
): boolean {
  const next = books.periods[n + 1];
  return next?.subscription === subscription && next[pool] === null && (next.from <= at || next.from === to);
}
