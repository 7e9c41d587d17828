import { join } from 'node:path';
import * as fc from 'fast-check';
import { createLog } from '@meterbook/runtime/log';
import { financeProjections } from '../../finance-projections';
import { KnownFacts } from '../../projections/platform-facts';
import { ProjectionControl } from '../../projections/projection-control';
import { ProjectionLoop } from '../../projections/projection-loop';
import { ProjectionReader } from '../../projections/projection-reader';
import { dressedHistories } from '../../testing/dressed-histories';
import { ForgedStore } from '../../testing/forged-store';
import { StartedLoop, until } from '../../testing/started-loop';
import { declarationOf } from '../grouped/declared-reports';
import { GroupedReports } from '../grouped/grouped-reports';
import type { Question } from '../grouped/question';
import { Sums } from '../grouped/sums';
import { measuresOf } from '../grouped/write-groups';
import type { CellPlace } from './cell-cursor';
import { CellReport } from './cell-report';

/** Histories that are tried, questions that are asked of each, and cells of each answer that are taken apart. */
const RUNS = 4;
const QUESTIONS = 4;
const CELLS = 4;

const dimensions = ['day', 'month', 'model', 'tier', 'group', 'channel', 'apiKey', 'plan', 'account', 'label:team'];

const asked = fc.record({
  report: fc.constantFrom('usage', 'revenue', 'margin'),
  basis: fc.constantFrom('booked' as const, 'occurred' as const),
  zone: fc.constantFrom('UTC', 'America/New_York', 'Asia/Kathmandu'),
  groupBy: fc.shuffledSubarray(dimensions, { maxLength: 3 }),
  from: fc.option(fc.integer({ min: 0, max: 10 }), { freq: 2 }),
  end: fc.option(fc.integer({ min: 10, max: 40 }), { freq: 2 }),
  limit: fc.integer({ min: 1, max: 4 }),
  first: fc.nat(20),
});

const QUARTER_MS = 900_000;

describe('the entries of a cell', () => {
  const loop = new StartedLoop();
  let forged: ForgedStore | undefined;
  let passing: NodeJS.Timeout | undefined;
  afterEach(async () => {
    clearInterval(passing);
    await loop.stop();
    await forged?.destroy();
    forged = undefined;
  });

  it(`come to what the cell says, page by page, whatever it is a cell of (${RUNS} histories)`, async () => {
    let entries = 0;
    const questions = fc.array(asked, { minLength: QUESTIONS, maxLength: QUESTIONS });
    const property = fc.asyncProperty(dressedHistories, questions, async (history, all) => {
      const here = await ForgedStore.of(history);
      forged = here;
      const { store, clock } = here;
      const directory = join(here.directory, 'finance');
      const projections = loop.start(
        new ProjectionLoop(store, clock, directory, financeProjections, createLog('fatal')),
      );
      const last = await store.end();
      clock.pass(1000);
      await until(
        () => projections.progress()?.position === last,
        () => clock.pass(1),
      );
      // Reports wait for the projections to have passed the present.
      passing = setInterval(() => clock.pass(1), 1);
      const control = ProjectionControl.shared(directory);
      const reader = new ProjectionReader(control, clock);
      const facts = new KnownFacts(store);
      const [reports, cells] = [
        new GroupedReports(store, clock, reader, facts),
        new CellReport(store, clock, reader, facts),
      ];
      const platform =
        /^account-([a-z]+)\//.exec(history.find(({ stream }) => /^account/.test(stream))?.stream ?? '')?.[1] ?? '';
      const start = Math.ceil((history[0]?.bookedAt ?? 0) / QUARTER_MS) * QUARTER_MS;
      for (const { limit, first, from, end, groupBy, ...axes } of all) {
        const at = (hours: number | null): number | null => (hours === null ? null : start + hours * 4 * QUARTER_MS);
        const whole: Question = {
          ...{ ...axes, platform, from: at(from), end: at(end), groupBy, filters: [], page: null },
          derivedAt: at(end) ?? clock.now(),
        };
        const { groups, declaration } = await reports.open(whole);
        const told = [...groups.inOrder()];
        groups.close();
        for (const { values, sums } of told.slice(first % Math.max(1, told.length)).slice(0, CELLS)) {
          const filters = groupBy.map((name, index) => [name, [values[index] ?? '']] as const);
          const found = new Sums();
          let place: CellPlace | null = null;
          do {
            const page = await cells.open({ question: { ...whole, groupBy: [], filters }, place, limit });
            expect(page.items.length).toBeLessThanOrEqual(limit);
            for (const item of page.items) found.addAll(item.sums, declaration.measures);
            entries += page.items.length;
            place = page.next;
          } while (place);
          const measures = (of: Sums): object => measuresOf(of, declarationOf(whole.report));
          expect([whole, filters, measures(found)]).toEqual([whole, filters, measures(sums)]);
        }
      }
      clearInterval(passing);
      reader.close();
      control.close();
      await loop.stop();
      await here.destroy();
      forged = undefined;
    });
    await fc.assert(property, { numRuns: RUNS, endOnFailure: true });
    expect(entries).toBeGreaterThan(10);
  });
});
