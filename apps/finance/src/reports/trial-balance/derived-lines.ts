import { add, isPositive, isZero, negate, zero, type Decimal } from '@meterbook/domain/amount/decimal';
import type { TimedItems } from '@meterbook/domain/entries/timed-items';
import { controlOf, takenTo } from '../../projections/trial-balance/line-names';
import type { LineState, TimedLineState } from '../../projections/trial-balance/line-state';
import { compareLines } from '../../projections/trial-balance/read-lines';

/** A line with its gross turnover, what time alone changed included. */
export interface TrialBalanceLine {
  readonly ledgerAccount: string;
  readonly commodity: string;
  readonly debit: Decimal;
  readonly credit: Decimal;
}

/** What time alone has taken from a line by an instant (milliseconds since 1970): as it was booked, or as it occurred. */
export type Taken = (items: TimedItems, atMs: number) => Decimal;

/** What time alone has changed on the lines of a whole platform: where it goes to, and the control lines it comes from. Positive is a debit. */
export class DerivedTotals {
  private readonly byLine = new Map<string, TrialBalanceLine & { readonly change: Decimal }>();

  /** By an instant, milliseconds since 1970. */
  constructor(
    private readonly takenBy: Taken,
    private readonly atMs: number,
  ) {}

  /** Counts what time alone has taken from an account's line. */
  take({ ledgerAccount, commodity, timed }: TimedLineState): void {
    const taken = this.takenBy(timed, this.atMs);
    const goesTo = takenTo(ledgerAccount);
    if (isZero(taken) || goesTo === undefined) return;
    this.count(goesTo, commodity, negate(taken));
    const control = controlOf(ledgerAccount);
    if (control !== undefined) this.count(control, commodity, taken);
  }

  /** What it has changed on a line: its own part, or of a line that others come down to all of theirs. */
  on({ ledgerAccount, commodity, timed }: LineState): Decimal {
    const total = this.of(ledgerAccount, commodity);
    return isZero(total) ? this.takenBy(timed, this.atMs) : total;
  }

  of(ledgerAccount: string, commodity: string): Decimal {
    return this.byLine.get(keyOf(ledgerAccount, commodity))?.change ?? zero;
  }

  /** The lines that hold nothing but what is derived, in the order of lines; no control lines, since those have been booked on. */
  linesOfTheirOwn(): readonly TrialBalanceLine[] {
    return [...this.byLine.values()].filter(({ ledgerAccount }) => !ledgerAccount.endsWith(':*')).sort(compareLines);
  }

  private count(ledgerAccount: string, commodity: string, amount: Decimal): void {
    const key = keyOf(ledgerAccount, commodity);
    const change = add(this.byLine.get(key)?.change ?? zero, amount);
    this.byLine.set(key, { ledgerAccount, commodity, debit: zero, credit: zero, change });
  }
}

/** Adds what time alone has changed by an instant (SPEC §10), and the lines that nothing but time has made, in their places. */
export function* withDerived(lines: Iterable<LineState>, totals: DerivedTotals): Iterable<TrialBalanceLine> {
  const own = [...totals.linesOfTheirOwn()];
  for (const line of lines) {
    for (let first = own[0]; first && compareLines(first, line) < 0; first = own[0]) {
      yield changed(first, totals.of(first.ledgerAccount, first.commodity));
      own.shift();
    }
    if (own[0] && compareLines(own[0], line) === 0) own.shift();
    // A grant that was spent on what was owed has items, and has never been in the wallet.
    else if (isZero(line.debit) && isZero(line.credit)) continue;
    yield changed(line, totals.on(line));
  }
  for (const line of own) yield changed(line, totals.of(line.ledgerAccount, line.commodity));
}

function changed({ ledgerAccount, commodity, debit, credit }: TrialBalanceLine, change: Decimal): TrialBalanceLine {
  if (isPositive(change)) return { ledgerAccount, commodity, debit: add(debit, change), credit };
  return { ledgerAccount, commodity, debit, credit: add(credit, negate(change)) };
}

/** A tab is in no name. */
function keyOf(ledgerAccount: string, commodity: string): string {
  return `${ledgerAccount}\t${commodity}`;
}
