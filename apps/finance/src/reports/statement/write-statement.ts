import type { AccountEvent } from '@meterbook/domain/account/events';
import { toText } from '@meterbook/domain/amount/decimal';
import { formatInstant } from '@meterbook/domain/time/instant';
import { axesOf } from '../axes';
import { csvLine } from '../csv';
import { inWords } from './in-words';
import type { Balances, StatementEntry } from './statement-fold';
import type { Statement, StatementPeriod } from './statement-report';

const derivedType = 'LotExpired';
const expired = 'expired, derived';
const cameBack = 'drawn on after all by late usage, derived';

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

/** The statement as CSV: a line for each leg, between an opening and a closing line; a fault is a line of its own. */
export async function* statementCsv(
  period: StatementPeriod,
  { head, entries, foot }: Statement,
): AsyncIterable<string> {
  yield csvLine([
    'at',
    'occurredAt',
    'revision',
    'position',
    'type',
    'what',
    'ledgerAccount',
    'commodity',
    'amount',
    'wallet',
    'receivable',
  ]);
  yield edge(instantOrNull(period.from), 'opening', head.opening);
  for await (const entry of entries) yield entryLines(entry);
  const { closing, faults } = foot();
  for (const { revision, detail } of faults)
    yield csvLine([null, null, revision, null, 'fault', detail, null, null, null, null, null]);
  yield edge(formatInstant(period.derivedTo), 'closing', closing);
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
      type: derivedType,
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

function entryLines({ booked, at, legs, balances }: StatementEntry): string {
  const what = booked
    ? [
        formatInstant(at),
        occurredAt(booked.event),
        booked.stored.revision,
        booked.stored.position,
        booked.event.type,
        inWords(booked.event),
      ]
    : [null, formatInstant(at), null, null, derivedType, whatDerived(legs)];
  const after = [toText(balances.wallet), toText(balances.receivable)];
  if (legs.length === 0) return csvLine([...what, null, null, null, ...after]);
  return legs
    .map(({ ledgerAccount, commodity, amount }) =>
      csvLine([...what, ledgerAccount, commodity, toText(amount), ...after]),
    )
    .join('');
}

function edge(at: string | null, type: string, { wallet, receivable }: Balances): string {
  return csvLine([at, null, null, null, type, null, null, null, null, toText(wallet), toText(receivable)]);
}

function whatDerived(legs: StatementEntry['legs']): string {
  return (legs[0]?.amount.coefficient ?? 0n) < 0n ? cameBack : expired;
}

/** Charges each have a time of their own. */
function occurredAt(event: AccountEvent): string | null {
  return 'occurredAt' in event ? event.occurredAt : null;
}

function balancesOf({ wallet, receivable }: Balances): { wallet: string; receivable: string } {
  return { wallet: toText(wallet), receivable: toText(receivable) };
}

function instantOrNull(atMs: number): string | null {
  return Number.isFinite(atMs) ? formatInstant(atMs) : null;
}
