import * as fc from 'fast-check';
import { openDatabase } from '@meterbook/runtime/sqlite';
import { SystemClock } from '@meterbook/runtime/system-clock';
import type { StoredEvent } from '@meterbook/event-store/event-store';
import { BesideEvents } from '../../projections/beside-events';
import { chargesWith } from '../../projections/charges/charges';
import { DamagedTable, damagedSchema } from '../../projections/damaged-table';
import { EventReader } from '../../projections/event-reader';
import type { ProjectionSnapshot } from '../../projections/projection-reader';
import { dressedHistories } from '../../testing/dressed-histories';
import { storeOf } from '../../testing/history-store';
import { NaiveReports, type NaiveQuestion } from '../../testing/naive-reports';
import { declarationOf } from '../grouped/declared-reports';
import { GroupCursor } from '../grouped/group-cursor';
import { Groups } from '../grouped/groups';
import { Grouping, type Question } from '../grouped/question';
import { groupedJson } from '../grouped/write-groups';
import { chargeSources } from './charge-sources';

/** Histories that are tried; `NAIVE_REPORTS_RUNS` asks more of it. */
const runs = Number(process.env['NAIVE_REPORTS_RUNS'] ?? 60);
/** Questions that are asked of each. */
const QUESTIONS = 8;
/** So few groups in memory that most reports put some away. */
const MAX_HELD = 3;
/** So few that the histories have more. */
const limits = { maxLabelValues: 2, blockRows: 4 };

const dimensions = [
  'day',
  'month',
  'model',
  'tier',
  'group',
  'channel',
  'apiKey',
  'plan',
  'account',
  'label:team',
  'label:project',
];
const filterValues = [
  '',
  'chat',
  '\u{1f600}',
  'default',
  'vip',
  'up',
  'k1',
  'basic',
  'a0',
  'ads',
  '(other)',
  '2026-11-01',
  '2026-11',
];
const zones = ['UTC', 'America/New_York', 'Europe/Berlin', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'Pacific/Apia'];

interface Asked {
  readonly report: string;
  readonly basis: 'booked' | 'occurred';
  readonly zone: string;
  readonly groupBy: readonly string[];
  readonly filters: readonly (readonly [string, readonly string[]])[];
  /** Where in the history it begins and ends, of 100; null for no bound. */
  readonly from: number | null;
  readonly end: number | null;
  readonly derived: number;
  readonly limit: number;
}

const asked: fc.Arbitrary<Asked> = fc.record({
  report: fc.constantFrom('usage', 'revenue', 'revenue', 'margin'),
  basis: fc.constantFrom('booked', 'occurred'),
  zone: fc.constantFrom(...zones),
  groupBy: fc.shuffledSubarray(dimensions, { maxLength: 4 }),
  filters: fc.uniqueArray(
    fc.tuple(fc.constantFrom(...dimensions), fc.subarray(filterValues, { minLength: 1, maxLength: 6 })),
    { maxLength: 2, selector: ([name]) => name },
  ),
  from: fc.option(fc.integer({ min: -5, max: 105 }), { freq: 2 }),
  end: fc.option(fc.integer({ min: -5, max: 105 }), { freq: 2 }),
  derived: fc.integer({ min: 0, max: 120 }),
  limit: fc.integer({ min: 1, max: 5 }),
});

/** The projection of a history, folded in one go. */
async function folded(history: readonly StoredEvent[]): Promise<ProjectionSnapshot> {
  const database = openDatabase(':memory:');
  const projection = chargesWith(limits);
  database.exec(damagedSchema);
  database.exec(projection.schema);
  const events = history.filter(({ stream }) => stream.startsWith('account-'));
  const read = new EventReader().read({ events, damaged: [], position: 'start', caughtUp: true, observedAt: 0 });
  expect(read.damaged).toEqual([]);
  const { events: booked } = await new BesideEvents(storeOf(history)).completed(read);
  const fold = projection.open(database);
  for (const [at, event] of booked.entries()) {
    fold.take(event);
    if (at % 3 === 0) fold.write();
  }
  fold.write();
  const progress = { position: 'end', bookedAt: 0, watermark: 0, events: booked.length };
  return { database, progress, damaged: new DamagedTable(database), close: () => database.close() };
}

