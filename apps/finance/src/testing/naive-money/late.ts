import { textOf } from './amounts';
import { legsOf } from './legs';
import { piecesOf, type BookedThen } from './pieces';
import { Turnover, type NaiveLines } from './trial-balance';

/** An entry that came late, as it is told. */
export interface NaiveLate {
  readonly event: string;
  readonly account: string;
  readonly occurredAt: string;
  readonly bookedAt: string;
  readonly legs: readonly { readonly ledgerAccount: string; readonly commodity: string; readonly amount: string }[];
}

/** What occurred in a time (milliseconds since 1970, its end not included) and was booked at its end or later, and what it comes to. */
export function naiveLate(
  { from, to }: { readonly from: number; readonly to: number },
  booked: readonly BookedThen[],
): { readonly items: readonly NaiveLate[]; readonly lines: NaiveLines } {
  const sums = new Turnover();
  const items: NaiveLate[] = [];
  for (const piece of piecesOf({ basis: 'booked' }, booked)) {
    const { account, event, when, occurred } = piece;
    const legs = legsOf(piece);
    if (when < to || occurred < from || occurred >= to || legs.length === 0) continue;
    for (const [ledgerAccount, commodity, amount] of legs) sums.add(`${ledgerAccount} ${commodity}`, amount);
    const [occurredAt, bookedAt] = [occurred, when].map((instant) => new Date(instant).toISOString());
    const told = legs
      .map(([ledgerAccount, commodity, amount]) => ({ ledgerAccount, commodity, amount: textOf(amount) }))
      .sort((a, b) => (`${a.ledgerAccount} ${a.commodity}` < `${b.ledgerAccount} ${b.commodity}` ? -1 : 1));
    items.push({ event: event.type, account, occurredAt: occurredAt ?? '', bookedAt: bookedAt ?? '', legs: told });
  }
  return { items, lines: sums.told() };
}
