import type { Charge } from '@meterbook/domain/account/charging/events';
import type { AccountEvent } from '@meterbook/domain/account/events';
import { add, negate, subtract, toText, zero, type Decimal } from '@meterbook/domain/amount/decimal';
import { postingsOfCharge, receivableOf, walletOf, type Posting } from '@meterbook/domain/entries/postings';
import { formatInstant } from '@meterbook/domain/time/instant';
import { csvLine } from '../csv';
import { chargeInWords, inWords, occurredAt, whatDerived } from './in-words';
import { DERIVED_TYPE, type Balances, type StatementEntry } from './statement-fold';
import type { Statement, StatementPeriod } from './statement-report';

/** `amount` is what the account gained: what it has rose by it, or what it owes fell. Opening and all amounts come to the closing. */
const columns = [
  'at',
  'occurredAt',
  'revision',
  'position',
  'type',
  'source',
  'reference',
  'model',
  'what',
  'currency',
  'amount',
  'wallet',
  'receivable',
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
  yield written({ at: start, type: 'opening', currency, ...balancesOf(head.opening) });
  for await (const entry of entries) yield linesOf(entry, currency, account).map(written).join('');
  const { closing, faults } = foot();
  for (const { revision, detail } of faults) yield written({ revision, type: 'fault', what: detail });
  yield written({ at: formatInstant(derivedTo), type: 'closing', currency, ...balancesOf(closing) });
}

function linesOf(entry: StatementEntry, currency: string, account: string): readonly Line[] {
  const { booked, at, legs, balances } = entry;
  const money = { currency, amount: toText(gainOf(legs, account)), ...balancesOf(balances) };
  if (!booked) return [{ occurredAt: formatInstant(at), type: DERIVED_TYPE, what: whatDerived(legs), ...money }];
  const { stored, event } = booked;
  const place = { at: formatInstant(at), revision: stored.revision, position: stored.position, type: event.type };
  if (event.type === 'UsageCharged')
    return chargeLines(event.charges, currency, account, balances).map((line) => ({ ...place, ...line }));
  return [{ ...place, occurredAt: occurredAt(event), reference: referenceOf(event), what: inWords(event), ...money }];
}

/** A line for each charge of a batch, each with the balances after it: the event states those after the last one. */
function chargeLines(charges: readonly Charge[], currency: string, account: string, after: Balances): readonly Line[] {
  const lines: Line[] = [];
  let { wallet, receivable } = after;
  for (const charge of charges.toReversed()) {
    const legs = postingsOfCharge(charge, currency, account);
    const { source, id, occurredAt: at, model } = charge;
    lines.push({
      occurredAt: at,
      source,
      reference: id,
      model,
      what: chargeInWords(charge),
      currency,
      amount: toText(gainOf(legs, account)),
      ...balancesOf({ wallet, receivable }),
    });
    wallet = add(wallet, sumOn(legs, walletOf(account)));
    receivable = subtract(receivable, sumOn(legs, receivableOf(account)));
  }
  return lines.reverse();
}

/** What the account gained by some legs: a debit of its wallet, or of what it owes, is a loss. */
function gainOf(legs: readonly Posting[], account: string): Decimal {
  return negate(add(sumOn(legs, walletOf(account)), sumOn(legs, receivableOf(account))));
}

function sumOn(legs: readonly Posting[], ledgerAccount: string): Decimal {
  return legs.reduce((sum, leg) => (leg.ledgerAccount === ledgerAccount ? add(sum, leg.amount) : sum), zero);
}

/** The id of the command that made an event. */
function referenceOf(event: AccountEvent): string | null {
  switch (event.type) {
    case 'WalletRecharged':
      return event.rechargeId;
    case 'CreditGranted':
      return event.grantId ?? null;
    case 'UsageReversed':
      return event.reversalId;
    case 'ApiKeyIssued':
    case 'ApiKeyChanged':
    case 'ApiKeyRevoked':
      return event.keyId;
    case 'AccountOpened':
    case 'AccountSettingsChanged':
    case 'TierChanged':
    case 'UsageCharged':
      return null;
  }
}

function written(line: Line): string {
  return csvLine(columns.map((column) => line[column] ?? null));
}

function balancesOf({ wallet, receivable }: Balances): { wallet: string; receivable: string } {
  return { wallet: toText(wallet), receivable: toText(receivable) };
}
