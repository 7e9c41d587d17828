import * as fc from 'fast-check';
import type { Account } from '@meterbook/domain/account/account';
import { evolve } from '@meterbook/domain/account/evolve';
import { add, isZero, subtract, toText, zero, type Decimal } from '@meterbook/domain/amount/decimal';
import type { Posting } from '@meterbook/domain/entries/legs';
import { postingsOf } from '@meterbook/domain/entries/postings';
import { backupOf, mainOf, subscriptionPostings } from '@meterbook/domain/entries/subscription-legs';
import { lapsedAt } from '@meterbook/domain/entries/time-alone';
import { at } from '@meterbook/domain/testing/commands';
import type { Happened } from '@meterbook/domain/testing/plan-histories';
import { createLog } from '@meterbook/runtime/log';
import { ProjectionControl } from '../projections/projection-control';
import { ProjectionLoop } from '../projections/projection-loop';
import { ProjectionReader } from '../projections/projection-reader';
import { trialBalance } from '../projections/trial-balance/trial-balance';
import { Books } from '../testing/books';
import { accountLives } from '../testing/random-histories';
import { StartedLoop, until } from '../testing/started-loop';
import { verifyStore } from '../verify/verify-store';
import { StatementReport } from './statement/statement-report';
import { TrialBalanceReport } from './trial-balance/trial-balance-report';

/** Platforms that are lived through. */
const runs = 20;
/** Instants of each that are asked about. */
const MAX_INSTANTS = 25;

/** An account's events, each with the instant at which it was booked. */
interface Lived {
  readonly name: string;
  readonly happened: readonly Happened[];
}

/** Balances by ledger account and commodity, without those that are zero. */
type Lines = Record<string, string>;

/** The books as of an instant by hand: the entries of all that was booked by then, and what time alone had changed by then. */
function expectedAt(accounts: readonly Lived[], instant: number): Lines {
  const postings: Posting[] = [];
  for (const { name, happened } of accounts) {
    let account: Account | undefined;
    for (const [revision, { hour, event }] of happened.entries()) {
      if (at(hour) > instant) break;
      account = evolve(account, event, revision);
      postings.push(...postingsOf(event, name));
    }
    if (!account) continue;
    const { wallet } = lapsedAt(account, instant);
    postings.push({ ledgerAccount: `liabilities:wallet:${name}`, commodity: 'USD', amount: wallet });
    postings.push({ ledgerAccount: 'expenses:promotions', commodity: 'USD', amount: subtract(zero, wallet) });
    if (account.subscription) postings.push(...subscriptionPostings(account.subscription, 'USD', name, instant));
  }
  const sums = new Map<string, Decimal>();
  for (const { ledgerAccount, commodity, amount } of postings) {
    const line = `${ledgerAccount} ${commodity}`;
    sums.set(line, add(sums.get(line) ?? zero, amount));
  }
  return Object.fromEntries([...sums].filter(([, sum]) => !isZero(sum)).map(([line, sum]) => [line, toText(sum)]));
}

/** Each instant at which something was booked or may change by itself, one millisecond before and one after. */
function turnsOf(accounts: readonly Lived[]): number[] {
  const turns = new Set<number>();
  for (const { happened } of accounts)
    for (const { hour, event } of happened) {
      turns.add(at(hour));
      if (event.type === 'CreditGranted' && event.expiresAt !== null) turns.add(Date.parse(event.expiresAt));
      if ('period' in event) for (const end of [event.period.from, event.period.to]) turns.add(Date.parse(end));
    }
  return [...turns].flatMap((turn) => [turn - 1, turn, turn + 1]);
}

