import { encodeEvent } from '@meterbook/books/event-codec';
import { StoreBench } from '@meterbook/event-store/esdb/testing/store-bench';
import { chainStart } from '@meterbook/event-store/hash-chain';
import { verifyStore } from './verify-store';

const occurredAt = '2026-11-20T10:00:00.000Z';
const [cut, other] = ['account-shop/a', 'account-shop/b'];

describe('verification of a store whose server drops events', () => {
  let bench: StoreBench;

  beforeEach(async () => {
    bench = new StoreBench();
    await bench.start();
    const store = bench.open();
    for (const stream of [cut, other]) {
      const first = { type: 'AccountOpened', occurredAt, currency: 'CNY' };
      const opened = encodeEvent(stream, 0, chainStart, first, {});
      const changed = { occurredAt, changed: {}, currency: 'CNY', settled: [], wallet: '0', receivable: '0' };
      const second = encodeEvent(stream, 1, opened.hash, { type: 'AccountSettingsChanged', ...changed }, {});
      const third = encodeEvent(stream, 2, second.hash, { type: 'AccountSettingsChanged', ...changed }, {});
      await store.append([{ stream, expectedRevision: 'no-stream', events: [opened, second, third] }]);
    }
  });
  afterEach(() => bench.stop());

  const faultsOf = async (): Promise<string[]> => {
    const { ok, faults } = await verifyStore(bench.open());
    expect(ok).toBe(faults.length === 0);
    expect(faults.map(({ stream }) => stream)).not.toContain(other);
    return faults.map(({ stream, detail }) => `${stream ?? 'all'}: ${detail}`);
  };

  it('finds nothing before it does', async () => {
    expect(await faultsOf()).toEqual([]);
  });

  it.each(['$maxCount', '$maxAge', '$tb'])(
    'names the stream that %s was set on, before any event is gone',
    async (setting) => {
      bench.server.log.setMetadata(cut, { [setting]: 1_000 });
      expect(await faultsOf()).toContain(`${cut}: its metadata sets ${setting}, by which the server drops events`);
    },
  );

  it('names a stream whose first events are gone, and no other', async () => {
    bench.server.log.truncate(cut, 1);
    expect(await faultsOf()).toContain(`${cut}: revision 1 follows nothing`);
  });

  it('names a stream of which nothing is left but the setting', async () => {
    bench.server.log.setMetadata(cut, { $maxCount: 1 });
    bench.server.log.truncate(cut, 1);
    expect(await faultsOf()).toContain(`${cut}: its metadata sets $maxCount, by which the server drops events`);
  });
});
