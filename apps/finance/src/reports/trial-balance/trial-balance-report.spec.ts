import { toText, subtract } from '@meterbook/domain/amount/decimal';
import { ProjectionControl } from '../../projections/projection-control';
import { ProjectionLoop } from '../../projections/projection-loop';
import { ProjectionReader } from '../../projections/projection-reader';
import type { View } from '../../projections/trial-balance/read-lines';
import { trialBalance } from '../../projections/trial-balance/trial-balance';
import { createLog } from '@meterbook/runtime/log';
import { Books } from '../../testing/books';
import { Totals, TrialBalanceReport } from './trial-balance-report';

describe('the trial balance', () => {
  let books: Books;
  let control: ProjectionControl;
  let reader: ProjectionReader;
  let report: TrialBalanceReport;
  let abort: AbortController;
  let running: Promise<void>;

  beforeEach(() => {
    books = new Books('2026-11-20T10:00:00.000Z');
    control = ProjectionControl.shared(books.financeDirectory);
    reader = new ProjectionReader(control, books.clock);
    report = new TrialBalanceReport(books.store, books.clock, reader);
    abort = new AbortController();
    running = new ProjectionLoop(
      books.store,
      books.clock,
      books.financeDirectory,
      [trialBalance],
      createLog('fatal'),
    ).run(abort.signal);
  });
  afterEach(async () => {
    abort.abort();
    await running;
    reader.close();
    control.close();
    await books.destroy();
  });

  /** Balances by ledger account and commodity, as of an instant; every commodity sums to zero or this fails. */
  const balances = async (asOf: string, view: View = 'lines', platform = 'shop'): Promise<Record<string, string>> => {
    if (Date.parse(asOf) >= books.clock.now()) books.clock.set(new Date(Date.parse(asOf) + 200).toISOString());
    const found = await report.open(platform, Date.parse(asOf), view);
    expect(found.final).toBe(true);
    const totals = new Totals();
    const result: Record<string, string> = {};
    for (const line of found.lines) {
      totals.add(line);
      result[`${line.ledgerAccount} ${line.commodity}`] = toText(subtract(line.debit, line.credit));
    }
    found.close();
    for (const total of totals.list()) expect(total.balance).toBe('0');
    return result;
  };

  const fill = async (): Promise<void> => {
    await books.open('shop/a');
    await books.recharge('shop/a', 'r1', '100');
    books.clock.set('2026-11-21T10:00:00.000Z');
    await books.charge('shop/a', 'u1', '30');
    books.clock.set('2026-11-21T12:00:00.000Z');
    await books.charge('shop/a', 'u2', '80');
    books.clock.set('2026-11-23T09:00:00.000Z');
    await books.open('shop/b');
    await books.recharge('shop/b', 'r1', '5');
    await books.recharge('shop/a', 'r2', '50');
  };

  it('adds up what was booked by an instant, whenever it is asked', async () => {
    await fill();
    expect(await balances('2026-11-20T10:00:00.000Z')).toEqual({
      'assets:cash:manual CNY': '100',
      'liabilities:wallet:a CNY': '-100',
    });
    expect(await balances('2026-11-20T23:59:59.999Z')).toEqual(await balances('2026-11-21T09:59:59.999Z'));
    expect(await balances('2026-11-21T11:00:00.000Z')).toEqual({
      'assets:cash:manual CNY': '100',
      'liabilities:wallet:a CNY': '-70',
      'revenue:usage CNY': '-30',
    });
    expect(await balances('2026-11-22T10:00:00.000Z')).toEqual({
      'assets:cash:manual CNY': '100',
      'assets:receivable:a CNY': '10',
      'liabilities:wallet:a CNY': '0',
      'revenue:usage CNY': '-110',
    });
    expect(await balances('2026-11-24T00:00:00.000Z')).toEqual({
      'assets:cash:manual CNY': '155',
      'assets:receivable:a CNY': '0',
      'liabilities:wallet:a CNY': '-40',
      'liabilities:wallet:b CNY': '-5',
      'revenue:usage CNY': '-110',
    });
    expect(await balances('2026-11-20T09:59:59.999Z')).toEqual({});
  });

  it('rolls up each kind of per-account line, and nothing else', async () => {
    await fill();
    expect(await balances('2026-11-24T00:00:00.000Z', 'control')).toEqual({
      'assets:cash:manual CNY': '155',
      'assets:receivable:* CNY': '0',
      'liabilities:wallet:* CNY': '-45',
      'revenue:usage CNY': '-110',
    });
    expect(await balances('2026-11-21T11:00:00.000Z', 'control')).toMatchObject({ 'liabilities:wallet:* CNY': '-70' });
  });

  it('shows gross turnover', async () => {
    await fill();
    books.clock.set('2026-11-24T00:00:00.000Z');
    const found = await report.open('shop', Date.parse('2026-11-23T10:00:00.000Z'), 'lines');
    const wallet = [...found.lines].find(({ ledgerAccount }) => ledgerAccount === 'liabilities:wallet:a');
    found.close();
    expect(wallet && [toText(wallet.debit), toText(wallet.credit)]).toEqual(['100', '140']);
  });

  it('keeps the platforms and the currencies of a foreign payment apart', async () => {
    await fill();
    await books.open('other/a');
    await books.recharge('other/a', 'r1', '73', { amount: '10', currency: 'USD' });
    expect(await balances('2026-11-24T00:00:00.000Z', 'lines', 'other')).toEqual({
      'assets:cash:manual USD': '10',
      'equity:fx CNY': '73',
      'equity:fx USD': '-10',
      'liabilities:wallet:a CNY': '-73',
    });
    expect(await balances('2026-11-24T00:00:00.000Z')).not.toHaveProperty(['equity:fx CNY']);
  });

  it('derives what expired by the instant, from what had been booked by then', async () => {
    await books.open('shop/a');
    await books.grant('shop/a', 'g1', '10', '2026-11-22T00:00:00.000Z');
    await books.grant('shop/a', 'g2', '3', null);
    books.clock.set('2026-11-21T10:00:00.000Z');
    await books.charge('shop/a', 'u1', '4');
    books.clock.set('2026-11-25T10:00:00.000Z');
    await books.charge('shop/a', 'late', '1', '2026-11-21T23:00:00.000Z');
    const wallet = async (asOf: string, view?: View): Promise<string[]> => {
      const lines = await balances(asOf, view);
      return [
        lines[`liabilities:wallet:${view === 'control' ? '*' : 'a'} CNY`] ?? '',
        lines['expenses:promotions CNY'] ?? '',
      ];
    };
    expect(await wallet('2026-11-21T23:59:59.999Z')).toEqual(['-9', '13']);
    expect(await wallet('2026-11-22T00:00:00.000Z')).toEqual(['-3', '7']);
    expect(await wallet('2026-11-25T09:59:59.999Z')).toEqual(['-3', '7']);
    expect(await wallet('2026-11-25T10:00:00.000Z')).toEqual(['-3', '8']);
    expect(await wallet('2026-11-26T00:00:00.000Z', 'control')).toEqual(['-3', '8']);
    expect(await wallet('2026-11-22T00:00:00.000Z', 'control')).toEqual(['-3', '7']);
  });

  it('holds all that is booked where no instant is asked for, also what a clock that jumped dated ahead', async () => {
    await fill();
    books.clock.set('2026-12-24T00:00:00.000Z');
    await books.grant('shop/b', 'g1', '2', '2027-01-01T00:00:00.000Z');
    books.clock.set('2026-11-24T00:00:00.000Z');
    await books.recharge('shop/b', 'r2', '1');
    const end = await books.store.end();
    while (reader.progress('trial-balance')?.position !== end) await books.clock.sleep(5);
    const read = async (asOf: number | null): Promise<[boolean, string | undefined]> => {
      const found = await report.open('shop', asOf, 'lines');
      const totals = new Totals();
      let wallet: string | undefined;
      for (const line of found.lines) {
        totals.add(line);
        if (line.ledgerAccount === 'liabilities:wallet:b') wallet = toText(subtract(line.debit, line.credit));
      }
      found.close();
      for (const total of totals.list()) expect(total.balance).toBe('0');
      return [found.final, wallet];
    };
    expect(await read(null)).toEqual([false, '-8']);
    expect(await read(books.clock.now())).toEqual([true, '-5']);
  });

  it('says that it is not final while the projection has not passed the instant', async () => {
    await fill();
    abort.abort();
    await running;
    const found = await report.open('shop', books.clock.now() + 200, 'lines');
    found.close();
    expect(found.final).toBe(false);
  });
});
