import { add, negate, toText, zero } from '@meterbook/domain/amount/decimal';
import { receivableOf, walletOf, type Posting } from '@meterbook/domain/entries/legs';
import { formatInstant } from '@meterbook/domain/time/instant';
import { csvLine, csvText } from '../csv';
import { explainEntry } from '../entries/explain-entry';
import { eventOf, referenceOf, whatItWas } from './in-words';
import type { StatementEntry } from './statement-fold';
import type { Statement, StatementPeriod } from './statement';
import { balancesText } from './write-statement';

/** `amount` is what the account gained: what it has rose by it, or what it owes fell. Opening and all amounts come to the closing. */
const columns = [
  'bookedAt',
  'occurredAt',
  'revision',
  'position',
  'event',
  'source',
  'reference',
  'model',
  'what',
  'currency',
  'amount',
  'wallet',
  'receivable',
  'main',
  'backup',
  'explain',
  'sentence',
] as const;

type Line = Partial<Readonly<Record<(typeof columns)[number], string | number | null>>>;

/** The statement as CSV: a line for each entry, of a batch for each charge, between an opening and a closing line; a fault is a line of its own. */
export async function* statementCsv(
  period: StatementPeriod,
  { head, entries, foot }: Statement,
): AsyncIterable<string> {
  const { account, from, derivedTo } = period;
  const { currency } = head;
  yield csvLine(columns);
  const start = Number.isFinite(from) ? formatInstant(from) : null;
  yield written({ bookedAt: start, event: 'opening', currency, ...balancesText(head.opening) });
  for await (const entry of entries) yield written(lineOf(entry, currency, account));
  const { closing, faults } = await foot();
  for (const { revision, detail } of faults) yield written({ revision, event: 'fault', what: csvText(detail) });
  yield written({ bookedAt: formatInstant(derivedTo), event: 'closing', currency, ...balancesText(closing) });
}

function lineOf(entry: StatementEntry, currency: string, account: string): Line {
  const { booked, occurredAt, bookedAt, legs, balances } = entry;
  const { formula, sentence } = explainEntry(entry, account, currency);
  return {
    bookedAt,
    occurredAt,
    revision: booked?.stored.revision ?? null,
    position: booked?.stored.position ?? null,
    event: eventOf(entry),
    source: csvText(booked?.charge?.source ?? null),
    reference: csvText(referenceOf(entry)),
    model: csvText(booked?.charge?.model ?? null),
    what: csvText(whatItWas(entry)),
    currency,
    amount: gainOf(legs, account),
    ...balancesText(balances),
    explain: csvText(formula),
    sentence: csvText(sentence),
  };
}

/** What the account gained by some legs: a debit of its wallet, or of what it owes, is a loss. */
function gainOf(legs: readonly Posting[], account: string): string {
  const own = new Set([walletOf(account), receivableOf(account)]);
  return toText(
    negate(legs.reduce((sum, { ledgerAccount, amount }) => (own.has(ledgerAccount) ? add(sum, amount) : sum), zero)),
  );
}

function written(line: Line): string {
  return csvLine(columns.map((column) => line[column] ?? null));
}
