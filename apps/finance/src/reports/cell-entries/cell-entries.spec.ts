import { join } from 'node:path';
import * as fc from 'fast-check';
import { equationsOf, holds } from '@meterbook/domain/testing/equations';
import { createLog } from '@meterbook/runtime/log';
import { financeProjections } from '../../finance-projections';
import { KnownFacts } from '../../projections/platform-facts';
import { ProjectionControl } from '../../projections/projection-control';
import { ProjectionLoop } from '../../projections/projection-loop';
import { ProjectionReader } from '../../projections/projection-reader';
import { dressedHistories } from '../../testing/dressed-histories';
import { ForgedStore } from '../../testing/forged-store';
import { SettableClock } from '../../testing/settable-clock';
import { StartedLoop, until } from '../../testing/started-loop';
import { GroupedReports } from '../grouped/grouped-reports';
import type { Question } from '../grouped/question';
import { Sums } from '../grouped/sums';
import { measuresOf } from '../grouped/write-groups';
import { amountsOf, TrialBalanceReport } from '../trial-balance/trial-balance-report';
import type { CellPlace } from './cell-cursor';
import { cellDeclarations, type CellDeclaration } from './cell-declarations';
import { CellReport } from './cell-report';

/** Histories that are tried (`CELL_ENTRIES_RUNS` asks more of it), questions that every report is asked of each, and cells of each answer that are taken apart. */
const runs = Number(process.env['CELL_ENTRIES_RUNS'] ?? 12);
const QUESTIONS = 4;
const CELLS = 4;

const asked = fc.record({
  basis: fc.constantFrom('booked' as const, 'occurred' as const),
  zone: fc.constantFrom('UTC', 'America/New_York', 'Asia/Kathmandu'),
  groupBy: fc.array(fc.nat(), { maxLength: 3 }),
  from: fc.option(fc.integer({ min: 0, max: 40 }), { freq: 2 }),
  end: fc.option(fc.integer({ min: 0, max: 80 }), { freq: 2 }),
  limit: fc.integer({ min: 1, max: 4 }),
  first: fc.nat(20),
});

const QUARTER_MS = 900_000;
const HOUR_MS = 4 * QUARTER_MS;

/** A cell of a report: the values of its group, and what the report says of it. */
interface Cell {
  readonly filters: Question['filters'];
  readonly measures: object;
}

describe('the entries of a cell', () => {
  const loop = new StartedLoop();
  let forged: ForgedStore | undefined;
  afterEach(async () => {
    await loop.stop();
    await forged?.destroy();
    forged = undefined;
  });

  it(`come to what the cell says, page by page, of every report, by every group and on both bases (${runs} histories)`, async () => {
    const met = new Set<string>();
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
      const now = clock.now();
      await until(
        () => projections.progress()?.position === last && (projections.progress()?.watermark ?? 0) > now,
        () => clock.pass(1),
      );
      // All that is asked about has passed: nobody waits for what may still come.
      const earlier = new SettableClock(now);
      const control = ProjectionControl.shared(directory);
      const reader = new ProjectionReader(control, earlier);
      const facts = new KnownFacts(store);
      const reports = new GroupedReports(store, earlier, reader, facts);
      const trialBalances = new TrialBalanceReport(store, earlier, reader);
      const cells = new CellReport(store, earlier, reader, facts);
      const cellsOf = (question: Question): Promise<readonly Cell[]> =>
        question.report === 'trial-balance' ? linesOf(trialBalances, question) : groupsOf(reports, question);
      const accounts = history.flatMap(({ stream }) => /^account-([a-z]+)\//.exec(stream)?.[1] ?? []);
      const platforms = [...new Set(accounts)];
      const start = Math.ceil((history[0]?.bookedAt ?? 0) / QUARTER_MS) * QUARTER_MS;
      for (const question of all)
        for (const declaration of cellDeclarations) {
          const { limit, first } = question;
          const platform = platforms[first % platforms.length] ?? '';
          // Where no rulebook names a label, nothing can be grouped by it.
          const hasLabels = declaration.hasLabels && (await facts.of(platform)).names('team');
          const whole = questionOf({ ...declaration, hasLabels }, question, platform, start, now);
          const told = await cellsOf(whole);
          for (const { filters, measures } of told.slice(first % Math.max(1, told.length)).slice(0, CELLS)) {
            const found = new Sums();
            let place: CellPlace | null = null;
            do {
              const page = await cells.open({ question: { ...whole, groupBy: [], filters }, place, limit });
              expect(page.items.length).toBeLessThanOrEqual(limit);
              for (const { sums } of page.items) found.addAll(sums, declaration.measures);
              for (const { event, sentence, explain } of page.items) {
                // These histories tell nothing of what a switch credits but the credit.
                if (event !== 'PlanSwitched')
                  expect(`${sentence}${explain ?? ''}`).not.toMatch(/undefined|NaN|makes no sense/);
                if (event === 'Derived')
                  expect(equationsOf(explain ?? '').filter((equation) => !holds(equation))).toEqual([]);
              }
              if (page.items.length > 0) met.add(declaration.name);
              place = page.next;
            } while (place);
            expect([whole, filters, measuresOf(found, declaration)]).toEqual([whole, filters, measures]);
          }
        }
      reader.close();
      control.close();
      await loop.stop();
      await here.destroy();
      forged = undefined;
    });
    await fc.assert(property, { numRuns: runs, endOnFailure: true });
    expect(cellDeclarations.map(({ name }) => name).filter((name) => !met.has(name))).toEqual([]);
  });
});

function questionOf(
  { name, kind, dimensions, hasLabels, mustName }: CellDeclaration,
  {
    from,
    end,
    groupBy,
    basis,
    zone,
  }: { from: number | null; end: number | null; groupBy: number[]; basis: 'booked' | 'occurred'; zone: string },
  platform: string,
  start: number,
  now: number,
): Question {
  const at = (hours: number | null): number | null => (hours === null ? null : start + hours * HOUR_MS);
  const known = hasLabels ? [...dimensions, 'label:team'] : dimensions;
  const some = new Set(groupBy.map((one) => known[one % known.length] ?? ''));
  const [first, last] = [at(from), at(end === null || from === null ? end : from + end)];
  return {
    ...{ report: name, platform, basis, zone },
    ...{ from: kind === 'movements' ? first : null, end: last, derivedAt: last ?? now },
    ...{ groupBy: mustName.length > 0 ? mustName : [...some], filters: [], page: null },
  };
}

async function groupsOf(reports: GroupedReports, question: Question): Promise<readonly Cell[]> {
  const { groups, declaration } = await reports.open(question);
  const told = [...groups.inOrder()].map(({ values, sums }) => ({
    filters: question.groupBy.map((name, index) => [name, [values[index] ?? '']] as const),
    measures: measuresOf(sums, declaration),
  }));
  groups.close();
  return told;
}

/** Each line of the trial balance, and each control line. */
async function linesOf(report: TrialBalanceReport, question: Question): Promise<readonly Cell[]> {
  const { platform, end, basis, derivedAt } = question;
  const cells: Cell[] = [];
  for (const view of ['control', 'lines'] as const) {
    const told = await report.open(platform, end, view, { basis, derivedAt });
    for (const { ledgerAccount, commodity, debit, credit } of told.lines)
      cells.push({
        filters: [
          ['ledgerAccount', [ledgerAccount]],
          ['commodity', [commodity]],
        ],
        measures: amountsOf(debit, credit),
      });
    told.close();
  }
  return cells;
}
