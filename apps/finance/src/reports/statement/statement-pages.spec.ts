import { toSnapshot } from '@meterbook/domain/account/snapshot';
import { EmbeddedEventStore } from '@meterbook/event-store/embedded/embedded-event-store';
import type { StoredEvent } from '@meterbook/event-store/event-store';
import { createLog } from '@meterbook/runtime/log';
import { ProjectionControl } from '../../projections/projection-control';
import { ProjectionLoop } from '../../projections/projection-loop';
import { ProjectionReader } from '../../projections/projection-reader';
import { trialBalance } from '../../projections/trial-balance/trial-balance';
import { Books } from '../../testing/books';
import { StartedLoop } from '../../testing/started-loop';
import type { StatementPage, StatementPeriod } from './statement';
import { StatementReport } from './statement-report';
import { statementCsv } from './write-statement-csv';
import { statementJson } from './write-statement';
import { statementCursor } from './statement-cursor';

interface PageJson {
  readonly opening: unknown;
  readonly entries: readonly { readonly event: string; readonly balances: unknown }[];
  readonly closing: unknown;
  readonly next: string | null;
  readonly faults: readonly unknown[];
}

/** Counts the events that are read from it. */
class CountingStore extends EmbeddedEventStore {
  count = 0;

  override async *read(...which: Parameters<EmbeddedEventStore['read']>): AsyncIterable<StoredEvent> {
    for await (const stored of super.read(...which)) {
      this.count += 1;
      yield stored;
    }
  }
}

const day = (number: number, hour = 0): string => new Date(Date.UTC(2026, 10, number, hour)).toISOString();

