import * as fc from 'fast-check';
import { aheadIn } from '../../testing/naive-calendar';
import { NaiveReports } from '../../testing/naive-reports';
import { money, textOf } from '../../testing/naive-money/amounts';
import { bookedIn, piecesOf, type BookedThen } from '../../testing/naive-money/pieces';
import { naiveMoney, type Figures } from '../../testing/naive-money/naive-money';
import { naiveTrialBalance } from '../../testing/naive-money/trial-balance';
import { fewValues, ProvedBooks, provedPlatform, type ToldFigures } from '../../testing/proved-books';
import { provedHistories, type ProvedHistory } from '../../testing/proved-histories';
import { bases } from '../axes';
import { declaredReports } from '../grouped/declared-reports';
import type { ReportDeclaration } from '../grouped/declaration';
import type { Question } from '../grouped/question';

/** Histories that are tried; the environment asks for more. */
const askedFor = process.env['PROVED_HISTORIES'];
const histories = Number(askedFor ?? 25);
/** The suite asks the same in every run; who asks for a number gets others each time. */
const chance = askedFor === undefined ? { seed: 20_261_128 } : {};
const TIMEOUT_MS = 14_400_000;
/** Questions about each report of a history, and instants of a trial balance on each basis. */
const QUESTIONS = 4;
const INSTANTS = 4;
const QUARTER_MS = 900_000;
const DAY_MS = 86_400_000;

const zones = [
  'UTC',
  'America/New_York',
  'Europe/Berlin',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Pacific/Apia',
  'Asia/Shanghai',
];
const labels = ['label:team', 'label:project'];

interface Asked {
  readonly basis: 'booked' | 'occurred';
  readonly zone: string;
  /** Which instants, among those at which something turns; null for no bound. */
  readonly from: number | null;
  readonly end: number | null;
  readonly groupBy: readonly string[];
  readonly filters: readonly (readonly [dimension: string, of100: readonly number[]])[];
}

function askedOf({ dimensions, hasLabels }: ReportDeclaration): fc.Arbitrary<Asked> {
  const known = hasLabels ? [...dimensions, ...labels] : [...dimensions];
  return fc.record({
    basis: fc.constantFrom(...bases),
    zone: fc.constantFrom(...zones),
    from: fc.option(fc.nat(), { freq: 2 }),
    end: fc.option(fc.nat(), { freq: 3 }),
    groupBy: fc.shuffledSubarray(known, { maxLength: Math.min(4, known.length) }),
    filters: fc.uniqueArray(fc.tuple(fc.constantFrom(...known), fc.array(fc.nat(99), { minLength: 1, maxLength: 5 })), {
      maxLength: 2,
      selector: ([name]) => name,
    }),
  });
}

const questionsOf = fc.tuple(
  ...declaredReports.map((declaration) =>
    fc.array(askedOf(declaration), { minLength: QUESTIONS, maxLength: QUESTIONS }),
  ),
);
const picksOf = fc.array(fc.nat(), { minLength: INSTANTS, maxLength: INSTANTS });

/** All that histories and questions have to hold; fewer histories leave some of it out. */
const everything = [
  ...['AccountOpened', 'AccountSettingsChanged', 'WalletRecharged', 'RechargeRefunded', 'RechargeDisputed'],
  ...['DisputeClosed won', 'DisputeClosed lost', 'ReceivableWrittenOff', 'CreditGranted', 'SubscriptionStarted'],
  ...['SubscriptionRenewed', 'SubscriptionCancelled', 'PlanSwitched', 'UsageCharged', 'UsageReversed', 'TierChanged'],
  ...['ApiKeyIssued', 'ApiKeyChanged', 'ApiKeyRevoked'],
  ...declaredReports.flatMap(({ name, dimensions }) => [
    ...[`final ${name}`, ...bases.map((basis) => `${name} by ${basis}`)],
    ...dimensions.flatMap((dimension) => [`${name} by ${dimension}`, `${name} of ${dimension}`]),
  ]),
  ...labels.flatMap((label) => ['usage', 'revenue', 'margin'].map((report) => `${report} by ${label}`)),
  ...['final trial-balance', 'adds up by booked', 'adds up by occurred'],
  ...['America/New_York', 'Europe/Berlin', 'Australia/Lord_Howe'].map((zone) => `clocks of ${zone} change`),
  ...zones.map((zone) => `zone ${zone}`),
  ...[
    ...['already_claimed', 'already_reversed', 'below_minimum_recharge', 'currency_unsupported', 'dispute_closed'],
    ...['exceeds_receivable', 'exceeds_recharge', 'idempotency_conflict', 'invalid_request', 'no_rulebook'],
    ...['no_subscription', 'not_renewable', 'nothing_to_refund', 'occurred_at_in_future', 'occurred_at_out_of_order'],
    ...['provider_unsupported', 'refund_window_closed', 'same_plan', 'subscription_active', 'unknown_account'],
    ...['unknown_channel', 'unknown_charge', 'unknown_dispute', 'unknown_group', 'unknown_model', 'unknown_plan'],
    ...['unknown_recharge', 'unknown_tier'],
  ].map((code) => `refused ${code}`),
];

