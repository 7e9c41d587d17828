import { createLog } from '@meterbook/runtime/log';
import { ProjectionControl } from '../projections/projection-control';
import { ProjectionLoop } from '../projections/projection-loop';
import { ProjectionReader } from '../projections/projection-reader';
import { trialBalance } from '../projections/trial-balance/trial-balance';
import { Books } from '../testing/books';
import { StartedLoop, until } from '../testing/started-loop';
import { accountsCursor, type AccountPageDto } from './accounts.dto';
import { ListAccounts, ListAccountsHandler } from './list-accounts';

describe('the list of accounts', () => {
  const loop = new StartedLoop();
  let books: Books;
  let control: ProjectionControl;
  let reader: ProjectionReader;
  let handler: ListAccountsHandler;

  beforeEach(async () => {
    books = new Books('2026-11-20T10:00:00.000Z');
    const { store, clock, financeDirectory } = books;
    control = ProjectionControl.shared(financeDirectory);
    reader = new ProjectionReader(control, clock);
    handler = new ListAccountsHandler(reader, clock);
    for (const name of ['b-1', 'a-2', 'a-1', 'a-3', 'c']) await books.open(`shop/${name}`);
    await books.open('other/a-9');
    await books.grant('shop/a-1', 'g1', '5', '2026-11-20T12:00:00.000Z');
    await books.recharge('shop/a-1', 'r1', '10');
    for (const name of ['a-2', 'b-1']) await books.charge(`shop/${name}`, 'u1', '3');
    await books.recharge('shop/b-1', 'r1', '3');
    await books.charge('shop/c', 'u1', '0.5');
    const projection = loop.start(
      new ProjectionLoop(store, clock, financeDirectory, [trialBalance], createLog('fatal')),
    );
    const last = await store.end();
    await until(() => projection.progress()?.position === last);
  });
  afterEach(async () => {
    await loop.stop();
    reader.close();
    control.close();
    await books.destroy();
  });

  const list = (asked: { prefix?: string; owing?: boolean; after?: string; limit?: number }): Promise<AccountPageDto> =>
    handler.execute(new ListAccounts({ platform: 'shop', prefix: '', owing: false, after: '', limit: 10, ...asked }));
  const names = ({ items }: AccountPageDto): string[] => items.map(({ account }) => account);

  it('is of one platform, by name and by how names begin', async () => {
    expect(names(await list({}))).toEqual(['a-1', 'a-2', 'a-3', 'b-1', 'c']);
    expect(names(await list({ prefix: 'a-' }))).toEqual(['a-1', 'a-2', 'a-3']);
    expect(names(await list({ prefix: 'z' }))).toEqual([]);
  });

  it('goes on where the page before ended', async () => {
    const first = await list({ prefix: 'a-', limit: 2 });
    expect([names(first), first.next]).toEqual([['a-1', 'a-2'], accountsCursor.write({ account: 'a-2' })]);
    const second = await list({ prefix: 'a-', limit: 2, after: 'a-2' });
    expect([names(second), second.next]).toEqual([['a-3'], null]);
  });

  it('is of those that owe something now, where that is asked for', async () => {
    expect(names(await list({ owing: true }))).toEqual(['a-2', 'c']);
    const first = await list({ owing: true, limit: 1 });
    expect([names(first), first.next]).toEqual([['a-2'], accountsCursor.write({ account: 'a-2' })]);
    expect(names(await list({ owing: true, limit: 1, after: 'a-2' }))).toEqual(['c']);
    expect(names(await list({ owing: true, prefix: 'c' }))).toEqual(['c']);
  });

  it('tells what each has and owes, with what has expired taken off', async () => {
    const none = { frozen: '0', deferred: '0', pools: { main: '0', backup: '0' } };
    const [first, second, third] = (await list({})).items;
    expect(first).toEqual({ account: 'a-1', currency: 'CNY', wallet: '15', receivable: '0', ...none });
    expect(second).toEqual({ account: 'a-2', currency: 'CNY', wallet: '0', receivable: '3', ...none });
    expect(third).toEqual({ account: 'a-3', currency: null, wallet: '0', receivable: '0', ...none });
    books.clock.set('2026-11-20T12:00:00.000Z');
    expect((await list({})).items[0]).toMatchObject({ wallet: '10' });
  });
});
