import type { Posting } from '@meterbook/domain/entries/legs';
import { negate } from '@meterbook/domain/amount/decimal';
import { deferredOf } from '@meterbook/domain/entries/subscription-legs';
import { formatInstant } from '@meterbook/domain/time/instant';
import { accountPrefix } from '@meterbook/books/stream-kinds';
import { comparePositions, type EventStore, type Position } from '@meterbook/event-store/event-store';
import type { Clock } from '@meterbook/runtime/clock';
import { BesideEvents } from '../../projections/beside-events';
import { LabelValues } from '../../projections/charges/label-values';
import { EventReader } from '../../projections/event-reader';
import type { KnownFacts, PlatformFacts } from '../../projections/platform-facts';
import type { BookedEvent } from '../../projections/projection';
import type { ProjectionReader, ProjectionSnapshot } from '../../projections/projection-reader';
import { trialBalance } from '../../projections/trial-balance/trial-balance';
import { chargeAdders } from '../charges/charge-sources';
import { countFees } from '../charges/count-fees';
import { damagedOf, type DamagedAccounts } from '../damaged-accounts';
import { Calendar, QUARTER_MS } from '../grouped/calendar';
import { declarationOf } from '../grouped/declared-reports';
import { refuseUnknownLabels } from '../grouped/grouped-reports';
import { Groups } from '../grouped/groups';
import { Grouping, type GroupValues, type Question } from '../grouped/question';
import { Sums } from '../grouped/sums';
import { DERIVED_PLACE, type CellPlace } from './cell-cursor';
import type { CellQuestion } from './cell-question';
import { chargeEntriesOf, dimensionOf, type ChargeEntry, type ToldValue } from './charge-entries';

const DAY_MS = 86_400_000;

/** An entry of a cell, with what it adds to the cell's measures. */
export interface CellEntry extends Pick<ChargeEntry, 'account' | 'occurredAt' | 'bookedAt' | 'explain' | 'sentence'> {
  readonly event: ChargeEntry['event'] | 'Derived';
  readonly reference: string | null;
  readonly legs: readonly Posting[];
  readonly sums: Sums;
}

/** A page of the entries that a cell of a report is the sum of. */
export interface CellPage {
  readonly question: Question;
  readonly currency: string | null;
  readonly watermark: number;
  readonly final: boolean;
  readonly damaged: DamagedAccounts;
  readonly items: readonly CellEntry[];
  readonly next: CellPlace | null;
}

/** Tells the entries that a cell of a report of charges is the sum of, from the events themselves. */
export class CellReport {
  private readonly beside: BesideEvents;

  constructor(
    private readonly store: EventStore,
    private readonly clock: Clock,
    private readonly reader: ProjectionReader,
    private readonly facts: KnownFacts,
  ) {
    this.beside = new BesideEvents(store);
  }

  /** Throws the problem `unknown_label` where no rulebook of the platform names a label that is asked for. */
  async open(asked: CellQuestion): Promise<CellPage> {
    const { question } = asked;
    const { platform, report, basis, end } = question;
    const facts = await this.facts.of(platform);
    const { projection } = declarationOf(report);
    refuseUnknownLabels(new Grouping(question).needed, facts);
    await this.reader.isFinalAt(projection, Math.min(end ?? Infinity, this.clock.now()));
    const snapshot = this.reader.snapshot(projection);
    const nothing = { question, currency: facts.currency, items: [], next: null };
    if (!snapshot) return { ...nothing, watermark: -1, final: false, damaged: { count: 0, accounts: [] } };
    try {
      const damaged = damagedOf(snapshot.damaged, platform);
      const { watermark } = snapshot.progress;
      const final = basis === 'booked' && end !== null && end <= watermark && damaged.count === 0;
      const walk = new CellWalk(asked, snapshot, facts);
      if (asked.place?.after !== DERIVED_PLACE) await this.tellCharges(walk, snapshot);
      if (report === 'revenue' && !walk.next) await this.tellFees(walk, question, snapshot);
      return { ...nothing, watermark, final, damaged, items: walk.items, next: walk.next };
    } finally {
      snapshot.close();
    }
  }

  private async tellCharges(walk: CellWalk, { progress, damaged }: ProjectionSnapshot): Promise<void> {
    const after = walk.startOf(this.reader);
    if (comparePositions(after, progress.position) >= 0) return;
    const done = new AbortController();
    const [events, prefixes] = [new EventReader(), [walk.prefix]];
    try {
      for await (const batch of this.store.subscribe(prefixes, after, done.signal)) {
        const { events: booked } = await this.beside.completed(events.read(batch));
        for (const event of booked) {
          if (comparePositions(event.position, progress.position) > 0 || walk.isOver(event)) return;
          if (!damaged.holds(event.stream, event.position)) walk.take(event);
          if (walk.next) return;
        }
        if (comparePositions(batch.position, progress.position) >= 0) return;
        await this.clock.sleep(0);
      }
    } finally {
      done.abort();
    }
  }