/** How often each thing was met. */
const met = new Map<string, number>();
const meet = (what: string): void => void met.set(what, (met.get(what) ?? 0) + 1);

describe('every report', () => {
  let proved: ProvedBooks | undefined;
  afterEach(async () => {
    await proved?.destroy();
    proved = undefined;
  });

  it(
    `is what a naive fold of the raw events comes to, and what said final stays (${histories} histories)`,
    async () => {
      await fc.assert(
        fc.asyncProperty(provedHistories, questionsOf, picksOf, async (history, questions, picks) => {
          proved = await ProvedBooks.since(history.events[0]?.bookedAt ?? 0);
          await prove(proved, history, questions, picks);
          await proved.destroy();
          proved = undefined;
        }),
        { numRuns: histories, endOnFailure: true, ...chance },
      );
      expect(everything.filter((what) => !met.has(what))).toEqual([]);
    },
    TIMEOUT_MS,
  );

  async function prove(
    books: ProvedBooks,
    { events, before, refusals }: ProvedHistory,
    questions: readonly (readonly Asked[])[],
    picks: readonly number[],
  ): Promise<void> {
    for (const { event } of events)
      meet(event.type === 'DisputeClosed' ? `${event.type} ${event.outcome}` : event.type);
    for (const refusal of refusals) meet(`refused ${refusal}`);
    await books.book(events.slice(0, before));
    const asked = declaredReports.map((declaration, at) => [declaration, questions[at] ?? []] as const);
    const early = turnsOf(bookedIn(await books.events(), provedPlatform));
    const said = await saidFinal(books, asked, early, picks);
    await books.book(events.slice(before));
    const all = await books.events();
    const booked = bookedIn(all, provedPlatform);
    const turns = turnsOf(booked);
    await books.passTo(booked.at(-1)?.bookedAt ?? 0);
    for (const { again, before: once } of said) expect(await again()).toEqual(once);
    const charges = new NaiveReports(all, provedPlatform, fewValues);
    for (const [declaration, some] of asked)
      for (const one of some) {
        const question = questionOf(declaration, one, turns, books.asked.now());
        const naive = (groupBy: readonly string[]): Figures =>
          ['usage', 'revenue', 'margin'].includes(question.report)
            ? Object.fromEntries(charges.answer({ ...question, groupBy }))
            : naiveMoney({ ...question, groupBy }, booked);
        const { items, totals } = await books.figures(question);
        if (Object.keys(items).length > 0) meetQuestion(question, turns);
        expect([question, items]).toEqual([question, naive(question.groupBy)]);
        expect([question, totals]).toEqual([question, naive([])['[]'] ?? {}]);
      }
    for (const basis of bases) await addUp(books, booked, basis, picks);
    for (const basis of bases)
      for (const pick of picks) {
        const turn = turns[pick % turns.length] ?? 0;
        const asOf = basis === 'occurred' ? Math.round(turn / QUARTER_MS) * QUARTER_MS : turn;
        const { lines, balances } = await books.trialBalance({ basis, asOf, derivedAt: asOf });
        expect([basis, asOf, balances.filter((balance) => balance !== '0')]).toEqual([basis, asOf, []]);
        expect([basis, asOf, lines]).toEqual([
          basis,
          asOf,
          naiveTrialBalance({ basis, asOf, derivedAt: asOf }, booked),
        ]);
      }
  }

  /** Days come to their months, and months to what the trial balance has moved. */
  async function addUp(
    books: ProvedBooks,
    booked: readonly BookedThen[],
    basis: 'booked' | 'occurred',
    [first = 0, second = 0, third = 0]: readonly number[],
  ): Promise<void> {
    // Of what happens at its very end a trial balance holds all, and a period nothing.
    const taken = new Set(piecesOf({ basis }, booked).map(({ when }) => when));
    const quarters = turnsOf(booked).filter((turn) => turn % QUARTER_MS === 0 && !taken.has(turn));
    const [from = 0, end = 0] = [first, second]
      .map((pick) => quarters[pick % quarters.length] ?? 0)
      .sort((a, b) => a - b);
    const zone = zones[third % zones.length] ?? 'UTC';
    const asked = { platform: provedPlatform, basis, zone, from, end, derivedAt: end, filters: [], page: null };
    const by = (report: string, dimension: string): Promise<ToldFigures> =>
      books.figures({ ...asked, report, groupBy: [dimension] });
    for (const { name, dimensions } of declaredReports) {
      if (!dimensions.includes('day')) continue;
      const [days, months] = [await by(name, 'day'), await by(name, 'month')];
      expect([basis, name, months.items]).toEqual([basis, name, summed(days.items, (day) => day.slice(0, 7))]);
      expect([basis, name, months.totals]).toEqual([basis, name, summed(days.items, () => '')['[""]'] ?? {}]);
    }
    const balanceAt = async (asOf: number, lines: string): Promise<bigint> => {
      const balance = await books.trialBalance({ basis, asOf, derivedAt: asOf });
      const wanted = Object.entries(balance.lines).filter(([line]) => line.startsWith(lines));
      return wanted.reduce((sum, [, [debit, credit]]) => sum + money(credit) - money(debit), 0n);
    };
    const [revenue, deferred] = [await by('revenue', 'month'), await by('deferred', 'plan')];
    const moved = (await balanceAt(end, 'revenue:')) - (await balanceAt(from, 'revenue:'));
    expect([basis, from, end, revenue.totals['total'] ?? '0']).toEqual([basis, from, end, textOf(moved)]);
    expect([basis, from, end, deferred.totals['opening'] ?? '0', deferred.totals['closing'] ?? '0']).toEqual([
      ...[basis, from, end, textOf(await balanceAt(from, 'liabilities:deferred:'))],
      textOf(await balanceAt(end, 'liabilities:deferred:')),
    ]);
    const [liabilities, receivables] = [
      await books.figures({ ...asked, report: 'liabilities', from: null, groupBy: [] }),
      await books.figures({ ...asked, report: 'receivables', from: null, groupBy: [] }),
    ];
    expect([basis, end, liabilities.totals['wallet.total'] ?? '0', receivables.totals['total'] ?? '0']).toEqual([
      ...[basis, end, textOf(await balanceAt(end, 'liabilities:wallet:'))],
      textOf(-(await balanceAt(end, 'assets:receivable:'))),
    ]);
    if (revenue.totals['total'] !== undefined) meet(`adds up by ${basis}`);
  }

  /** Asks by what is booked until an instant that has passed: what it says is final. */
  async function saidFinal(
    books: ProvedBooks,
    asked: readonly (readonly [ReportDeclaration, readonly Asked[]])[],
    turns: readonly number[],
    picks: readonly number[],
  ): Promise<{ readonly again: () => Promise<unknown>; readonly before: unknown }[]> {
    const { clock } = books.books;
    const now = clock.now() - 1;
    const past = turns.filter((turn) => turn < now && turn % QUARTER_MS === 0);
    const said: { readonly again: () => Promise<unknown>; readonly before: unknown }[] = [];
    const keep = async (
      name: string,
      again: () => Promise<ToldFigures | { readonly final: boolean }>,
    ): Promise<void> => {
      const before = await again();
      if (!before.final) return;
      meet(`final ${name}`);
      said.push({ again, before });
    };
    for (const [declaration, [one]] of asked) {
      if (!one || past.length === 0) continue;
      const question = { ...questionOf(declaration, { ...one, basis: 'booked', end: one.end ?? 0 }, past, now) };
      await keep(declaration.name, () => books.figures(question, clock));
    }
    const asOf = past[(picks[0] ?? 0) % past.length];
    if (asOf !== undefined)
      await keep('trial-balance', () => books.trialBalance({ basis: 'booked', asOf, derivedAt: asOf }, clock));
    return said;
  }
});

