import * as fc from 'fast-check';
import type { AccountEvent } from '@meterbook/domain/account/events';
import { add, isZero, negate, subtract, toText, zero, type Decimal } from '@meterbook/domain/amount/decimal';
import type { Posting } from '@meterbook/domain/entries/legs';
import { postingsOf } from '@meterbook/domain/entries/postings';
import {
  feeItemsAfter,
  noTimedItems,
  poolItemsAfter,
  takenBy,
  walletItemsAfter,
} from '@meterbook/domain/entries/timed-items';
import { at } from '@meterbook/domain/testing/commands';
import type { Happened } from '@meterbook/domain/testing/plan-histories';
import { storedInstant } from '@meterbook/domain/time/instant';
import { createLog } from '@meterbook/runtime/log';
import { ProjectionControl } from '../projections/projection-control';
import { ProjectionLoop } from '../projections/projection-loop';
import { ProjectionReader } from '../projections/projection-reader';
import { trialBalance } from '../projections/trial-balance/trial-balance';
import { Books } from '../testing/books';
import { accountLives } from '../testing/random-histories';
import { StartedLoop, until } from '../testing/started-loop';
import type { Basis } from './axes';
import type { StatementEntry } from './statement/statement-fold';
import type { StatementPage } from './statement/statement';
import { StatementReport } from './statement/statement-report';
import { Totals, TrialBalanceReport } from './trial-balance/trial-balance-report';

/** Platforms that are lived through, and instants of each that are asked about on each basis. */
const runs = 20;
const INSTANTS = 25;
const HOUR_MS = 3_600_000;
const QUARTER_MS = 900_000;

interface Lived {
  readonly name: string;
  readonly happened: readonly Happened[];
}

/** Balances by ledger account and commodity, without those that are zero. */
type Lines = Record<string, string>;

/** What of an event had occurred by an instant; undefined for nothing. */
function asOf(event: AccountEvent, instant: number): AccountEvent | undefined {
  if (event.type !== 'UsageCharged') return storedInstant(event.occurredAt) <= instant ? event : undefined;
  const charges = event.charges.filter(({ occurredAt }) => storedInstant(occurredAt) <= instant);
  return charges.length === 0 ? undefined : { ...event, charges };
}

/** The books by what had occurred by an instant, by hand: the entries of that alone, and what time alone had changed of that by then. */
function expectedAt(accounts: readonly Lived[], instant: number): Lines {
  const sums = new Map<string, Decimal>();
  const post = (ledgerAccount: string, commodity: string, amount: Decimal): void => {
    const line = `${ledgerAccount} ${commodity}`;
    sums.set(line, add(sums.get(line) ?? zero, amount));
  };
  const derive = (from: string, to: string, commodity: string, amount: Decimal): void => {
    post(from, commodity, amount);
    post(to, commodity, negate(amount));
  };
  for (const { name, happened } of accounts) {
    let [wallet, main, backup, fees] = [noTimedItems, noTimedItems, noTimedItems, noTimedItems];
    for (const { event } of happened) {
      const then = asOf(event, instant);
      if (!then) continue;
      for (const { ledgerAccount, commodity, amount } of postingsOf(then, name)) post(ledgerAccount, commodity, amount);
      if (!('wallet' in then)) continue;
      wallet = walletItemsAfter(wallet, then);
      main = poolItemsAfter(main, then, 'main');
      backup = poolItemsAfter(backup, then, 'backup');
      fees = feeItemsAfter(fees, then);
    }
    derive(`liabilities:wallet:${name}`, 'expenses:promotions', 'USD', takenBy(wallet, instant));
    derive(`pools:main:${name}`, 'pools:expired', 'CREDIT', takenBy(main, instant));
    derive(`pools:backup:${name}`, 'pools:expired', 'CREDIT', takenBy(backup, instant));
    derive(`liabilities:deferred:${name}`, 'revenue:subscriptions', 'USD', takenBy(fees, instant));
  }
  return Object.fromEntries([...sums].filter(([, sum]) => !isZero(sum)).map(([line, sum]) => [line, toText(sum)]));
}

