import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeliveryFile } from './delivery-file';

describe('the file of deliveries', () => {
  const directory = mkdtempSync(join(tmpdir(), 'meterbook-deliveries-'));
  const file = DeliveryFile.open(directory, 0, () => undefined);
  afterAll(() => {
    file.close();
    rmSync(directory, { recursive: true });
  });

  it('keeps a period that was paid while the one before it was told of', () => {
    const first = { account: 'shop/a', revision: 1, endsAt: 30, dueAt: 27 };
    const second = { account: 'shop/a', revision: 2, endsAt: 60, dueAt: 57 };
    file.setPeriod(first);
    const [due] = file.periodsDue(28, 10);
    file.setPeriod(second);
    if (due) file.dropPeriod(due);
    expect(file.periodsDue(58, 10)).toEqual([second]);
    file.dropPeriod(second);
    expect(file.periodsDue(58, 10)).toEqual([]);
  });
});