describe('the reports', () => {
  const loop = new StartedLoop();
  let books: Books | undefined;
  afterEach(async () => {
    await loop.stop();
    await books?.destroy();
    books = undefined;
  });

  it(`agree at every instant on what accounts have, on plans or not, and with the books by hand (${runs} platforms)`, async () => {
    const lived = accountLives.filter((happened) => happened.length > 0);
    const lives = fc.array(lived, { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(lives, fc.array(fc.nat(), { minLength: MAX_INSTANTS, maxLength: MAX_INSTANTS }), agree),
      { numRuns: runs, endOnFailure: true },
    );
  });

  async function agree(lives: readonly (readonly Happened[])[], picks: readonly number[]): Promise<void> {
    const accounts = lives.map((happened, index): Lived => ({ name: `a${index}`, happened }));
    const all = accounts.flatMap(({ name, happened }) => happened.map((each) => ({ name, ...each })));
    const end = at(Math.max(...all.map(({ hour }) => hour)) + 200);
    const here = new Books(new Date(at(0)).toISOString(), 'USD');
    books = here;
    for (const { name, hour, event } of all.sort((a, b) => a.hour - b.hour)) {
      here.clock.set(new Date(at(hour)).toISOString());
      await here.append(`account-shop/${name}`, event);
    }
    here.clock.set(new Date(end).toISOString());
    const { store, clock, financeDirectory } = here;
    const control = ProjectionControl.shared(financeDirectory);
    const reader = new ProjectionReader(control, clock);
    const projection = loop.start(
      new ProjectionLoop(store, clock, financeDirectory, [trialBalance], createLog('fatal')),
    );
    const last = await store.end();
    await until(
      () => projection.progress()?.position === last,
      () => clock.pass(1),
    );
    const turns = turnsOf(accounts);
    const instants = picks.map((pick) => turns[pick % turns.length] ?? end);
    for (const instant of [...instants, end]) {
      const expected = expectedAt(accounts, instant);
      expect([instant, await linesAt(new TrialBalanceReport(store, clock, reader), instant)]).toEqual([
        instant,
        expected,
      ]);
      for (const { name } of accounts)
        expect([instant, await closingAt(new StatementReport(store, reader), name, instant)]).toEqual([
          instant,
          ownLines(expected, name),
        ]);
    }
    const rebuild = control.request('trial-balance', 'again') ?? '';
    await until(
      () => control.rebuild('trial-balance', rebuild)?.state !== 'running',
      () => clock.pass(100),
    );
    expect(control.rebuild('trial-balance', rebuild)).toMatchObject({ state: 'swapped', identical: true });
    expect(await verifyStore(store)).toMatchObject({ ok: true, faults: [] });
    reader.close();
    control.close();
    await loop.stop();
    await here.destroy();
    books = undefined;
  }

  async function linesAt(report: TrialBalanceReport, instant: number): Promise<Lines> {
    const found = await report.open('shop', instant, 'lines');
    const lines: Lines = {};
    const controls = new Map<string, Decimal>();
    for (const { ledgerAccount, commodity, debit, credit } of found.lines) {
      const balance = subtract(debit, credit);
      if (!isZero(balance)) lines[`${ledgerAccount} ${commodity}`] = toText(balance);
      const control = `${ledgerAccount.replace(/^([a-z]+:[a-z]+):a\d$/, '$1:*')} ${commodity}`;
      controls.set(control, add(controls.get(control) ?? zero, balance));
    }
    found.close();
    const rolledUp = await report.open('shop', instant, 'control');
    for (const { ledgerAccount, commodity, debit, credit } of rolledUp.lines) {
      const line = `${ledgerAccount} ${commodity}`;
      expect([line, toText(subtract(debit, credit))]).toEqual([line, toText(controls.get(line) ?? zero)]);
      controls.delete(line);
    }
    rolledUp.close();
    expect([...controls.keys()]).toEqual([]);
    return lines;
  }

  /** What a statement up to an instant, that itself included, closes with; each of its entries follows from the one before. */
  async function closingAt(report: StatementReport, account: string, instant: number): Promise<Lines> {
    const period = {
      platform: 'shop',
      account,
      from: -Infinity,
      to: instant + 1,
      derivedTo: instant,
      zone: 'UTC',
      basis: 'booked',
    } as const;
    const statement = await report.open(period, { from: null, limit: Infinity });
    if (!statement) throw new Error('there is no account');
    let { opening: before } = statement.head;
    const net = (legs: readonly Posting[], line: string): Decimal =>
      legs.reduce((sum, { ledgerAccount, amount }) => (ledgerAccount === line ? add(sum, amount) : sum), zero);
    for await (const { legs, balances } of statement.entries) {
      expect(toText(balances.wallet)).toBe(toText(subtract(before.wallet, net(legs, `liabilities:wallet:${account}`))));
      expect(toText(balances.main)).toBe(toText(subtract(before.main, net(legs, mainOf(account)))));
      expect(toText(balances.backup)).toBe(toText(subtract(before.backup, net(legs, backupOf(account)))));
      before = balances;
    }
    const { closing, faults } = await statement.foot();
    expect(faults).toEqual([]);
    expect(closing).toEqual(before);
    const { wallet, receivable, main, backup } = closing;
    return nonZero({
      [`liabilities:wallet:${account} USD`]: subtract(zero, wallet),
      [`assets:receivable:${account} USD`]: receivable,
      [`pools:main:${account} CREDIT`]: subtract(zero, main),
      [`pools:backup:${account} CREDIT`]: subtract(zero, backup),
    });
  }
});

function nonZero(balances: Readonly<Record<string, Decimal>>): Lines {
  return Object.fromEntries(
    Object.entries(balances)
      .filter(([, balance]) => !isZero(balance))
      .map(([line, balance]) => [line, toText(balance)]),
  );
}

/** The lines that a statement shows. */
function ownLines(lines: Lines, account: string): Lines {
  const own = ['liabilities:wallet', 'assets:receivable', 'pools:main', 'pools:backup'];
  return Object.fromEntries(
    Object.entries(lines).filter(([line]) => own.some((kind) => line.startsWith(`${kind}:${account} `))),
  );
}
