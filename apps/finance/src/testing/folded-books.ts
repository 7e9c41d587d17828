import { at } from '@meterbook/domain/testing/commands';
import type { Happened } from '@meterbook/domain/testing/plan-histories';
import { createLog } from '@meterbook/runtime/log';
import { ProjectionControl } from '../projections/projection-control';
import { ProjectionLoop } from '../projections/projection-loop';
import { ProjectionReader } from '../projections/projection-reader';
import { trialBalance } from '../projections/trial-balance/trial-balance';
import { JournalReport } from '../reports/journal/journal-report';
import { TrialBalanceReport } from '../reports/trial-balance/trial-balance-report';
import { Books } from './books';
import { StartedLoop, until } from './started-loop';

/** Hours after the last event until which time passes. */
const HOURS_AFTER = 200;

/** Books of a platform `shop` that accounts have lived in, folded, with what reports over them. */
export class FoldedBooks {
  private readonly loop = new StartedLoop();

  private constructor(
    readonly books: Books,
    /** When all has happened, milliseconds since 1970. */
    readonly end: number,
    private readonly control: ProjectionControl,
    private readonly reader: ProjectionReader,
  ) {}

  static async of(accounts: ReadonlyMap<string, readonly Happened[]>): Promise<FoldedBooks> {
    const all = [...accounts].flatMap(([name, happened]) => happened.map((each) => ({ name, ...each })));
    const end = at(Math.max(0, ...all.map(({ hour }) => hour)) + HOURS_AFTER);
    const books = new Books(new Date(at(0)).toISOString(), 'USD');
    for (const { name, hour, event } of all.sort((a, b) => a.hour - b.hour)) {
      books.clock.set(new Date(at(hour)).toISOString());
      await books.append(`account-shop/${name}`, event);
    }
    books.clock.set(new Date(end).toISOString());
    const control = ProjectionControl.shared(books.financeDirectory);
    const lived = new FoldedBooks(books, end, control, new ProjectionReader(control, books.clock));
    await lived.fold();
    return lived;
  }

  get trialBalances(): TrialBalanceReport {
    return new TrialBalanceReport(this.books.store, this.books.clock, this.reader);
  }

  get journals(): JournalReport {
    return new JournalReport(this.books.store, this.books.clock, this.reader, this.trialBalances);
  }

  async destroy(): Promise<void> {
    this.reader.close();
    this.control.close();
    await this.loop.stop();
    await this.books.destroy();
  }

  private async fold(): Promise<void> {
    const { store, clock, financeDirectory } = this.books;
    const projection = this.loop.start(
      new ProjectionLoop(store, clock, financeDirectory, [trialBalance], createLog('fatal')),
    );
    const last = await store.end();
    await until(
      () => projection.progress()?.position === last,
      () => clock.pass(1),
    );
  }
}
