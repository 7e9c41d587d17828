import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Global, Module, type INestApplication } from '@nestjs/common';
import { EventStore } from '@meterbook/event-store/event-store';
import { createHttpApp } from '@meterbook/http/http-app';
import { Clock } from '@meterbook/runtime/clock';
import { createLog } from '@meterbook/runtime/log';
import { SystemRandom } from '@meterbook/runtime/system-random';
import type { TopicRecord } from '@meterbook/topics/topics';
import { tierLoops } from '../tier-loops';
import { TierProjectionModule } from '../tier-projection.module';
import { delivered, s0, TierBooks } from '../testing/tier-books';
import { RechargeTotals } from './recharge-totals';

describe('GET accounts/{a}/tier', () => {
  let books: TierBooks;
  let app: INestApplication;
  let url: string;
  let stop: () => Promise<void>;

  const start = (): ReturnType<typeof tierLoops> => {
    const abort = new AbortController();
    const loops = tierLoops(books.store, books.topics, books.clock, join(books.directory, 'tier'), createLog('fatal'));
    const running = loops.foldRecharges.run(abort.signal);
    stop = async () => {
      abort.abort();
      await running;
    };
    return loops;
  };
  const caughtUp = async ({ foldRecharges }: ReturnType<typeof tierLoops>): Promise<void> => {
    const end = await books.store.end();
    for (const deadline = Date.now() + 30_000; foldRecharges.progress() !== end;) {
      if (Date.now() > deadline) throw new Error('the recharges are not folded');
      await books.clock.sleep(5);
    }
  };

  beforeEach(async () => {
    books = new TierBooks();
    const { store, clock, directory } = books;
    @Global()
    @Module({
      providers: [
        { provide: EventStore, useValue: store },
        { provide: Clock, useValue: clock },
      ],
      exports: [EventStore, Clock],
    })
    class Engines {}
    @Module({ imports: [Engines, TierProjectionModule.register(join(directory, 'tier'))] })
    class App {}
    app = await createHttpApp(App, {
      configuration: { HOST: '127.0.0.1', METERBOOK_TOKENS: null },
      log: createLog('fatal'),
      clock,
      random: new SystemRandom(),
      title: 'Tiers',
      description: 'Tiers.',
    });
    await app.listen(0, '127.0.0.1');
    url = await app.getUrl();
    await books.publish('apibox');
  });
  afterEach(async () => {
    await stop();
    await app.close();
    await books.destroy();
  });

  const view = async (path: string): Promise<unknown> => {
    const response = await fetch(`${url}/v1/platforms/${path}/tier`);
    const body = (await response.json()) as { code?: string };
    return response.status === 200 ? body : `${response.status} ${body.code ?? ''}`;
  };

  it('shows the tier, the recharges so far and what leads further', async () => {
    const loops = start();
    const records: TopicRecord[] = [await books.open('apibox/a')];
    await caughtUp(loops);
    expect(await view('apibox/accounts/a')).toMatchObject({
      tier: 'default',
      pinned: false,
      recharges: 0,
      largestRecharge: '0',
      cumulativeRecharge: '0',
    });
    records.push(await books.recharge('apibox/a', 'r1', '300.5'), await books.recharge('apibox/a', 'r2', '400'));
    await loops.promoteTiers.handle(
      { topic: 'ledger.entries', partition: 0, records: records.map(delivered) },
      new AbortController().signal,
    );
    await caughtUp(loops);
    expect(await view('apibox/accounts/a')).toEqual({
      tier: 'vip',
      pinned: false,
      recharges: 2,
      largestRecharge: '400',
      cumulativeRecharge: '700.5',
      next: { tier: 'svip', singleRechargeNeeded: '500', cumulativeRechargeNeeded: '299.5' },
    });
  });

  it('is by the version in force: the highest of all ever earned that it knows, and the way from there', async () => {
    const loops = start();
    const records = [await books.open('apibox/a'), await books.recharge('apibox/a', 'r1', '600')];
    await loops.promoteTiers.handle(
      { topic: 'ledger.entries', partition: 0, records: records.map(delivered) },
      new AbortController().signal,
    );
    await caughtUp(loops);
    expect(await view('apibox/accounts/a')).toMatchObject({ tier: 'svip', next: null });
    const tiers = [s0.tiers[0], { id: 'vip', rank: 2 }, { id: 'gold', rank: 3 }];
    const promotion = [{ tier: 'gold', anyOf: [{ cumulativeRechargeAtLeast: '1000' }] }];
    await books.publish('apibox', { ...s0, tiers, promotion });
    expect(await view('apibox/accounts/a')).toMatchObject({
      tier: 'vip',
      next: { tier: 'gold', singleRechargeNeeded: null, cumulativeRechargeNeeded: '400' },
    });
    await books.publish('apibox', { ...s0, tiers: [s0.tiers[0]], promotion: [] });
    expect(await view('apibox/accounts/a')).toMatchObject({ tier: 'default', next: null });
    await books.publish('apibox');
    expect(await view('apibox/accounts/a')).toMatchObject({ tier: 'svip' });
    // One that is still to come, withdrawn before it does.
    await books.publish('bare', s0, '2998-01-01T00:00:00.000Z');
    await books.withdraw('bare', 1);
    await books.open('bare/a');
    expect(await view('bare/accounts/a')).toBe('422 no_rulebook');
  });

  it('fills a lost file again from the store', async () => {
    const first = start();
    await books.open('apibox/a');
    await books.recharge('apibox/a', 'r1', '3');
    await books.recharge('apibox/b', 'r1', '4');
    await caughtUp(first);
    await stop();
    await app.close();
    rmSync(join(books.directory, 'tier'), { recursive: true });
    const again = start();
    await caughtUp(again);
    const file = new RechargeTotals(join(books.directory, 'tier'));
    expect([file.of('apibox/a')?.totals.count, file.of('apibox/b')?.revision, file.of('apibox/c')]).toEqual([
      1,
      0,
      undefined,
    ]);
    file.close();
  });

  it('knows no account that the ledger does not know', async () => {
    start();
    await books.open('apibox/a');
    expect(await view('apibox/accounts/b')).toBe('404 unknown_account');
    expect(await view('nowhere/accounts/a')).toBe('404 unknown_platform');
  });
});