function questionOf(declaration: ReportDeclaration, asked: Asked, turns: readonly number[], now: number): Question {
  const { basis, zone, groupBy } = asked;
  const isBalance = declaration.kind === 'balances';
  const instant = (pick: number | null): number | null => {
    if (pick === null) return null;
    const turn = turns[pick % turns.length] ?? now;
    return isBalance && basis === 'booked' ? turn : Math.round(turn / QUARTER_MS) * QUARTER_MS;
  };
  const [a, b] = [isBalance ? null : instant(asked.from), instant(asked.end)];
  const [from, end] = a !== null && b !== null && a > b ? [b, a] : [a, b];
  const filters = asked.filters.map(
    ([name, picks]) => [name, picks.map((pick) => valueOf(name, pick, turns))] as const,
  );
  return {
    ...{ report: declaration.name, platform: provedPlatform, basis, zone, from, end, derivedAt: end ?? now },
    ...{ groupBy, filters, page: null },
  };
}

/** Notes what a question that has an answer is about. */
function meetQuestion({ report, basis, zone, groupBy, filters, from, end }: Question, turns: readonly number[]): void {
  meet(`${report} by ${basis}`);
  for (const name of groupBy) meet(`${report} by ${name}`);
  for (const [name] of filters) meet(`${report} of ${name}`);
  if (!groupBy.includes('day') && !groupBy.includes('month')) return;
  const [first, last] = [from ?? Math.min(...turns), end ?? Math.max(...turns)];
  meet(aheadIn(first, zone) === aheadIn(last, zone) ? `zone ${zone}` : `clocks of ${zone} change`);
}

