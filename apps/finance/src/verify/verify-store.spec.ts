import { openDatabase } from '@meterbook/runtime/sqlite';
import { join } from 'node:path';
import { authorizationId } from '@meterbook/domain/access/authorization-id';
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

  describe('of holds', () => {
    const now = '2026-11-20T10:00:00.000Z';
    const day = Math.floor(Date.parse(now) / 86_400_000);
    const idOf = (hold: number): string =>
      authorizationId({ hold, expiresAt: Date.parse('2026-11-20T10:15:00.000Z') }, `digest-of-${hold}-12345`);
    const noted = (live: readonly unknown[], said: object = {}) => ({
      note: { account: 4, live, minute: [], day: [['tier:default', day, live.length]], ...said },
    });
    const place = (hold: number, said: object = {}) => ({
      type: 'HoldPlaced',
      occurredAt: now,
      requestId: `q${hold}`,
      digest: `digest-of-${hold}-12345`,
      currency: 'CNY',
      amount: '2',
      expiresAt: '2026-11-20T10:15:00.000Z',
      day: 'tier:default',
      accountRevision: 4,
      ...said,
    });
    const both = [
      [0, idOf(0), '2'],
      [1, idOf(1), '2'],
    ];

    it('finds nothing where their notes say what the holds before them come to', async () => {
      await books.append('hold-shop/a', place(0));
      await books.append('hold-shop/a', place(1, noted(both)));
      await books.append('hold-shop/c', place(0, noted([[0, idOf(0), '2']])));
      for (const accountsPerPass of [1, 2, 100])
        expect(await verifyStore(books.store, { accountsPerPass })).toMatchObject({ ok: true, events: 19, faults: [] });
    });

    it.each([
      [
        'leaves out one',
        noted([[0, idOf(0), '2']], { day: [['tier:default', day, 2]] }),
        'its note leaves out the hold of 2 at 1, which is live',
      ],
      [
        'lists another amount',
        noted([both[0], [1, idOf(1), '3']]),
        `its note lists 3 at 1, where 2 is held as ${idOf(1)}`,
      ],
      [
        'lists one too many',
        noted([...both, [7, idOf(7), '2']], { day: [] }),
        'its note lists a hold at 7, where none is live',
      ],
      ['counts one request less', noted(both, { day: [['tier:default', day, 1]] }), 'its note counts'],
      ['speaks of an account that is not there yet', noted(both, { account: 9 }), 'its note speaks of revision 9'],
      ['is of no shape', { note: { account: 4 } }, ''],
    ])('names an event whose note %s, once, and goes on with everybody else', async (_what, note, detail) => {
      await books.append('hold-shop/a', place(0));
      await books.append('hold-shop/a', place(1, note));
      await books.append('hold-shop/a', place(2, note));
      await books.append('account-shop/c', settings({ wallet: '1', receivable: '5.5' }));
      for (const accountsPerPass of [1, 2, 100]) {
        const { faults } = await verifyStore(books.store, { accountsPerPass });
        expect(faults.map(({ stream, revision }) => [stream, revision]).sort()).toEqual([
          ['account-shop/c', 5],
          ['hold-shop/a', 1],
        ]);
        expect(faults.find(({ stream }) => stream === 'hold-shop/a')?.detail).toContain(detail);
      }
    });

    it('names those of an account that was never opened, or that does not go so far', async () => {
      await books.append('hold-shop/nobody', place(0));
      await books.append('hold-shop/b', place(0, { accountRevision: 5 }));
      for (const accountsPerPass of [1, 2, 100])
        expect(detailOf(await verifyStore(books.store, { accountsPerPass }))).toBe(
          'hold-shop/nobody@0 its account was never opened; hold-shop/b@0 it was decided on revision 5 of an account that ends at 4',
        );
    });

    it('tells of the account alone where its own stream is at fault, and once where theirs cannot be read', async () => {
      await books.append('account-shop/b', settings({ wallet: '1', receivable: '5.5' }));
      await books.append('hold-shop/b', place(0, { accountRevision: 9 }));
      await books.append('hold-shop/a', place(0));
      await books.append('hold-shop/a', place(1, noted([])));
      books.spoil('hold-shop/a', 0);
      const { faults } = await verifyStore(books.store);
      expect([...new Set(faults.map(({ stream }) => stream))].sort()).toEqual(['account-shop/b', 'hold-shop/a']);
      expect(faults.every(({ detail }) => !detail.includes('note'))).toBe(true);
    });
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
