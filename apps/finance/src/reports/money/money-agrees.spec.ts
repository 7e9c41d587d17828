import * as fc from 'fast-check';
import type { AccountEvent } from '@meterbook/domain/account/events';
import { toText } from '@meterbook/domain/amount/decimal';
import { at } from '@meterbook/domain/testing/commands';
import type { Happened } from '@meterbook/domain/testing/plan-histories';
import { createLog } from '@meterbook/runtime/log';
import { financeProjections } from '../../finance-projections';
import { KnownFacts } from '../../projections/platform-facts';
import { ProjectionControl } from '../../projections/projection-control';
import { ProjectionLoop } from '../../projections/projection-loop';
import { ProjectionReader } from '../../projections/projection-reader';
import { Books } from '../../testing/books';
import { naiveMoney, type Figures } from '../../testing/naive-money/naive-money';
import type { BookedThen } from '../../testing/naive-money/pieces';
import { accountLives } from '../../testing/random-histories';
import { SettableClock } from '../../testing/settable-clock';
import { StartedLoop, until } from '../../testing/started-loop';
import { bases } from '../axes';
import { GroupedReports } from '../grouped/grouped-reports';
import type { Question } from '../grouped/question';
import { moneyReports } from './declared-reports';

/** Platforms that are lived through, and questions to each about every report on both bases. */
const runs = 15;
const QUESTIONS = 12;
const HOUR_MS = 3_600_000;
const QUARTER_MS = 900_000;
const zones = ['UTC', 'Asia/Shanghai', 'America/New_York', 'Asia/Kathmandu'];
/** Dimensions that a report may be grouped by, one after the other. */
const groupings = [[], ['account'], ['plan'], ['day'], ['month', 'currency'], ['provider', 'account']];

describe('the reports of money', () => {
  const loop = new StartedLoop();
  let books: Books | undefined;
  afterEach(async () => {
    await loop.stop();
    await books?.destroy();
    books = undefined;
  });

  it(`are what the events come to by hand, by every group, on both bases and in any zone (${runs} platforms)`, async () => {
    const lived = accountLives.filter((happened) => happened.length > 1);
    const asked = fc.array(
      fc.record({ from: fc.nat(), to: fc.nat(), zone: fc.constantFrom(...zones), group: fc.nat() }),
      {
        minLength: QUESTIONS,
        maxLength: QUESTIONS,
      },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(lived, { minLength: 1, maxLength: 4 }), asked, fc.integer({ min: 0, max: 900 }), agree),
      { numRuns: runs, endOnFailure: true },
    );
  });

  async function agree(
    lives: readonly (readonly Happened[])[],
    questions: readonly { from: number; to: number; zone: string; group: number }[],
    hoursLate: number,
  ): Promise<void> {
    const all = lives.flatMap((happened, index) => happened.map((each) => ({ account: `a${index}`, ...each })));
    all.sort((a, b) => a.hour - b.hour);
    const here = new Books(new Date(at(0)).toISOString(), 'USD');
    books = here;
    const { store, clock, financeDirectory } = here;
    const booked: BookedThen[] = [];
    for (const { account, hour, event } of all) {
      clock.set(new Date(at(hour + hoursLate)).toISOString());
      await here.append(`account-shop/${account}`, event);
      booked.push({ account, bookedAt: clock.now(), event });
    }
    const control = ProjectionControl.shared(financeDirectory);
    const reader = new ProjectionReader(control, clock);
    const projections = loop.start(
      new ProjectionLoop(store, clock, financeDirectory, financeProjections, createLog('fatal')),
    );
    const last = await store.end();
    await until(() => projections.progress()?.position === last);
    clock.pass(300 * HOUR_MS);
    await until(() => (projections.progress()?.watermark ?? 0) > clock.now() - HOUR_MS);
    // All that is asked about has passed: nobody waits for what may still come.
    const earlier = new SettableClock(clock.now() - HOUR_MS);
    const reports = new GroupedReports(store, earlier, reader, new KnownFacts(store));
    const turns = turnsOf(
      booked.map(({ event }) => event),
      hoursLate,
    );
    for (const { from, to, zone, group } of questions) {
      const instants = [turns[from % turns.length] ?? 0, turns[to % turns.length] ?? 0].sort((a, b) => a - b);
      const [start = 0, end = 0] = instants;
      for (const basis of bases)
        for (const { name, kind, dimensions } of moneyReports) {
          const groupBy =
            groupings[group % groupings.length]?.filter((dimension) => dimensions.includes(dimension)) ?? [];
          const question: Question = {
            report: name,
            platform: 'shop',
            basis,
            zone,
            from: kind === 'movements' && from % 5 > 0 ? start : null,
            end: to % 7 > 0 ? end : null,
            derivedAt: to % 7 > 0 ? end : earlier.now(),
            groupBy,
            filters: [],
            page: null,
          };
          expect([question, await figuresOf(reports, question)]).toEqual([question, naiveMoney(question, booked)]);
        }
    }
    reader.close();
    control.close();
    await loop.stop();
    await here.destroy();
    books = undefined;
  }

  async function figuresOf(reports: GroupedReports, question: Question): Promise<Figures> {
    const { groups, declaration } = await reports.open(question);
    const figures: Record<string, Record<string, string>> = {};
    for (const { values, sums } of groups.inOrder()) {
      const told: Record<string, string> = {};
      for (const [place, { name, kind }] of declaration.measures.entries()) {
        if (kind === 'count') told[name] = String(sums.countOf(place));
        else if (kind === 'amount') told[name] = toText(sums.amountOf(place));
        else for (const [key, amount] of sums.amountsOf(place)) told[`${name}.${key}`] = toText(amount);
      }
      figures[values.join('|')] = Object.fromEntries(Object.entries(told).filter(([, amount]) => amount !== '0'));
    }
    groups.close();
    return figures;
  }
});

/** Quarters of an hour around all that occurs, is booked, or changes by itself. */
function turnsOf(events: readonly AccountEvent[], hoursLate: number): number[] {
  const text = JSON.stringify(events).match(/\d{4}-\d\d-\d\dT[0-9:.]+Z/g) ?? [];
  const turns = text.flatMap((instant) => [Date.parse(instant), Date.parse(instant) + hoursLate * HOUR_MS]);
  const ages = turns.map((turn, index) => turn + (31 + 30 * (index % 3)) * 24 * HOUR_MS);
  const quarters = [...turns, ...ages].map((turn) => Math.ceil(turn / QUARTER_MS) * QUARTER_MS);
  return [...new Set(quarters.flatMap((turn) => [turn - QUARTER_MS, turn, turn + QUARTER_MS]))];
}
