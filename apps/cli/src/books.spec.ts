import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedEventStore } from '@meterbook/event-store/embedded/embedded-event-store';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { commands } from './commands';
import { exitCodes } from './exit-code';
import { told } from './testing/told';

describe('commands over books', () => {
  let DATA_DIR: string;
  beforeEach(() => {
    DATA_DIR = mkdtempSync(join(tmpdir(), 'meterbook-cli-'));
  });
  afterEach(() => rmSync(DATA_DIR, { recursive: true }));

  it.each([['verify'], ['rebuild']])('%s finds none where there are none, and makes none', async (command) => {
    const answer = await told([command], { DATA_DIR });
    expect(answer).toMatchObject({ code: 1, out: '' });
    expect(answer.err).toBe(
      `There are no books in ${join(DATA_DIR, 'store')}.\nSet DATA_DIR to the folder of a service, or EVENTSTORE_URL to its server.\n`,
    );
    expect((await told([command], { DATA_DIR })).code).toBe(1);
  });

  it.each([['verify'], ['rebuild']])('%s says which variable is wrong', async (command) => {
    const answer = await told([command], { DATA_DIR, PARTITIONS: 'many' });
    expect(answer).toMatchObject({ code: 1, out: '' });
    expect(answer.err).toMatch(/PARTITIONS must be .*\n.*docs\/operating\.md/);
  });

  it('rebuild fills the projections itself where no service runs, and says so to a program', async () => {
    await new EmbeddedEventStore(join(DATA_DIR, 'store'), new SystemClock()).close();
    const { code, out } = await told(['rebuild', '--json'], { DATA_DIR });
    expect(code).toBe(0);
    const { rebuilds } = JSON.parse(out) as { rebuilds: object[] };
    expect(rebuilds.length).toBeGreaterThan(0);
    for (const rebuilt of rebuilds) expect(rebuilt).toMatchObject({ state: 'swapped', identical: true });
  });

  it('rebuild that is interrupted says so, by its exit code too, and leaves the rest to who comes next', async () => {
    await new EmbeddedEventStore(join(DATA_DIR, 'store'), new SystemClock()).close();
    const { code, out, err } = await told(['rebuild', '--json'], { DATA_DIR }, commands, AbortSignal.abort());
    expect([code, out]).toEqual([exitCodes.interrupted, '']);
    expect(err).toMatch(/^Interrupted: /);
    expect((await told(['rebuild'], { DATA_DIR })).code).toBe(exitCodes.well);
  });
});
