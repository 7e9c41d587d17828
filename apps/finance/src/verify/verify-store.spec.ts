import { openDatabase } from '@meterbook/runtime/sqlite';
import { join } from 'node:path';
import { toSnapshot } from '@meterbook/domain/account/snapshot';
import { Books } from '../testing/books';
import { verifyStore, type VerifyReport } from './verify-store';

describe('verification', () => {
  let books: Books;

  beforeEach(async () => {
    books = new Books('2026-11-20T10:00:00.000Z');
    await books.publish('shop');
    for (const name of ['shop/a', 'shop/b', 'shop/c']) {
      await books.open(name);
      await books.recharge(name, 'r1', '100');
      await books.grant(name, 'g1', '5', '2026-11-22T00:00:00.000Z');
      await books.charge(name, 'u1', '103');
      await books.charge(name, 'u2', '7.5');
    }
  });
  afterEach(() => books.destroy());

  const settings = (said: object): { readonly type: string } => {
    const event = { occurredAt: '2026-11-20T10:00:00.000Z', changed: {}, currency: 'CNY', settled: [], ...said };
    return { type: 'AccountSettingsChanged', ...event };
  };
  const checkpoint = async (name: string, change: object = {}): Promise<void> => {
    const { account, revision } = books.accountOf(name);
    let hash = '';
    for await (const stored of books.store.read(`account-${name}`, 'end', 'backward')) {
      hash = stored.hash;
      break;
    }
    const event = {
      type: 'AccountCheckpointed',
      revision,
      hash,
      state: toSnapshot(account),
      identities: '',
      ...change,
    };
    await books.append(`checkpoint-${name}`, event);
  };
  const detailOf = ({ ok, faults }: VerifyReport): string => {
    expect(ok).toBe(faults.length === 0);
    return faults.map(({ stream, revision, detail }) => `${stream ?? '-'}@${revision ?? '-'} ${detail}`).join('; ');
  };

  it('finds nothing in books that nobody changed', async () => {
    await checkpoint('shop/a');
    await books.recharge('shop/a', 'r2', '20');
    await checkpoint('shop/a');
    expect(await verifyStore(books.store)).toEqual({ ok: true, streams: 5, events: 19, faults: [] });
  });

  it('takes a checkpoint of an earlier format for what it says, and passes over one of a later format', async () => {
    await checkpoint('shop/a', { state: { format: 99, whatever: true } });
    const { account } = books.accountOf('shop/b');
    const { done, ...rest } = toSnapshot(account);
    const ofKind = (kind: string): unknown => (done ?? []).filter((one) => one[0] === kind).map((one) => one.slice(1));
    await checkpoint('shop/b', {
      state: { ...rest, format: 1, rechargeIds: ofKind('recharge'), grantIds: ofKind('grant') },
    });
    expect(await verifyStore(books.store)).toMatchObject({ ok: true, faults: [] });
  });

  it('names an event of a type from the future, once, and goes on with every other account', async () => {
    await books.append('account-shop/a', { type: 'AccountDreamt' });
    await books.append('account-shop/a', { type: 'AccountDreamt' });
    await books.append('account-shop/b', settings({ wallet: '1', receivable: '5.5' }));
    const report = await verifyStore(books.store, { accountsPerPass: 1 });
    expect(detailOf(report)).toMatch(
      /^account-shop\/a@5 events of type AccountDreamt are not known to this version; account-shop\/b@5 [^;]*$/,
    );
  });

  it('names an event that states another balance than the entries before it come to', async () => {
    await books.append('account-shop/b', settings({ wallet: '1', receivable: '5.5' }));
    expect(detailOf(await verifyStore(books.store))).toMatch(/^account-shop\/b@5 .*states the wallet 1/);
  });

  it('names an event that takes more from a lot than it has', async () => {
    await books.append(
      'account-shop/b',
      settings({ changed: { payAsYouGo: true }, settled: [[0, '1']], wallet: '-1', receivable: '4.5' }),
    );
    expect(detailOf(await verifyStore(books.store))).toMatch(/^account-shop\/b@5 lot 0/);
  });

  it('tells one fault of an account, not what follows from it, and goes on with the others', async () => {
    for (const name of ['shop/a', 'shop/c'])
      await books.append(`account-${name}`, settings({ wallet: '1', receivable: '5.5' }));
    await books.append('account-shop/a', settings({ wallet: '2', receivable: '5.5' }));
    const { faults } = await verifyStore(books.store);
    expect(faults.map(({ stream, revision }) => [stream, revision])).toEqual([
      ['account-shop/a', 5],
      ['account-shop/c', 5],
    ]);
  });

  it.each([
    ['another state', { state: { format: 1 } }, /^checkpoint-shop\/a@0 its state is not/],
    ['another hash', { hash: 'x' }, /^checkpoint-shop\/a@0 it names another hash/],
    ['a revision that is not there', { revision: 99 }, /^checkpoint-shop\/a@0 its account has no revision 99/],
  ])('names a checkpoint with %s', async (_what, change, expected) => {
    await checkpoint('shop/a', change);
    expect(detailOf(await verifyStore(books.store))).toMatch(expected);
  });

  it('proves every account, however few fit into one pass', async () => {
    await checkpoint('shop/c');
    await books.append('account-shop/c', settings({ wallet: '1', receivable: '5.5' }));
    for (const accountsPerPass of [1, 2, 3])
      expect(detailOf(await verifyStore(books.store, { accountsPerPass }))).toMatch(/^account-shop\/c@5 /);
  });

  it('names the record in which a byte was changed', async () => {
    const database = openDatabase(join(books.directory, 'events', 'events.db'));
    database
      .prepare(
        `UPDATE frames SET body = CAST(replace(CAST(body AS TEXT), '"id":"u2"', '"id":"u9"') AS BLOB) WHERE position = 10`,
      )
      .run();
    database.close();
    expect(detailOf(await verifyStore(books.store))).toMatch(/account-shop\/b@4 the record does not match its hash/);
  });

  it('names every stream that the store calls damaged, and proves the others all the same', async () => {
    await checkpoint('shop/a');
    await books.append('account-shop/c', settings({ wallet: '1', receivable: '5.5' }));
    for (const [stream, revision] of [
      ['rulebook-shop', 0],
      ['account-shop/b', 2],
      ['checkpoint-shop/a', 0],
    ] as const)
      books.spoil(stream, revision);
    const { ok, faults } = await verifyStore(books.store);
    expect(ok).toBe(false);
    expect([...new Set(faults.map(({ stream }) => stream))].sort()).toEqual([
      'account-shop/b',
      'account-shop/c',
      'checkpoint-shop/a',
      'rulebook-shop',
    ]);
    expect(faults.find(({ stream }) => stream === 'account-shop/c')?.detail).toContain('states the wallet 1');
  });

  it('says so when a record cannot be read at all', async () => {
    const database = openDatabase(join(books.directory, 'events', 'events.db'));
    database.prepare(`UPDATE frames SET body = CAST('nothing' AS BLOB) WHERE position = 10`).run();
    database.close();
    const report = await verifyStore(books.store);
    expect(report.ok).toBe(false);
    expect(detailOf(report)).toMatch(/cannot be read/);
  });
});
