import type { Charge } from '@meterbook/domain/account/charging/events';
import { add, decimal, negate, toText, zero } from '@meterbook/domain/amount/decimal';
import { formatInstant, storedInstant } from '@meterbook/domain/time/instant';
import { accountPrefix } from '@meterbook/books/stream-kinds';
import { comparePositions, type EventStore, type Position } from '@meterbook/event-store/event-store';
import type { Clock } from '@meterbook/runtime/clock';
import { BesideEvents } from '../../projections/beside-events';
import { EventReader } from '../../projections/event-reader';
import type { BookedEvent } from '../../projections/projection';
import { csvLine, csvText } from '../csv';
import { lineMark } from './charges-cursor';
import type { ChargesQuestion } from './charges-question';

type ByTime = Extract<ChargesQuestion, { by: 'time' }>;

/** The columns: those of FOCUS 1.x for usage, then our own, which FOCUS wants to begin with `x_`. */
const columns = [
  ...['BilledCost', 'EffectiveCost', 'ListCost', 'ContractedCost', 'BillingCurrency'],
  ...['BillingPeriodStart', 'BillingPeriodEnd', 'ChargePeriodStart', 'ChargePeriodEnd'],
  ...['ChargeCategory', 'ChargeClass', 'ChargeDescription', 'ChargeFrequency'],
  ...['ConsumedQuantity', 'ConsumedUnit', 'PricingCategory'],
  ...['ProviderName', 'PublisherName', 'InvoiceIssuerName', 'ServiceCategory', 'ServiceName'],
  ...['BillingAccountId', 'BillingAccountName', 'SubAccountId', 'ResourceId', 'SkuId', 'Tags'],
  ...['x_Source', 'x_Tier', 'x_Group', 'x_Channel', 'x_Plan', 'x_Units', 'x_UpstreamCost', 'x_BookedAt', 'x_Cursor'],
];

/** One charge, or the reversal of one. */
interface Line {
  readonly charge: Charge;
  readonly occurredAt: string;
  readonly isReversal: boolean;
  readonly currency: string;
}

/** Every charge of a platform in store order, a line each, and a line of its own for each reversal; with a header unless it goes on. */
export async function* focusCsv(store: EventStore, clock: Clock, question: ByTime): AsyncIterable<string> {
  const { platform, after } = question;
  if (after === null) yield csvLine(columns);
  const end = await store.end();
  let [before, skip]: [Position, number] = [after?.after ?? 'start', after?.lines ?? 0];
  if (comparePositions(before, end) >= 0) return;
  const [reader, beside] = [new EventReader(), new BesideEvents(store)];
  const done = new AbortController();
  try {
    for await (const batch of store.subscribe([`${accountPrefix}${platform}/`], before, done.signal)) {
      const { events, position } = await beside.completed(reader.read(batch));
      for (const event of events) {
        if (comparePositions(event.position, end) > 0) return;
        for (const [at, line] of linesOf(event).entries()) {
          if (at < skip || !isIn(question, event, line)) continue;
          yield csvLine([...valuesOf(event, line), lineMark({ after: before, lines: at + 1 })]);
        }
        [before, skip] = [event.position, 0];
      }
      if (comparePositions(position, end) >= 0) return;
      // Whatever else this thread does gets its turn, also while nothing of it is asked for.
      await clock.sleep(0);
    }
  } finally {
    done.abort();
  }
}

/** What of an event is told; a reversal whose charge cannot be read is not. */
function linesOf({ event, beside }: BookedEvent): readonly Line[] {
  if (event.type === 'UsageCharged')
    return event.charges.map((charge) => ({
      ...{ charge, occurredAt: charge.occurredAt, isReversal: false, currency: event.currency },
    }));
  if (event.type !== 'UsageReversed' || !beside?.reversed) return [];
  const { charge } = beside.reversed;
  return [{ charge, occurredAt: event.occurredAt, isReversal: true, currency: event.currency }];
}

function isIn({ basis, from, to }: ByTime, { bookedAt }: BookedEvent, { occurredAt }: Line): boolean {
  const at = basis === 'booked' ? bookedAt : storedInstant(occurredAt);
  return at >= (from ?? -Infinity) && at < (to ?? Infinity);
}

function valuesOf({ platform, account, bookedAt }: BookedEvent, line: Line): (string | null)[] {
  const { charge, occurredAt, isReversal, currency } = line;
  const { model, tier, group, channel = null, plan = null, apiKeyId = null, units, labels = {}, source, id } = charge;
  const signed = (amount: string): string => (isReversal ? toText(negate(decimal(amount))) : amount);
  const paid = (charge.lots ?? []).reduce((sum, [, amount]) => add(sum, decimal(amount)), decimal(charge.owed ?? '0'));
  const amount = signed(charge.amount);
  const cost = isReversal ? toText(zero) : (charge.cost ?? charge.amount);
  const [only, ...more] = Object.entries(units);
  const consumed = only && more.length === 0 ? only : undefined;
  const { from, to } = monthOf(bookedAt);
  return [
    ...[signed(toText(paid)), amount, amount, amount, currency, from, to, occurredAt, occurredAt],
    ...['Usage', isReversal ? 'Correction' : null, csvText(`${model} ${id}`), 'Usage-Based'],
    ...[consumed ? signed(String(consumed[1])) : null, csvText(consumed?.[0] ?? null), 'Standard'],
    ...[platform, platform, platform, 'AI and Machine Learning', csvText(model)],
    ...[platform, platform, account, csvText(apiKeyId), csvText(model), JSON.stringify(labels)],
    ...[source, tier, group, channel, plan].map(csvText),
    ...[JSON.stringify(units), cost, formatInstant(bookedAt)],
  ];
}

/** The UTC month of an instant: the period that it is billed in. */
function monthOf(atMs: number): { readonly from: string; readonly to: string } {
  const [year = 0, month = 0] = formatInstant(atMs).split('-').map(Number);
  return { from: formatInstant(Date.UTC(year, month - 1)), to: formatInstant(Date.UTC(year, month)) };
}
