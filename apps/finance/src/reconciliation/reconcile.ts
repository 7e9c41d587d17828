import { decimal, type Decimal } from '@meterbook/domain/amount/decimal';
import { convert, exchangeOf, rateText, type Exchange } from '@meterbook/domain/account/wallet/exchange';
import { versionInForce } from '@meterbook/domain/rulebook/rulebook';
import { Rulebooks } from '@meterbook/books/rulebooks';
import type { EventStore } from '@meterbook/event-store/event-store';
import { removeDatabase } from '@meterbook/runtime/disposable-file';
import { KeysBeingAdded } from './keys-file';
import { ourCosts } from './our-costs';
import { InvalidRow, readBill } from './read-bill';
import type { Compared, ReconciliationTask } from './question';

/** A key's sum in our currency is rounded to so many places. */
const CONVERTED = { scale: 12, mode: 'half-up' } as const;

/** Compares a bill with what its usage was booked to have cost, and writes each key into a file. Memory holds some keys at a time. */
export async function reconcile(
  store: EventStore,
  { question, currency, bill, items, asOf }: ReconciliationTask,
): Promise<Compared> {
  const exchange = await exchangeInForce(
    store,
    question.platform,
    question.currency ?? currency,
    currency,
    question.to,
  );
  if (!exchange) return { kind: 'no-rate' };
  const keys = new KeysBeingAdded(items);
  let isWhole = false;
  try {
    const { rows, skipped } = await readBill(bill, question, ({ key, amount }) => keys.add('theirs', key, amount));
    await ourCosts(store, question, asOf, (key, cost) => keys.add('ours', key, cost));
    const isForeign = question.currency !== null && question.currency !== currency;
    const converted = (theirs: Decimal): Decimal => (isForeign ? convert(theirs, exchange, CONVERTED) : theirs);
    const tolerance = { absolute: decimal(question.absolute), ratio: decimal(question.ratio) };
    const sums = keys.finish(converted, tolerance);
    isWhole = true;
    return { kind: 'compared', rate: rateText(exchange), rows, skipped, sums };
  } catch (error) {
    if (!(error instanceof InvalidRow)) throw error;
    return { kind: 'invalid-csv', line: error.line, detail: error.detail };
  } finally {
    keys.close();
    if (!isWhole) removeDatabase(items);
  }
}

/** The exchange by the rules in force just before an instant, in milliseconds since 1970; undefined where there is none. */
async function exchangeInForce(
  store: EventStore,
  platform: string,
  from: string,
  to: string,
  beforeMs: number,
): Promise<Exchange | undefined> {
  if (from === to) return { by: 'times', rate: { coefficient: 1n, scale: 0 } };
  const version = versionInForce(await new Rulebooks(store).versions(platform), beforeMs - 1);
  return version && exchangeOf(version.rulebook, from, to);
}
