import type { ClosingContent } from '@meterbook/domain/closing/events';
import type { EventStore } from '@meterbook/event-store/event-store';
import { amountsOf, Totals } from '../reports/trial-balance/trial-balance-report';
import type { ClosingAnswer } from './closing-answer';
import { closingItems } from './closing-parts';

/** A closing with its trial balance as JSON text, line by line. */
export async function* closedJson(
  store: EventStore,
  closing: ClosingAnswer,
  content: ClosingContent,
): AsyncIterable<string> {
  yield `${JSON.stringify(closing).slice(0, -1)},"trialBalance":{"lines":[`;
  const totals = new Totals();
  let separator = '';
  for await (const item of closingItems(store, content)) {
    if (item.kind !== 'line') continue;
    const { ledgerAccount, commodity, debit, credit } = item.line;
    totals.add(item.line);
    yield separator + JSON.stringify({ ledgerAccount, commodity, ...amountsOf(debit, credit) });
    separator = ',';
  }
  yield `],"totals":${JSON.stringify(totals.list())}}}`;
}