/** Quarters of an hour at which something occurred or may change by itself, the ones around them, and midnights. */
function turnsOf(accounts: readonly Lived[]): number[] {
  const turns = new Set<number>();
  for (const { happened } of accounts)
    for (const { hour, event } of happened) {
      turns.add(at(hour)).add(Math.ceil(at(hour) / (24 * HOUR_MS)) * 24 * HOUR_MS);
      if (event.type === 'UsageCharged')
        for (const { occurredAt } of event.charges) turns.add(storedInstant(occurredAt));
      if (event.type === 'CreditGranted' && event.expiresAt !== null) turns.add(storedInstant(event.expiresAt));
      if ('period' in event) for (const end of [event.period.from, event.period.to]) turns.add(storedInstant(end));
    }
  const quarters = [...turns].map((turn) => Math.ceil(turn / QUARTER_MS) * QUARTER_MS);
  return quarters.flatMap((turn) => [turn - QUARTER_MS, turn, turn + QUARTER_MS]);
}

describe('the two bases', () => {
  const loop = new StartedLoop();
  let books: Books | undefined;
  afterEach(async () => {
    await loop.stop();
    await books?.destroy();
    books = undefined;
  });

  it(`come to zero at every instant, agree with the books by hand, and what said final never changes (${runs} platforms)`, async () => {
    const lived = accountLives.filter((happened) => happened.length > 0);
    await fc.assert(
      fc.asyncProperty(
        fc.array(lived, { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat(), { minLength: INSTANTS, maxLength: INSTANTS }),
        fc.integer({ min: -30, max: 60 }),
        agree,
      ),
      { numRuns: runs, endOnFailure: true },
    );
  });

  /** @param hoursLate how much later than it happened all is booked, as an import does; below zero where it is dated ahead */
  async function agree(
    lives: readonly (readonly Happened[])[],
    picks: readonly number[],
    hoursLate: number,
  ): Promise<void> {
    const accounts = lives.map((happened, index): Lived => ({ name: `a${index}`, happened }));
    const all = accounts.flatMap(({ name, happened }) => happened.map((each) => ({ name, ...each })));
    all.sort((a, b) => a.hour - b.hour);
    const here = new Books(new Date(at(-40)).toISOString(), 'USD');
    books = here;
    const { store, clock, financeDirectory } = here;
    const control = ProjectionControl.shared(financeDirectory);
    const reader = new ProjectionReader(control, clock);
    const projection = loop.start(
      new ProjectionLoop(store, clock, financeDirectory, [trialBalance], createLog('fatal')),
    );
    const report = new TrialBalanceReport(store, clock, reader);
    const finals: { readonly instant: number; readonly lines: Lines }[] = [];
    const append = async (some: typeof all, hours: number): Promise<void> => {
      for (const { name, hour, event } of some) {
        clock.set(new Date(at(hour + hours)).toISOString());
        await here.append(`account-shop/${name}`, event);
      }
      const last = await store.end();
      await until(
        () => projection.progress()?.position === last,
        () => clock.pass(1),
      );
    };
    const half = Math.floor(all.length / 2);
    await append(all.slice(0, half), hoursLate);
    const turns = turnsOf(accounts);
    const instants = picks.map((pick) => turns[pick % turns.length] ?? 0);
    const asked = instants.map((turn) => turn + hoursLate * HOUR_MS).filter((instant) => instant <= clock.now());
    for (const instant of asked.slice(0, 5)) {
      const { lines, final } = await linesAt(report, instant, 'booked');
      if (final) finals.push({ instant, lines });
    }
    await append(all.slice(half), hoursLate + 1);
    clock.pass(300 * HOUR_MS);
    // Else each report would wait for what may still come.
    await until(() => (projection.progress()?.watermark ?? 0) > clock.now() - HOUR_MS);
    for (const { instant, lines } of finals)
      expect([instant, await linesAt(report, instant, 'booked')]).toEqual([instant, { lines, final: true }]);
    for (const instant of instants) {
      await linesAt(report, instant + hoursLate * HOUR_MS, 'booked');
      const expected = expectedAt(accounts, instant);
      expect([instant, await linesAt(report, instant, 'occurred')]).toEqual([
        instant,
        { lines: expected, final: false },
      ]);
    }
    const statements = new StatementReport(store, reader);
    for (const instant of instants.slice(0, 5))
      for (const { name } of accounts) await followStatement(statements, name, instant, expectedAt(accounts, instant));
    reader.close();
    control.close();
    await loop.stop();
    await here.destroy();
    books = undefined;
  }

  async function linesAt(
    report: TrialBalanceReport,
    instant: number,
    basis: Basis,
  ): Promise<{ readonly lines: Lines; readonly final: boolean }> {
    const found = await report.open('shop', instant, 'lines', { basis });
    const lines: Lines = {};
    const totals = new Totals();
    const controls = new Map<string, Decimal>();
    for (const line of found.lines) {
      const { ledgerAccount, commodity, debit, credit } = line;
      totals.add(line);
      const balance = subtract(debit, credit);
      if (!isZero(balance)) lines[`${ledgerAccount} ${commodity}`] = toText(balance);
      const control = `${ledgerAccount.replace(/^([a-z]+:[a-z]+):a\d$/, '$1:*')} ${commodity}`;
      controls.set(control, add(controls.get(control) ?? zero, balance));
    }
    const { final } = found;
    found.close();
    for (const { commodity, balance } of totals.list()) expect([commodity, balance]).toEqual([commodity, '0']);
    const rolledUp = await report.open('shop', instant, 'control', { basis });
    for (const { ledgerAccount, commodity, debit, credit } of rolledUp.lines) {
      const line = `${ledgerAccount} ${commodity}`;
      expect([line, toText(subtract(debit, credit))]).toEqual([line, toText(controls.get(line) ?? zero)]);
    }
    rolledUp.close();
    return { lines, final };
  }

  /** Each entry follows from the one before, in the order in which they occurred; it closes as the books do, whole or in pages. */
  async function followStatement(
    report: StatementReport,
    account: string,
    instant: number,
    expected: Lines,
  ): Promise<void> {
    const end = instant + 1;
    const period = { platform: 'shop', account, from: -Infinity, to: end, derivedTo: instant, zone: 'UTC' } as const;
    const read = async (page: StatementPage, from = -Infinity) => {
      const statement = await report.open({ ...period, from, basis: 'occurred' }, page);
      if (!statement) throw new Error('there is no account');
      const entries: StatementEntry[] = [];
      for await (const entry of statement.entries) entries.push(entry);
      return { entries, opening: statement.head.opening, ...(await statement.foot()) };
    };
    const whole = await read({ from: null, limit: Infinity });
    const net = (legs: readonly Posting[], line: string): Decimal =>
      legs.reduce((sum, { ledgerAccount, amount }) => (ledgerAccount === line ? add(sum, amount) : sum), zero);
    let before = whole.opening;
    let last = '';
    for (const { legs, balances, occurredAt } of whole.entries) {
      expect(occurredAt >= last).toBe(true);
      last = occurredAt;
      for (const [name, line, sign] of [
        ['wallet', `liabilities:wallet:${account}`, negate],
        ['receivable', `assets:receivable:${account}`, (amount: Decimal) => amount],
        ['main', `pools:main:${account}`, negate],
        ['backup', `pools:backup:${account}`, negate],
      ] as const)
        expect([name, toText(balances[name])]).toEqual([name, toText(add(before[name], sign(net(legs, line))))]);
      before = balances;
    }
    const { wallet, receivable, main, backup } = whole.closing;
    const closing: Lines = {
      [`liabilities:wallet:${account} USD`]: toText(negate(wallet)),
      [`assets:receivable:${account} USD`]: toText(receivable),
      [`pools:main:${account} CREDIT`]: toText(negate(main)),
      [`pools:backup:${account} CREDIT`]: toText(negate(backup)),
    };
    for (const [line, balance] of Object.entries(closing))
      expect([line, balance]).toEqual([line, expected[line] ?? '0']);
    if (whole.entries.length > 0) expect(whole.entries.at(-1)?.balances).toEqual(whole.closing);
    let page: StatementPage = { from: null, limit: 2 };
    const paged: StatementEntry[] = [];
    for (;;) {
      const { entries, next, opening, closing: end } = await read(page);
      expect([opening, end]).toEqual([whole.opening, whole.closing]);
      paged.push(...entries);
      if (!next) break;
      page = { ...page, from: next };
    }
    expect(paged).toEqual(whole.entries);
    const middle = whole.entries[Math.floor(whole.entries.length / 2)];
    if (!middle) return;
    const from = storedInstant(middle.occurredAt);
    const rest = await read({ from: null, limit: Infinity }, from);
    expect(rest.closing).toEqual(whole.closing);
    expect(rest.entries).toEqual(whole.entries.slice(whole.entries.length - rest.entries.length));
  }
});
