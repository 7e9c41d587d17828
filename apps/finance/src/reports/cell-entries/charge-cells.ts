import type { EventStore } from '@meterbook/event-store/event-store';
import { BesideEvents } from '../../projections/beside-events';
import { LabelValues } from '../../projections/charges/label-values';
import type { BookedEvent } from '../../projections/projection';
import { chargeAdders } from '../charges/charge-sources';
import { Calendar, QUARTER_MS } from '../grouped/calendar';
import { declarationOf } from '../grouped/declared-reports';
import { Grouping, type Question } from '../grouped/question';
import { Sums } from '../grouped/sums';
import type { CellAsked, CellEntry, CellSource } from './cell-entry';
import { eventMark, type CellEvents } from './cell-events';
import { chargeEntriesOf, dimensionOf, type ChargeEntry, type ToldValue } from './charge-entries';

const DAY_MS = 86_400_000;

/** The charges of a cell, and their reversals, from the events themselves. */
export function chargeCells(store: EventStore, cellEvents: CellEvents): CellSource {
  const beside = new BesideEvents(store);
  return async function* (asked) {
    const { question } = asked;
    const cell = new ChargeCell(asked);
    const wanted = {
      bookedFrom: question.basis === 'booked' ? earliest(question) : null,
      isOver: ({ bookedAt }: { readonly bookedAt: number }) =>
        question.basis === 'booked' && bookedAt >= (question.end ?? Infinity),
    };
    for await (const { mark, ...batch } of cellEvents.of(asked, wanted)) {
      const { events } = await beside.completed(batch);
      for (const event of events) {
        const entries = cell.entriesOf(event);
        if (entries.length > 0) yield { mark: eventMark(event), entries };
      }
      yield { mark, entries: [] };
    }
  };
}

/** Tells which charges are in a cell. */
class ChargeCell {
  private readonly grouping: Grouping;
  private readonly calendar: Calendar;
  private readonly told: ToldValue;

  constructor(private readonly asked: CellAsked) {
    const { question, snapshot } = asked;
    this.grouping = new Grouping(question);
    this.calendar = new Calendar(question.zone);
    const values = new LabelValues(snapshot.database, Infinity);
    this.told = (day, label, value) => values.ofReversed(day, question.platform, label, value);
  }

  entriesOf(booked: BookedEvent): CellEntry[] {
    // Its charge was damaged after both were counted.
    if (booked.event.type === 'UsageReversed' && !booked.beside?.reversed) return [];
    return chargeEntriesOf(booked, this.asked.facts, this.told).flatMap((entry) => {
      const sums = this.sumsOf(entry);
      const { event, account, reference, occurredAt, bookedAt, legs, explain, sentence } = entry;
      return sums ? [{ event, account, reference, occurredAt, bookedAt, legs, explain, sentence, sums }] : [];
    });
  }

  /** What an entry adds to the cell; undefined where it is not in it. */
  private sumsOf(entry: ChargeEntry): Sums | undefined {
    const { basis, from, end, report } = this.asked.question;
    const quarter = basis === 'booked' ? entry.bookedQuarter : entry.occurredQuarter;
    if (quarter < (from ?? -Infinity) / QUARTER_MS || quarter >= (end ?? Infinity) / QUARTER_MS) return undefined;
    if (!this.grouping.valuesOf((dimension) => dimensionOf(entry, dimension, quarter, this.calendar))) return undefined;
    const sums = new Sums();
    chargeAdders[report]?.(sums, entry.measures);
    return sums.isZero(declarationOf(report).measures) ? undefined : sums;
  }
}

/** The instant from which on it may hold anything: where it begins, or a day before those it is asked for by day. */
function earliest({ from, filters }: Question): number | null {
  const days = filters.filter(([dimension]) => dimension === 'day').flatMap(([, values]) => values);
  const first = Math.min(...days.map((day) => Date.parse(`${day}T00:00:00Z`) - DAY_MS));
  if (!Number.isFinite(first)) return from;
  return Math.max(first, from ?? -Infinity);
}
