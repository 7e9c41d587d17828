import type { StoredEvent, StoreFault } from '@meterbook/event-store/event-store';
import { openDatabase } from '@meterbook/runtime/sqlite';
import { join } from 'node:path';
import { Books } from '../testing/books';
import { FinanceApp } from '../testing/finance-app';
import { everyEventOf, ForgedStore } from '../testing/forged-store';
import { verifyStore } from './verify-store';

const closings = '/v1/platforms/shop/finance/closings';

describe('the proof of closings', () => {
  let books: Books;
  let events: readonly StoredEvent[];

  beforeAll(async () => {
    books = new Books('2026-10-20T10:00:00.000Z');
    const finance = await FinanceApp.start(books);
    await books.publish('shop');
    for (const name of ['shop/a', 'shop/b', 'shop/idle']) await books.open(name);
    await books.recharge('shop/a', 'r1', '100');
    await books.grant('shop/b', 'g1', '5', '2026-10-30T00:00:00.000Z');
    await books.charge('shop/a', 'u1', '30');
    await books.charge('shop/a', 'u2', '7');
    // Between the end of the month and its closing.
    books.clock.set('2026-11-02T10:00:00.000Z');
    await books.charge('shop/b', 'u3', '1');
    books.clock.pass(60_000);
    for (const [closingId, zone] of [
      ['c1', 'UTC'],
      ['c2', 'Asia/Shanghai'],
    ]) {
      const { status } = await finance.postUntilDone(closings, { closingId, period: '2026-10', zone });
      expect(status).toBe(201);
    }
    await books.charge('shop/a', 'u4', '2');
    await finance.close();
    events = await everyEventOf(books.store);
  });
  afterAll(() => books.destroy());

  const faultsOfForged = async (forge: (all: readonly StoredEvent[]) => StoredEvent[]): Promise<StoreFault[]> => {
    const forged = await ForgedStore.of(forge(events));
    try {
      const { ok, faults } = await verifyStore(forged.store);
      expect(ok).toBe(faults.length === 0);
      return [...faults];
    } finally {
      await forged.destroy();
    }
  };
  const of = (faults: readonly StoreFault[], stream: string): string[] =>
    faults.filter((fault) => fault.stream === stream).map(({ detail }) => detail);
  const isOf =
    (stream: string, revision: number) =>
    (event: StoredEvent): boolean =>
      event.stream === stream && event.revision === revision;

  it('finds nothing in books that nobody changed, or that were written once more as they are', async () => {
    expect(await verifyStore(books.store)).toMatchObject({ ok: true, faults: [] });
    expect(await faultsOfForged((all) => [...all])).toEqual([]);
  });

  it('finds a tail that was cut off a stream, and names it', async () => {
    const cut = isOf('account-shop/b', 2);
    const faults = await faultsOfForged((all) => all.filter((event) => !cut(event)));
    expect(of(faults, 'account-shop/b')).toEqual(
      ['c1', 'c2'].map((id) => `closing ${id} saw it up to revision 2, and it ends at 1: its tail was cut off`),
    );
    expect(of(faults, 'books-shop')[0]).toMatch(/^closing c1: the streams of the accounts do not stand where/);
    // What was cut off was booked after the month: its trial balance is what it was.
    expect(faults.filter(({ detail }) => /trial balance/.test(detail))).toEqual([]);
  });

  it('finds a tail that was cut off the period, with what the closing had for the account', async () => {
    const cut = (event: StoredEvent): boolean => event.stream === 'account-shop/a' && event.revision >= 3;
    const faults = await faultsOfForged((all) => all.filter((event) => !cut(event)));
    expect(of(faults, 'account-shop/a')).toEqual(
      expect.arrayContaining([
        'closing c1 has liabilities:wallet:a in CNY at -63 (debit 37, credit 100), its events come to -70 (debit 30, credit 100)',
        'closing c1 saw it up to revision 3, and it ends at 2: its tail was cut off',
      ]),
    );
  });

  it('finds a whole stream that is gone, and one that was made up', async () => {
    const gone = await faultsOfForged((all) => all.filter(({ stream }) => stream !== 'account-shop/idle'));
    expect(of(gone, 'account-shop/idle')).toContain('closing c1 saw it up to revision 0, and nothing of it is there');
    const made = await faultsOfForged((all) =>
      all.flatMap((event) =>
        event.stream === 'account-shop/idle' ? [event, { ...event, stream: 'account-shop/made-up' }] : [event],
      ),
    );
    expect(of(made, 'account-shop/made-up')).toContain(
      'closing c1 saw no such stream, and it has events that were booked before it',
    );
  });

  it('finds an event that was changed, whose hashes were all made anew', async () => {
    const changed = isOf('account-shop/a', 1);
    const faults = await faultsOfForged((all) =>
      all.map((event) =>
        changed(event) ? { ...event, data: event.data.replace('"provider":"manual"', '"provider":"other"') } : event,
      ),
    );
    expect(of(faults, 'account-shop/a')).toContain(
      'its revision 3 is another than closing c1 saw: an event was changed',
    );
    expect(of(faults, 'books-shop')).toContain(
      'closing c1 has assets:cash:manual in CNY at 100 (debit 100, credit 0), its events come to nothing',
    );
  });

  it('finds an event that was changed and moves no balance', async () => {
    const changed = isOf('account-shop/b', 1);
    const faults = await faultsOfForged((all) =>
      all.map((event) => (changed(event) ? { ...event, data: event.data.replace('trial', 'gift!') } : event)),
    );
    expect(of(faults, 'account-shop/b')).toContain(
      'its revision 2 is another than closing c1 saw: an event was changed',
    );
  });

  it('finds an event that was added', async () => {
    const opening = isOf('account-shop/idle', 0);
    const settings = {
      ...{ occurredAt: '2026-10-20T10:00:00.000Z', changed: { suspended: true } },
      ...{ currency: 'CNY', settled: [], wallet: '0', receivable: '0' },
    };
    const faults = await faultsOfForged((all) =>
      all.flatMap((event) =>
        opening(event)
          ? [event, { ...event, type: 'AccountSettingsChanged', data: JSON.stringify(settings) }]
          : [event],
      ),
    );
    expect(of(faults, 'account-shop/idle')).toContain(
      'closing c1 saw it up to revision 0, and 1 is booked before it: events were added',
    );
  });

  it('finds what was changed of the closing itself', async () => {
    const part = events.find(({ stream }) => stream.startsWith('books-shop/'));
    const faults = await faultsOfForged((all) =>
      all.map((event) =>
        event.stream === part?.stream ? { ...event, data: event.data.replace('"100"', '"200"') } : event,
      ),
    );
    expect(of(faults, part?.stream ?? '')).toEqual(['it is not what closing c1 was made of']);
    const cut = await faultsOfForged((all) => all.filter(({ stream }) => stream !== part?.stream));
    expect(of(cut, part?.stream ?? '')).toEqual(['it has 0 parts of 2']);
  });

  it('finds rows that were cut out of the file', async () => {
    const database = openDatabase(join(books.directory, 'events', 'events.db'));
    const cut = events.find(isOf('account-shop/b', 2));
    const changes = database.prepare('DELETE FROM frames WHERE position = ?').run(Number(cut?.position)).changes;
    database.close();
    expect(changes).toBe(1);
    const { ok, faults } = await verifyStore(books.store);
    expect([ok, of(faults, 'account-shop/b').length > 0]).toEqual([false, true]);
  });
});
