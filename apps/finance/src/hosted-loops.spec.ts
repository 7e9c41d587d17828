import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { createLog } from '@meterbook/runtime/log';
import { hostedFinanceLoops } from './hosted-loops';
import { ProjectionControl } from './projections/projection-control';
import { Books } from './testing/books';

describe('the loops of two processes with one finance directory', () => {
  it('mend its control file once: the one that owns the directory does, the other one touches nothing', async () => {
    const books = new Books('2026-11-20T10:00:00.000Z');
    await books.open('shop/a');
    const { store, clock, financeDirectory } = books;
    mkdirSync(financeDirectory);
    writeFileSync(
      join(financeDirectory, 'control.db'),
      'no database at all, and longer than the header of one. '.repeat(200),
    );
    const mended: string[] = [];
    const destination = new Writable({
      write: (line: Buffer, _encoding, done) => {
        if (String(line).includes('control.db')) mended.push(String(line));
        done();
      },
    });
    const stop = new AbortController();
    const runs = Array.from({ length: 2 }, () => {
      const loops = hostedFinanceLoops({ store, folder: '' }, clock, financeDirectory, createLog('info', destination));
      return Promise.all(loops.map(({ run }) => run(stop.signal)));
    });
    const reader = ProjectionControl.shared(financeDirectory);
    const refused = await Promise.race(
      runs.map((run) =>
        run.then(
          () => 'ended',
          (error: unknown) => String(error),
        ),
      ),
    );
    expect(refused).toContain('another process works in');
    for (const deadline = Date.now() + 10_000; reader.livePath('trial-balance') === undefined;) {
      if (Date.now() > deadline) throw new Error('the file is not mended');
      await clock.sleep(5);
    }
    stop.abort();
    const ends = await Promise.allSettled(runs);
    expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(mended).toHaveLength(1);
    reader.close();
    await books.destroy();
  });
});
