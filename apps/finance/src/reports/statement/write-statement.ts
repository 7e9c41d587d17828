import { toText } from '@meterbook/domain/amount/decimal';
import type { Balances } from '@meterbook/domain/entries/balances';
import { formatInstant } from '@meterbook/domain/time/instant';
import { axesOf } from '../axes';
import { explainEntry } from '../entries/explain-entry';
import { eventOf, referenceOf, whatItWas } from './in-words';
import { statementCursor } from './statement-cursor';
import type { StatementEntry } from './statement-fold';
import type { Statement, StatementPeriod } from './statement';

/** A page of the statement as JSON text, entry by entry. */
export async function* statementJson(
  period: StatementPeriod,
  { head, entries, foot }: Statement,
): AsyncIterable<string> {
  const { platform, account, basis, zone, from, to } = period;
  const names = {
    platform,
    account,
    ...axesOf(basis, zone, head.watermark),
    from: instantOrNull(from),
    to: instantOrNull(to),
    currency: head.currency,
  };
  yield `${JSON.stringify({ ...names, opening: balancesText(head.opening) }).slice(0, -1)},"entries":[`;
  let separator = '';
  for await (const entry of entries) {
    yield separator + JSON.stringify(toJson(entry, account, head.currency));
    separator = ',';
  }
  const { closing, next, final, faults } = await foot();
  const rest = { closing: balancesText(closing), next: statementCursor.write(next), final, faults };
  yield `],${JSON.stringify(rest).slice(1)}`;
}

/** Balances as they are written. */
export function balancesText({ wallet, receivable, main, backup }: Balances): Readonly<Record<keyof Balances, string>> {
  return { wallet: toText(wallet), receivable: toText(receivable), main: toText(main), backup: toText(backup) };
}

function toJson(entry: StatementEntry, account: string, currency: string): object {
  const { formula, sentence } = explainEntry(entry, account, currency);
  const { booked, occurredAt, bookedAt, legs, balances } = entry;
  return {
    event: eventOf(entry),
    reference: referenceOf(entry),
    revision: booked?.stored.revision ?? null,
    what: whatItWas(entry),
    explain: formula,
    sentence,
    occurredAt,
    bookedAt,
    legs: legs.map(({ ledgerAccount, commodity, amount }) => ({ ledgerAccount, commodity, amount: toText(amount) })),
    balances: balancesText(balances),
  };
}

function instantOrNull(atMs: number): string | null {
  return Number.isFinite(atMs) ? formatInstant(atMs) : null;
}