/** All pages of an answer, as items by their groups. */
async function answered(
  snapshot: ProjectionSnapshot,
  question: Question,
): Promise<Map<string, Record<string, string>>> {
  const declaration = declarationOf(question.report);
  const cursor = new GroupCursor(question.report);
  const items: [string, Record<string, string>][] = [];
  for (let page = question.page; ;) {
    const asked = { ...question, page };
    const groups = new Groups(declaration.measures, MAX_HELD);
    const source = chargeSources(new SystemClock())[question.report];
    await source?.(snapshot, asked, new Grouping(asked), groups);
    const report = { question: asked, declaration, currency: 'USD', watermark: 0, final: false };
    const damaged = { count: 0, accounts: [] };
    const text = [...groupedJson({ ...report, damaged, groups }, cursor)].join('');
    groups.close();
    const answer = JSON.parse(text) as { items: Record<string, unknown>[]; totals: object; next: string | null };
    expect(answer.items.length).toBeLessThanOrEqual(page?.limit ?? 0);
    for (const item of answer.items) {
      const values = question.groupBy.map((name) => item[name]);
      const measures = Object.fromEntries(Object.entries(item).filter(([name]) => !question.groupBy.includes(name)));
      items.push([JSON.stringify(values), flat(measures)]);
    }
    const mark = answer.next === null ? undefined : cursor.read(answer.next, question.groupBy.length);
    if (!mark) return new Map([...items, ['totals', flat(answer.totals)]]);
    page = { after: mark.after, limit: page?.limit ?? 0 };
  }
}

/** Measures by dotted name, without those that are zero. */
function flat(measures: object): Record<string, string> {
  const all = Object.entries(measures).flatMap(([name, value]: [string, unknown]): [string, string][] =>
    typeof value === 'object'
      ? Object.entries(value as object).map(([inner, one]) => [`${name}.${inner}`, String(one)])
      : [[name, `${value as string | number}`]],
  );
  return Object.fromEntries(all.filter(([, value]) => value !== '0'));
}

describe('usage, revenue and margin', () => {
  it(`are what a naive fold of the raw events comes to (${runs} histories, ${QUESTIONS} questions each)`, async () => {
    await fc.assert(
      fc.asyncProperty(dressedHistories, fc.array(asked, { minLength: QUESTIONS, maxLength: QUESTIONS }), compare),
      { numRuns: runs, endOnFailure: true },
    );
  });

  async function compare(history: readonly StoredEvent[], questions: readonly Asked[]): Promise<void> {
    const snapshot = await folded(history);
    for (const platform of ['harbour', 'quarry', 'zoo']) await compareOf(platform, snapshot, history, questions);
    snapshot.close();
  }

  async function compareOf(
    platform: string,
    snapshot: ProjectionSnapshot,
    history: readonly StoredEvent[],
    questions: readonly Asked[],
  ): Promise<void> {
    const naive = new NaiveReports(history, platform, limits.maxLabelValues);
    const [first, last] = [history[0]?.bookedAt ?? 0, history.at(-1)?.bookedAt ?? 0];
    const instant = (of100: number): number => first + ((last - first) * of100) / 100;
    const quarter = (of100: number): number => Math.round(instant(of100) / 900_000) * 900_000;
    for (const { from, end, derived, limit, ...rest } of questions) {
      const [begins, ends] = [from, end].map((of100) => (of100 === null ? null : quarter(of100)));
      const isTurned = typeof begins === 'number' && typeof ends === 'number' && begins > ends;
      const question: NaiveQuestion = {
        ...{ ...rest, platform },
        ...{ from: (isTurned ? ends : begins) ?? null, end: (isTurned ? begins : ends) ?? null },
        derivedAt: Math.floor(instant(derived)),
      };
      const derivedAt = question.end ?? question.derivedAt;
      const found = await answered(snapshot, { ...question, derivedAt, page: { after: null, limit } });
      found.delete('totals');
      const expected = naive.answer(question);
      expect([question, Object.fromEntries(found)]).toEqual([question, Object.fromEntries(expected)]);
      expect([...found.keys()]).toEqual(inOrder([...expected.keys()]));
    }
  }
});

/** Groups, null first and then by the bytes of UTF-8. */
function inOrder(keys: readonly string[]): string[] {
  const bytes = (key: string): Buffer =>
    Buffer.concat(
      (JSON.parse(key) as (string | null)[]).map((value) => Buffer.from(value === null ? '\0' : `\u0001${value}\0`)),
    );
  return [...keys].sort((a, b) => Buffer.compare(bytes(a), bytes(b)));
}
