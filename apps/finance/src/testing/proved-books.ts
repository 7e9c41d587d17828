import type { StoredEvent } from '@meterbook/event-store/event-store';
import { createLog } from '@meterbook/runtime/log';
import { chargesWith } from '../projections/charges/charges';
import { KnownFacts } from '../projections/platform-facts';
import { ProjectionControl } from '../projections/projection-control';
import { ProjectionLoop } from '../projections/projection-loop';
import { ProjectionReader } from '../projections/projection-reader';
import { recharges } from '../projections/recharges/recharges';
import { trialBalance } from '../projections/trial-balance/trial-balance';
import { GroupCursor } from '../reports/grouped/group-cursor';
import { GroupedReports } from '../reports/grouped/grouped-reports';
import type { Question } from '../reports/grouped/question';
import { groupedJson } from '../reports/grouped/write-groups';
import { amountsOf, Totals, TrialBalanceReport } from '../reports/trial-balance/trial-balance-report';
import { Books } from './books';
import { labelsOfVersion } from './dressed-histories';
import { everyEventOf } from './forged-store';
import type { AskedBalance, NaiveLines } from './naive-money/trial-balance';
import type { ToBeBooked } from './proved-histories';
import { SettableClock } from './settable-clock';
import { StartedLoop, until } from './started-loop';

/** The platform of the histories. */
export const provedPlatform = 'shop';
/** So few that the histories have more. */
export const fewValues = 2;

const HOUR_MS = 3_600_000;

/** The figures of a report by the JSON of each group, without those that are zero; `totals` stands for all. */
export interface ToldFigures {
  readonly final: boolean;
  readonly items: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly totals: Readonly<Record<string, string>>;
}

/** Books that histories are written into, folded by the real loop, and asked for their reports. */
export class ProvedBooks {
  readonly books: Books;
  private readonly loop = new StartedLoop();
  private readonly control: ProjectionControl;
  private readonly reader: ProjectionReader;
  private readonly facts: KnownFacts;
  private readonly projections: ProjectionLoop;

  private constructor(begins: number) {
    this.books = new Books(new Date(begins - HOUR_MS).toISOString(), 'USD');
    const { store, clock, financeDirectory } = this.books;
    this.control = ProjectionControl.shared(financeDirectory);
    this.reader = new ProjectionReader(this.control, clock);
    this.facts = new KnownFacts(store);
    const folded = [trialBalance, chargesWith({ maxLabelValues: fewValues, blockRows: 4 }), recharges];
    this.projections = this.loop.start(new ProjectionLoop(store, clock, financeDirectory, folded, createLog('fatal')));
  }

  /** Books with rulebooks of which each version names other labels, and without accounts. */
  static async since(begins: number): Promise<ProvedBooks> {
    const proved = new ProvedBooks(begins);
    for (const [at, labels] of labelsOfVersion.entries()) {
      const published = { version: at + 1, effectiveFrom: '2020-01-01T00:00:00.000Z', sha256: 'hash' };
      const event = { type: 'RulebookPublished', ...published, rulebook: { currency: 'USD', labels } };
      await proved.books.append(`rulebook-${provedPlatform}`, event);
    }
    return proved;
  }

  /** Books events at their instants, or now where that is later, and has them folded. */
  async book(events: readonly ToBeBooked[]): Promise<void> {
    const { clock, store } = this.books;
    for (const { account, bookedAt, event } of events) {
      clock.pass(Math.max(0, bookedAt - clock.now()));
      await this.books.append(`account-${provedPlatform}/${account}`, event);
    }
    const last = await store.end();
    const now = clock.now();
    await until(
      () => this.projections.progress()?.position === last && (this.projections.progress()?.watermark ?? 0) > now,
      () => clock.pass(1),
    );
  }

  /** Lets time pass until an instant and an hour more, all of which is folded. */
  async passTo(instant: number): Promise<void> {
    const { clock } = this.books;
    clock.pass(Math.max(0, instant - clock.now()) + 2 * HOUR_MS);
    await until(() => (this.projections.progress()?.watermark ?? 0) > clock.now() - HOUR_MS);
  }

  /** All that stands in the store. */
  events(): Promise<StoredEvent[]> {
    return everyEventOf(this.books.store);
  }

  /** What nobody has to wait for is asked as of an hour ago: all of that has passed. */
  get asked(): SettableClock {
    return new SettableClock(this.books.clock.now() - HOUR_MS);
  }

  /** A report by groups as it is answered. Throws the problem `unknown_label`. */
  async figures(question: Question, clock: SettableClock = this.asked): Promise<ToldFigures> {
    const report = await new GroupedReports(this.books.store, clock, this.reader, this.facts).open(question);
    const text = [...groupedJson(report, new GroupCursor(question.report))].join('');
    report.groups.close();
    const { items, totals, final } = JSON.parse(text) as { items: object[]; totals: object; final: boolean };
    const told = items.map((item): [string, Record<string, string>] => {
      const all = Object.entries(item);
      const measures = all.filter(([name]) => !question.groupBy.includes(name));
      const values = question.groupBy.map((name) => all.find(([other]) => other === name)?.[1] as unknown);
      return [JSON.stringify(values), flat(Object.fromEntries(measures))];
    });
    return { final, items: Object.fromEntries(told), totals: flat(totals) };
  }

  /** A trial balance, with the balance of each commodity, and whether it can change. */
  async trialBalance(
    { basis, asOf, derivedAt }: AskedBalance,
    clock: SettableClock = this.asked,
  ): Promise<{ readonly final: boolean; readonly lines: NaiveLines; readonly balances: readonly string[] }> {
    const report = new TrialBalanceReport(this.books.store, clock, this.reader);
    const found = await report.open(provedPlatform, asOf, 'lines', { basis, derivedAt });
    const totals = new Totals();
    const lines: Record<string, readonly [string, string]> = {};
    for (const line of found.lines) {
      totals.add(line);
      const { debit, credit } = amountsOf(line.debit, line.credit);
      lines[`${line.ledgerAccount} ${line.commodity}`] = [debit, credit];
    }
    found.close();
    return { final: found.final, lines, balances: totals.list().map(({ balance }) => balance) };
  }

  async destroy(): Promise<void> {
    this.reader.close();
    this.control.close();
    await this.loop.stop();
    await this.books.destroy();
  }
}

/** Measures by dotted name, without those that are zero. */
function flat(measures: object): Record<string, string> {
  const all = Object.entries(measures).flatMap(([name, value]: [string, unknown]): [string, string][] =>
    typeof value === 'object' && value !== null
      ? Object.entries(value).map(([inner, one]) => [`${name}.${inner}`, String(one)])
      : [[name, String(value)]],
  );
  return Object.fromEntries(all.filter(([, value]) => value !== '0'));
}