  /** What was earned of fees, an entry for each account and plan. */
  private async tellFees(walk: CellWalk, question: Question, { database }: ProjectionSnapshot): Promise<void> {
    const byPlan = { ...question, groupBy: ['account', 'plan'] };
    const groups = new Groups(declarationOf(question.report).measures);
    try {
      await countFees(database, byPlan, new Grouping(byPlan), groups, this.clock);
      for (const { values, sums } of groups.inOrder()) {
        walk.addFees(values, sums);
        if (walk.next) return;
      }
    } finally {
      groups.close();
    }
  }
}

/** Where the measure of fees stands among those of revenue. */
const FEES_AT = 1;

/** Gathers a page while the events go by. */
class CellWalk {
  readonly items: CellEntry[] = [];
  /** Where the next page begins; null while nothing is beyond this one. */
  next: CellPlace | null = null;
  readonly prefix: string;
  private readonly grouping: Grouping;
  private readonly calendar: Calendar;
  private readonly told: ToldValue;
  private last: Position;
  /** Entries of what comes next that an earlier page has given. */
  private toSkip: number;
  private derived = 0;

  constructor(
    private readonly asked: CellQuestion,
    { database }: ProjectionSnapshot,
    private readonly facts: PlatformFacts,
  ) {
    const { question, place } = asked;
    const { platform } = question;
    this.grouping = new Grouping(question);
    this.calendar = new Calendar(question.zone);
    this.prefix = `${accountPrefix}${platform}/`;
    const values = new LabelValues(database, Infinity);
    this.told = (day, label, value) => values.ofReversed(day, platform, label, value);
    this.last = place?.after ?? 'start';
    this.toSkip = place?.given ?? 0;
  }

  /** After which position the first event stands at the earliest. By occurred at that may be any. */
  startOf(reader: ProjectionReader): Position {
    const { question, place } = this.asked;
    if (place) return place.after;
    const from = this.earliest();
    if (question.basis === 'occurred' || from === null) return 'start';
    const after = reader.peek(trialBalance.name, (database) =>
      database
        .prepare<[number], Position>('SELECT after_position FROM days WHERE day <= ? ORDER BY day DESC LIMIT 1')
        .pluck()
        .get(Math.floor(from / DAY_MS)),
    );
    this.last = after ?? 'start';
    return this.last;
  }

  /** Whether neither this event nor any that follows is in the cell. */
  isOver({ bookedAt }: BookedEvent): boolean {
    const { basis, end } = this.asked.question;
    return basis === 'booked' && end !== null && bookedAt >= end;
  }

  take(booked: BookedEvent): void {
    const before = this.last;
    this.last = booked.position;
    let at = 0;
    for (const entry of chargeEntriesOf(booked, this.facts, this.told)) {
      const sums = this.sumsOf(entry);
      if (!sums) continue;
      at += 1;
      if (at <= this.toSkip) continue;
      if (this.isFull(before, at - 1)) return;
      const { event, account, reference, occurredAt, bookedAt, legs, explain, sentence } = entry;
      this.items.push({ event, account, reference, occurredAt, bookedAt, legs, explain, sentence, sums });
    }
    this.toSkip = 0;
  }

  /** What was earned of the fees of an account's plan. */
  addFees([account = null, plan = null]: GroupValues, sums: Sums): void {
    if (account === null) return;
    const at = formatInstant(this.asked.question.derivedAt);
    const [commodity, earned] = [this.facts.currency ?? '', sums.amountOf(FEES_AT)];
    this.addDerived({
      ...{ event: 'Derived', account, reference: null, occurredAt: at, bookedAt: at, sums },
      legs: [
        { ledgerAccount: deferredOf(account), commodity, amount: earned },
        { ledgerAccount: 'revenue:subscriptions', commodity, amount: negate(earned) },
      ],
      explain: `earned of the fees of plan ${plan ?? ''}, linear over their periods`,
      sentence: `What plan ${plan ?? ''} was paid for in this time.`,
    });
  }

  private addDerived(entry: CellEntry): void {
    const { place } = this.asked;
    this.derived += 1;
    if (place?.after === DERIVED_PLACE && this.derived <= place.given) return;
    if (!this.isFull(DERIVED_PLACE, this.derived - 1)) this.items.push(entry);
  }

  private isFull(after: string, given: number): boolean {
    if (this.items.length < this.asked.limit) return false;
    this.next = { at: this.asked.question.derivedAt, after, given };
    return true;
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

  /** The instant from which on it may hold anything: where it begins, or a day before those it is asked for by day. */
  private earliest(): number | null {
    const { from, filters } = this.asked.question;
    const days = filters.filter(([dimension]) => dimension === 'day').flatMap(([, values]) => values);
    const first = Math.min(...days.map((day) => Date.parse(`${day}T00:00:00Z`) - DAY_MS));
    if (!Number.isFinite(first)) return from;
    return Math.max(first, from ?? -Infinity);
  }
}
