import { tmpdir } from 'node:os';
import { Registry } from 'prom-client';
import { watchDisk } from './watch-disk';

describe('the room on the disk', () => {
  it('is told, and is no number where the disk cannot be asked', async () => {
    const registry = new Registry();
    watchDisk(registry, tmpdir());
    const valueOf = async (name: string, of: Registry): Promise<number> => {
      const { values } = (await of.getSingleMetric(name)?.get()) ?? { values: [] };
      return values[0]?.value ?? -1;
    };
    const free = await valueOf('meterbook_disk_free_bytes', registry);
    expect(free).toBeGreaterThan(0);
    expect(await valueOf('meterbook_disk_size_bytes', registry)).toBeGreaterThanOrEqual(free);
    const nowhere = new Registry();
    watchDisk(nowhere, '/there/is/no/such/folder');
    expect(await valueOf('meterbook_disk_free_bytes', nowhere)).toBeNaN();
    expect(await valueOf('meterbook_disk_size_bytes', nowhere)).toBeNaN();
  });
});
