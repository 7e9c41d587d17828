import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase, type Database } from '@meterbook/runtime/sqlite';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { WriteLock } from './write-lock';

describe('the write lock', () => {
  const clock = new SystemClock();
  let directory: string;
  const opened: { readonly database: Database; readonly lock: WriteLock }[] = [];

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'meterbook-lock-'));
  });
  afterEach(() => {
    for (const { database, lock } of opened.splice(0)) {
      lock.close();
      database.close();
    }
    rmSync(directory, { recursive: true });
  });

  const open = (): (typeof opened)[number] => {
    const database = openDatabase(join(directory, 'events.db'));
    database.pragma('journal_mode = WAL');
    const one = { database, lock: new WriteLock(database, join(directory, 'turn.db'), clock, 1000) };
    opened.push(one);
    return one;
  };

  it('is held by one at a time', async () => {
    const [first, second] = [open(), open()];
    await first.lock.take();
    expect(second.lock.tryTake()).toBe(false);
    first.database.exec('ROLLBACK');
    expect(second.lock.tryTake()).toBe(true);
    second.database.exec('ROLLBACK');
  });

  it('lets one that waits go before one that wants it again at once', async () => {
    const [busy, other] = [open(), open()];
    await busy.lock.take();
    const order: string[] = [];
    const waiting = other.lock.take().then(() => {
      order.push('the one that waited');
      other.database.exec('ROLLBACK');
    });
    await clock.sleep(10);
    for (let round = 0; round < 3; round++) {
      busy.database.exec('ROLLBACK');
      await busy.lock.take();
      order.push('the busy one');
    }
    await waiting;
    busy.database.exec('ROLLBACK');
    expect(order).toEqual(['the one that waited', 'the busy one', 'the busy one', 'the busy one']);
  });
});
