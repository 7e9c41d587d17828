import { toText } from '@meterbook/domain/amount/decimal';
import { instantMs } from '@meterbook/domain/time/instant';
import { ZoneClock } from '@meterbook/domain/time/zone-clock';
import { csvLine, csvText } from '../csv';
import type { JournalQuestion } from './journal-question';
import type { NumberedEntry } from './journal-report';

const DAY_MS = 86_400_000;

const columns = [
  ...['entry', 'event', 'account', 'reference', 'occurredAt', 'bookedAt'],
  ...['ledgerAccount', 'commodity', 'amount'],
];

/** The journal as CSV: a line for each leg. What goes on has no header. */
export async function* journalCsv(
  { received }: JournalQuestion,
  entries: AsyncIterable<NumberedEntry>,
): AsyncIterable<string> {
  if (received === 0) yield csvLine(columns);
  for await (const { number, event, account, reference, occurredAt, bookedAt, legs } of entries)
    for (const { ledgerAccount, commodity, amount } of legs) {
      const entry = [number, event, account, csvText(reference), occurredAt, bookedAt];
      yield csvLine([...entry, ledgerAccount, commodity, toText(amount)]);
    }
}

/** The journal as hledger reads it: a transaction for each entry, its number as the code. What goes on has no header. */
export async function* journalHledger(
  { basis, zone, received }: JournalQuestion,
  entries: AsyncIterable<NumberedEntry>,
): AsyncIterable<string> {
  if (received === 0) yield 'decimal-mark .\n';
  const clock = new ZoneClock(zone);
  for await (const { number, event, account, reference, occurredAt, bookedAt, legs } of entries) {
    const day = clock.day(instantMs(basis === 'booked' ? bookedAt : occurredAt));
    const what = reference === null ? `${event} ${account}` : `${event} ${account} ${inDescription(reference)}`;
    yield `\n${dateOf(day)} (${number}) ${what}\n`;
    for (const { ledgerAccount, commodity, amount } of legs)
      yield `    ${ledgerAccount}  ${toText(amount)} ${symbolOf(commodity)}\n`;
  }
}

function dateOf(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

/** A semicolon would begin a comment. */
function inDescription(text: string): string {
  return text.replaceAll(';', ',');
}

/** A symbol with digits stands in quotes. */
function symbolOf(commodity: string): string {
  return /^[A-Z]+$/.test(commodity) ? commodity : `"${commodity}"`;
}
