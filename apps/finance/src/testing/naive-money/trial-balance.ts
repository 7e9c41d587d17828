import type { Basis } from '../../reports/axes';
import { textOf } from './amounts';
import { earnedAt, feesBefore } from './fees';
import { legsOf } from './legs';
import { lotsOf } from './lots';
import { piecesOf, type BookedThen, type Piece } from './pieces';
import { poolsOf } from './pools';

/** What a trial balance is asked about; instants are milliseconds since 1970. */
export interface AskedBalance {
  readonly basis: Basis;
  /** Up to when, itself included; null for all that is booked. */
  readonly asOf: number | null;
  readonly derivedAt: number;
}

/** Debit and credit of each line on which anything was, by ledger account and commodity. */
export type NaiveLines = Readonly<Record<string, readonly [debit: string, credit: string]>>;

/** The trial balance from all events: gross turnover, and what time alone has changed, netted. */
export function naiveTrialBalance({ basis, asOf, derivedAt }: AskedBalance, booked: readonly BookedThen[]): NaiveLines {
  const all = piecesOf({ basis }, booked);
  const shown = all.filter(({ when }) => when <= (asOf ?? Infinity));
  const gross = new Turnover();
  for (const piece of shown)
    for (const [ledgerAccount, commodity, amount] of legsOf(piece)) gross.add(`${ledgerAccount} ${commodity}`, amount);
  const derived = new Map<string, bigint>();
  for (const account of new Set(shown.map((piece) => piece.account)))
    for (const [from, to, commodity, amount] of derivedOf(account, all, shown, derivedAt)) {
      const currency = commodity ?? currencyOf(shown, account);
      for (const [line, change] of [
        [`${from} ${currency}`, amount],
        [`${to} ${currency}`, -amount],
      ] as const)
        derived.set(line, (derived.get(line) ?? 0n) + change);
    }
  for (const [line, amount] of derived) gross.add(line, amount);
  return gross.told();
}

/** Debits and credits of lines, each added up by itself. */
export class Turnover {
  private readonly lines = new Map<string, { debit: bigint; credit: bigint }>();

  add(name: string, amount: bigint): void {
    if (amount === 0n) return;
    const line = this.lines.get(name) ?? { debit: 0n, credit: 0n };
    if (amount > 0n) line.debit += amount;
    else line.credit -= amount;
    this.lines.set(name, line);
  }

  told(): NaiveLines {
    const told = [...this.lines].map(([name, { debit, credit }]) => [name, [textOf(debit), textOf(credit)]] as const);
    return Object.fromEntries(told);
  }
}

type Derived = readonly [from: string, to: string, commodity: string | null, amount: bigint];

/** What time alone takes from an account's lines, and where it goes; money is of the account's currency. */
function derivedOf(account: string, all: readonly Piece[], shown: readonly Piece[], derivedAt: number): Derived[] {
  const own = shown.filter((piece) => piece.account === account);
  const lots = lotsOf(
    all.filter((piece) => piece.account === account),
    new Set(own),
  );
  const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, amount) => total + amount, 0n);
  const expired = sum(lots.filter(({ expires }) => expires <= derivedAt).map(({ left }) => left));
  const earned = sum(feesBefore(Infinity, own).map((fee) => earnedAt(fee, derivedAt)));
  const lapsed = (['main', 'backup'] as const).map((name): Derived => {
    const over = poolsOf(own, name).pools.filter(({ ends }) => ends <= derivedAt);
    return [`pools:${name}:${account}`, 'pools:expired', 'CREDIT', sum(over.map(({ left }) => left))];
  });
  return [
    [`liabilities:wallet:${account}`, 'expenses:promotions', null, expired],
    [`liabilities:deferred:${account}`, 'revenue:subscriptions', null, earned],
    ...lapsed,
  ];
}

function currencyOf(pieces: readonly Piece[], account: string): string {
  for (const piece of pieces) if (piece.account === account && 'currency' in piece.event) return piece.event.currency;
  return '';
}
