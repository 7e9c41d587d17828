import type { Database } from '@meterbook/runtime/sqlite';
import { add, decimal, isZero, negate, subtract, toText, type Decimal } from '@meterbook/domain/amount/decimal';
import type { Posting } from '@meterbook/domain/entries/legs';
import { inLedgerOrder } from '@meterbook/domain/entries/postings';
import type { TimedItems } from '@meterbook/domain/entries/timed-items';
import { formatInstant } from '@meterbook/domain/time/instant';
import { accountOf, takenTo } from '../../projections/trial-balance/line-names';
import type { TimedLineState } from '../../projections/trial-balance/line-state';
import type { BookedEntry } from '../entries/booked-entry';

const schema = `
  CREATE TABLE taken (account TEXT NOT NULL, ledger_account TEXT NOT NULL, commodity TEXT NOT NULL, before TEXT, after TEXT,
    PRIMARY KEY (account, ledger_account, commodity)) WITHOUT ROWID;`;

interface TakenRow {
  readonly account: string;
  readonly ledgerAccount: string;
  readonly commodity: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** What time alone has taken from the lines of accounts between two moments, gathered in a scratch file: an entry for each account. */
export class TakenBetween {
  constructor(private readonly scratch: Database) {
    scratch.exec(schema);
  }

  /** Notes what has been taken from lines at one of the moments. */
  note(
    moment: 'before' | 'after',
    lines: Iterable<TimedLineState>,
    atMs: number,
    taken: (items: TimedItems, atMs: number) => Decimal,
  ): void {
    const save = this.scratch.prepare<[string, string, string, string]>(
      `INSERT INTO taken (account, ledger_account, commodity, ${moment}) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET ${moment} = excluded.${moment}`,
    );
    this.scratch.transaction(() => {
      for (const { ledgerAccount, commodity, timed } of lines) {
        const account = accountOf(ledgerAccount);
        const amount = taken(timed, atMs);
        if (account !== undefined && !isZero(amount)) save.run(account, ledgerAccount, commodity, toText(amount));
      }
    })();
  }

  /** One entry for each account of which time has changed anything, by account. */
  *entries(atMs: number): Iterable<BookedEntry> {
    const at = formatInstant(atMs);
    let account: string | undefined;
    let legs: Posting[] = [];
    const rows = this.scratch.prepare<[], TakenRow>(
      'SELECT account, ledger_account AS ledgerAccount, commodity, before, after FROM taken ORDER BY account',
    );
    for (const row of rows.iterate()) {
      if (account !== undefined && row.account !== account) {
        yield* derivedEntry(account, legs, at);
        legs = [];
      }
      ({ account } = row);
      legs.push(...legsOf(row));
    }
    if (account !== undefined) yield* derivedEntry(account, legs, at);
  }
}

function legsOf({ ledgerAccount, commodity, before, after }: TakenRow): Posting[] {
  const amount = subtract(decimal(after ?? '0'), decimal(before ?? '0'));
  const goesTo = takenTo(ledgerAccount);
  if (isZero(amount) || goesTo === undefined) return [];
  return [
    { ledgerAccount, commodity, amount },
    { ledgerAccount: goesTo, commodity, amount: negate(amount) },
  ];
}

/** Both pools of an account lapse to the same line: that is one leg. Nothing where nothing is left. */
function* derivedEntry(account: string, legs: readonly Posting[], at: string): Iterable<BookedEntry> {
  const byLine = new Map<string, Posting>();
  for (const leg of legs) {
    const key = `${leg.ledgerAccount}\t${leg.commodity}`;
    const other = byLine.get(key);
    byLine.set(key, other ? { ...leg, amount: add(other.amount, leg.amount) } : leg);
  }
  const left = [...byLine.values()].filter(({ amount }) => !isZero(amount));
  if (left.length > 0)
    yield { event: 'Derived', account, reference: null, occurredAt: at, bookedAt: at, legs: inLedgerOrder(left) };
}
