import { DISK_TOLD_EVERY_MS, DiskLines } from './disk-lines';
import { createLog } from './log';
import { sqliteFailure } from './sqlite-failure';
import { ManualClock } from './testing/manual-clock';

describe('lines about a full disk', () => {
  const full = (): Error => Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  const opened = () => {
    const lines: { msg: string; leftOut?: number; disk?: string }[] = [];
    const clock = new ManualClock(1_000_000);
    const shared = new BigInt64Array(new SharedArrayBuffer(16));
    const logs = Array.from({ length: 2 }, () =>
      createLog(
        'info',
        { write: (line) => void lines.push(JSON.parse(line) as (typeof lines)[number]) },
        new DiskLines(clock, shared),
      ),
    );
    const [one, another] = logs;
    if (!one || !another) throw new Error('there are two');
    return { lines, clock, one, another };
  };

  it('come once a minute from all threads together, say what to do, and how many were left out', async () => {
    const { lines, clock, one, another } = opened();
    for (let n = 0; n < 100; n++) {
      one.error({ loop: 'charge', err: full() }, 'A loop failed.');
      another
        .child({ thread: 'b' })
        .warn({ error: sqliteFailure('disk I/O error', 'SQLITE_IOERR_WRITE') }, 'Not noted.');
      another.error(new Error('not published', { cause: sqliteFailure('database or disk is full', 'SQLITE_FULL') }));
    }
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({
      msg: 'A loop failed.',
      leftOut: 0,
      disk: expect.stringContaining('make room') as string,
    });
    await clock.advance(DISK_TOLD_EVERY_MS);
    another.error({ err: full() }, 'Again.');
    one.error({ err: full() }, 'And again.');
    expect(lines.slice(1)).toEqual([expect.objectContaining({ msg: 'Again.', leftOut: 299 })]);
  });

  it('do not keep any other line from being written', () => {
    const { lines, one } = opened();
    one.error({ err: full() }, 'A loop failed.');
    for (let n = 0; n < 3; n++) one.error({ err: new Error('a bug') }, 'Something else.');
    one.info('A word.');
    expect(lines.map(({ msg }) => msg)).toEqual([
      'A loop failed.',
      ...Array<string>(3).fill('Something else.'),
      'A word.',
    ]);
  });

  it('come again after the clock was put back', async () => {
    const { lines, clock, one } = opened();
    one.error({ err: full() }, 'First.');
    await clock.advance(-500_000);
    one.error({ err: full() }, 'Second.');
    expect(lines.map(({ msg }) => msg)).toEqual(['First.', 'Second.']);
  });
});