/** A value that something in the histories has, or nothing. */
function valueOf(dimension: string, of100: number, turns: readonly number[]): string {
  const day = new Date(turns[of100 % turns.length] ?? 0).toISOString();
  const values: Readonly<Record<string, readonly string[]>> = {
    day: [day.slice(0, 10)],
    month: [day.slice(0, 7)],
    model: ['chat', 'voice', '\u{1f600}', '=SUM(A1)'],
    tier: ['default', 'vip'],
    group: ['default', 'labs'],
    channel: ['up', 'down', ''],
    apiKey: ['k1', 'k2', ''],
    plan: ['small', 'big', 'pass', 'plan', 'basic', 'pro', ''],
    account: ['a0', 'a1', 'a2', 'a3'],
    provider: ['manual', 'creem'],
    currency: ['USD', 'CNY'],
  };
  const known = values[dimension] ?? ['ads', 'core', 'search', '\u{1f600}', '(other)', ''];
  return known[of100 % known.length] ?? '';
}

/** Figures of days added up by another value made of each day. */
function summed(items: ToldFigures['items'], valueOf: (day: string) => string): Record<string, Record<string, string>> {
  const sums = new Map<string, Map<string, bigint>>();
  for (const [key, measures] of Object.entries(items)) {
    const [day = null] = JSON.parse(key) as (string | null)[];
    const value = JSON.stringify([day === null ? null : valueOf(day)]);
    const sum = sums.get(value) ?? new Map<string, bigint>();
    for (const [name, amount] of Object.entries(measures)) sum.set(name, (sum.get(name) ?? 0n) + money(amount));
    sums.set(value, sum);
  }
  const told = [...sums].map(([key, sum]): [string, Record<string, string>] => [
    key,
    Object.fromEntries([...sum].filter(([, amount]) => amount !== 0n).map(([name, amount]) => [name, textOf(amount)])),
  ]);
  return Object.fromEntries(told.filter(([, measures]) => Object.keys(measures).length > 0));
}

/** Instants at which something is booked, occurs or changes by itself, and those just before and after. */
function turnsOf(booked: readonly BookedThen[]): number[] {
  const told = JSON.stringify(booked.map(({ event }) => event)).match(/\d{4}-\d\d-\d\dT[0-9:.]+Z/g) ?? [];
  const turns = [...new Set([...told.map((text) => Date.parse(text)), ...booked.map(({ bookedAt }) => bookedAt)])];
  const ages = turns.map((turn, at) => turn + (31 + 30 * (at % 3)) * DAY_MS);
  const quarters = turns.flatMap((turn) => [Math.floor(turn / QUARTER_MS), Math.ceil(turn / QUARTER_MS)]);
  return [
    ...[...turns, ...ages].flatMap((turn) => [turn - 1, turn, turn + 1]),
    ...quarters.flatMap((quarter) => [quarter - 1, quarter, quarter + 1]).map((quarter) => quarter * QUARTER_MS),
  ];
}