describe('the pages of a statement', () => {
  let books: Books;
  let control: ProjectionControl;
  let reader: ProjectionReader;
  let store: CountingStore;
  let report: StatementReport;
  const loop = new StartedLoop();

  beforeEach(() => {
    books = new Books(day(1), 'CNY');
    control = ProjectionControl.shared(books.financeDirectory);
    reader = new ProjectionReader(control, books.clock);
    store = new CountingStore(`${books.directory}/events`, books.clock);
    report = new StatementReport(store, reader);
    loop.start(
      new ProjectionLoop(books.store, books.clock, books.financeDirectory, [trialBalance], createLog('fatal')),
    );
  });
  afterEach(async () => {
    await loop.stop();
    reader.close();
    control.close();
    await store.close();
    await books.destroy();
  });

  const period = (from = -Infinity, to = Infinity): StatementPeriod => {
    const derivedTo = Math.min(to, books.clock.now());
    return { platform: 'shop', account: 'a', from, to, derivedTo, zone: 'UTC', basis: 'booked' };
  };
  const pageOf = async (of: StatementPeriod, page: StatementPage): Promise<PageJson> => {
    const statement = await report.open(of, page);
    if (!statement) throw new Error('there is no account');
    let text = '';
    for await (const some of statementJson(of, statement)) text += some;
    return JSON.parse(text) as PageJson;
  };
  const pagesOf = async (of: StatementPeriod, limit: number): Promise<PageJson[]> => {
    const pages: PageJson[] = [];
    for (let cursor: string | null | undefined; cursor !== null; cursor = pages.at(-1)?.next ?? null)
      pages.push(await pageOf(of, { from: statementCursor.markOf({ cursor: cursor ?? undefined }), limit }));
    return pages;
  };
  const checkpoint = async (): Promise<void> => {
    const { account, revision } = books.accountOf('shop/a');
    const state = toSnapshot(account);
    const event = { type: 'AccountCheckpointed', ...{ revision, hash: '', state, identities: '' } };
    await books.append('checkpoint-shop/a', event);
  };
  /** A month in which grants expire between and at bookings, late usage takes from what had, and keys move no money. */
  const month = async (): Promise<void> => {
    await books.open('shop/a');
    for (let today = 1; today <= 20; today++) {
      books.clock.set(day(today));
      await books.grant('shop/a', `g${today}`, '7', day(today + 1 + (today % 4), today % 3));
      if (today % 5 === 0) await books.recharge('shop/a', `r${today}`, '3');
      books.clock.set(day(today, 12));
      await books.charge('shop/a', `u${today}`, String(today % 6));
      books.clock.set(day(today, 13));
      if (today > 5) await books.charge('shop/a', `late${today}`, '2', day(today - 2, 1));
      if (today % 3 === 0) await checkpoint();
    }
    books.clock.set(day(24));
  };

  it.each([1, 3, 10, 1000])(
    'of %i entries are together the whole, each with its opening and its closing',
    async (limit) => {
      await month();
      for (const of of [period(), period(Date.parse(day(4, 1))), period(Date.parse(day(3)), Date.parse(day(15, 12)))]) {
        const whole = await pageOf(of, { from: null, limit: Infinity });
        const pages = await pagesOf(of, limit);
        expect(pages.flatMap(({ entries }) => entries)).toEqual(whole.entries);
        for (const { opening, closing, entries, faults } of pages) {
          expect({ opening, closing, faults }).toEqual({ opening: whole.opening, closing: whole.closing, faults: [] });
          expect(entries.length).toBeLessThanOrEqual(limit);
        }
        expect(pages).toHaveLength(Math.max(1, Math.ceil(whole.entries.length / limit)));
        expect(whole.entries.at(-1)?.balances).toEqual(whole.closing);
        expect(whole.entries.map(({ event }) => event)).toContain('Derived');
      }
    },
  );

  it('read from the last checkpoint before them, and not from the beginning', async () => {
    await books.open('shop/a');
    await books.recharge('shop/a', 'r1', '100000');
    for (let number = 1; number <= 400; number++) {
      await books.charge('shop/a', `u${number}`, '1');
      if (number % 20 === 0) await checkpoint();
    }
    const counts: number[] = [];
    let cursor: string | null = null;
    for (let page = 0; page < 40; page++) {
      store.count = 0;
      const { next, entries } = await pageOf(period(), {
        from: statementCursor.markOf({ cursor: cursor ?? undefined }),
        limit: 10,
      });
      counts.push(store.count);
      expect(entries).toHaveLength(10);
      cursor = next;
    }
    // Ten of the page and the next, up to twenty of before it, up to twenty for the closing, and a few checkpoints each.
    expect(Math.max(...counts)).toBeLessThan(75);
  });

  it('go on where they ended, whatever is booked meanwhile', async () => {
    await month();
    const of = period();
    const first = await pageOf(of, { from: null, limit: 5 });
    books.clock.set(day(25));
    await books.charge('shop/a', 'later', '1');
    const rest = await pageOf(period(), { from: statementCursor.markOf({ cursor: first.next ?? '' }), limit: 1000 });
    const whole = await pageOf(period(), { from: null, limit: 1000 });
    expect([...first.entries, ...rest.entries]).toEqual(whole.entries);
  });

  it('end at a fault, which the page that comes to it names', async () => {
    await books.open('shop/a');
    for (let number = 1; number <= 6; number++) await books.charge('shop/a', `u${number}`, '1');
    const wrong = { occurredAt: day(1), changed: {}, currency: 'CNY', settled: [], wallet: '7', receivable: '6' };
    await books.append('account-shop/a', { type: 'AccountSettingsChanged', ...wrong });
    const pages = await pagesOf(period(), 4);
    expect(pages.map(({ entries, faults }) => [entries.length, faults.length])).toEqual([
      [4, 0],
      [2, 1],
    ]);
  });

  it('leave out what moves no money', async () => {
    await books.open('shop/a');
    await books.charge('shop/a', 'free', '0');
    expect(await pageOf(period(), { from: null, limit: 10 })).toMatchObject({ entries: [], next: null });
  });

  it('are not cut in a file', async () => {
    await month();
    const statement = await report.open(period(), { from: null, limit: Infinity });
    let text = '';
    if (statement) for await (const some of statementCsv(period(), statement)) text += some;
    const { entries } = await pageOf(period(), { from: null, limit: 1000 });
    expect(text.trimEnd().split('\r\n')).toHaveLength(entries.length + 3);
  });
});
