import { toText } from '@meterbook/domain/amount/decimal';
import { formatInstant } from '@meterbook/domain/time/instant';
import { axesOf } from '../axes';
import { inWords, occurredAt, whatDerived } from './in-words';
import { DERIVED_TYPE, type Balances, type StatementEntry } from './statement-fold';
import type { Statement, StatementPeriod } from './statement-report';

/** The statement as JSON text, entry by entry. */
export async function* statementJson(
  period: StatementPeriod,
  { head, entries, foot }: Statement,
): AsyncIterable<string> {
  const { platform, account, zone, from, to } = period;
  const names = {
    platform,
    account,
    currency: head.currency,
    ...axesOf(zone, head.watermark),
    from: instantOrNull(from),
    to: instantOrNull(to),
  };
  yield `${JSON.stringify({ ...names, opening: balancesOf(head.opening) }).slice(0, -1)},"entries":[`;
  let separator = '';
  for await (const entry of entries) {
    yield separator + JSON.stringify(toJson(entry));
    separator = ',';
  }
  const { closing, final, faults } = foot();
  yield `],${JSON.stringify({ closing: balancesOf(closing), final, faults }).slice(1)}`;
}

function toJson({ booked, at, legs, balances }: StatementEntry): object {
  const amounts = legs.map(({ ledgerAccount, commodity, amount }) => ({
    ledgerAccount,
    commodity,
    amount: toText(amount),
  }));
  const after = { legs: amounts, ...balancesOf(balances) };
  if (!booked)
    return {
      bookedAt: null,
      occurredAt: formatInstant(at),
      type: DERIVED_TYPE,
      derived: true,
      what: whatDerived(legs),
      ...after,
    };
  const { stored, event } = booked;
  return {
    bookedAt: formatInstant(at),
    occurredAt: occurredAt(event),
    type: event.type,
    derived: false,
    revision: stored.revision,
    position: stored.position,
    what: inWords(event),
    ...(event.type === 'UsageCharged' && {
      charges: event.charges.map(({ source, id, occurredAt, model, amount }) => ({
        source,
        id,
        occurredAt,
        model,
        amount,
      })),
    }),
    ...after,
  };
}

function balancesOf({ wallet, receivable }: Balances): { wallet: string; receivable: string } {
  return { wallet: toText(wallet), receivable: toText(receivable) };
}

function instantOrNull(atMs: number): string | null {
  return Number.isFinite(atMs) ? formatInstant(atMs) : null;
}
