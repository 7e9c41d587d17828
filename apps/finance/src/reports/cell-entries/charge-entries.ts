import { chargeAnswer } from '@meterbook/domain/account/answers';
import { chargeSentence } from '@meterbook/domain/account/charging/charge-sentence';
import type { Charge, UsageReversed } from '@meterbook/domain/account/charging/events';
import type { Posting } from '@meterbook/domain/entries/legs';
import { inLedgerOrder, postingsOf, postingsOfCharge } from '@meterbook/domain/entries/postings';
import { formatInstant, storedInstant } from '@meterbook/domain/time/instant';
import type { Labels } from '@meterbook/domain/usage/labels';
import {
  dimensionsOf,
  measuresOf,
  quarterOf,
  reversedMeasuresOf,
  type Dimensions,
  type Measures,
} from '../../projections/charges/charge-row';
import type { PlatformFacts } from '../../projections/platform-facts';
import type { BookedEvent } from '../../projections/projection';
import type { Calendar } from '../grouped/calendar';
import { labelOf } from '../grouped/declaration';

/** One charge, or the reversal of one, as an entry with what reports count it as. */
export interface ChargeEntry {
  readonly event: 'UsageCharged' | 'UsageReversed';
  readonly account: string;
  /** The id of the usage, or of the reversal. */
  readonly reference: string;
  readonly occurredAt: string;
  readonly bookedAt: string;
  readonly legs: readonly Posting[];
  /** The formula; of a reversal that of its charge. */
  readonly explain: string;
  /** For a customer. */
  readonly sentence: string;
  readonly measures: Measures;
  /** Quarters of an hour since 1970. */
  readonly bookedQuarter: number;
  readonly occurredQuarter: number;
  readonly dimensions: Dimensions;
  readonly apiKey: string | null;
  readonly labels: Labels;
}

/** What stands in reports for a value of a label that a charge booked on a UTC day bears. */
export type ToldValue = (day: number, label: string, value: string) => string;

const DAY_MS = 86_400_000;

/** The entries of an event that the reports of charges count, each charge of a batch for itself. Throws where it makes no sense. */
export function chargeEntriesOf(booked: BookedEvent, facts: PlatformFacts, told: ToldValue): ChargeEntry[] {
  const { event } = booked;
  if (event.type === 'UsageCharged')
    return event.charges.map((charge) => chargedEntry(booked, charge, event.currency, facts, told));
  return event.type === 'UsageReversed' ? [reversedEntry(booked, event, facts, told)] : [];
}

function chargedEntry(
  booked: BookedEvent,
  charge: Charge,
  currency: string,
  facts: PlatformFacts,
  told: ToldValue,
): ChargeEntry {
  const { account, bookedAt } = booked;
  return {
    event: 'UsageCharged',
    reference: charge.id,
    occurredAt: charge.occurredAt,
    legs: inLedgerOrder(postingsOfCharge(charge, currency, account)),
    explain: chargeAnswer(charge, currency, false).explain,
    sentence: chargeSentence(charge, currency),
    measures: measuresOf(charge),
    occurredQuarter: quarterOf(storedInstant(charge.occurredAt)),
    ...ofBoth(booked, charge, bookedAt, facts, told),
  };
}

function reversedEntry(booked: BookedEvent, event: UsageReversed, facts: PlatformFacts, told: ToldValue): ChargeEntry {
  const reversed = booked.beside?.reversed;
  if (!reversed) throw new Error('the charge that it reverses cannot be read');
  const { charge } = reversed;
  const explain = chargeAnswer(charge, event.currency, true).explain;
  return {
    event: 'UsageReversed',
    reference: event.reversalId,
    occurredAt: event.occurredAt,
    legs: inLedgerOrder(postingsOf(event, booked.account)),
    explain: `reversal of ${explain}`,
    sentence: `Taken back: ${chargeSentence(charge, event.currency)}`,
    measures: reversedMeasuresOf(event, charge),
    occurredQuarter: quarterOf(storedInstant(event.occurredAt)),
    ...ofBoth(booked, charge, reversed.bookedAt, facts, told),
  };
}

/** What a charge and its reversal have in common; a label's value is told as on the day the charge was booked. */
function ofBoth(
  { account, bookedAt }: BookedEvent,
  charge: Charge,
  chargedAt: number,
  facts: PlatformFacts,
  told: ToldValue,
): Pick<ChargeEntry, 'account' | 'bookedAt' | 'bookedQuarter' | 'dimensions' | 'apiKey' | 'labels'> {
  const { labels = {} } = charge;
  const day = Math.floor(chargedAt / DAY_MS);
  const named = facts.labelsOf(charge.rulebook).filter((label) => labels[label] !== undefined);
  return {
    account,
    bookedAt: formatInstant(bookedAt),
    bookedQuarter: quarterOf(bookedAt),
    dimensions: dimensionsOf(charge),
    apiKey: charge.apiKeyId ?? null,
    labels: Object.fromEntries(named.map((label) => [label, told(day, label, labels[label] ?? '')])),
  };
}

/** The value of a dimension of an entry, its time being that of a quarter of an hour. */
export function dimensionOf(entry: ChargeEntry, dimension: string, quarter: number, calendar: Calendar): string | null {
  const [model, tier, group, channel, plan] = entry.dimensions;
  if (dimension === 'day' || dimension === 'month') return calendar.value(dimension, quarter);
  const values: Readonly<Record<string, string | null>> = {
    ...{ model, tier, group, channel, plan },
    account: entry.account,
    apiKey: entry.apiKey,
  };
  const label = labelOf(dimension);
  return (label === undefined ? values[dimension] : entry.labels[label]) ?? null;
}
