import { Writable } from 'node:stream';
import { Registry } from 'prom-client';
import { DamagedStreams } from '@meterbook/event-store/damaged-streams';
import { DeliveryHealth } from '@meterbook/topics/delivery-health';
import { createLog } from '@meterbook/runtime/log';
import { watchDamage } from './damage-gauge';
import { loopGauge, loopIndication, ServiceLoops, type HostedLoop } from './hosted-loops';
import { SystemRandom } from '@meterbook/runtime/system-random';
import { LOOPS } from './loop-table';
import { STALE_MS } from './poll';
import { ManualClock } from '@meterbook/runtime/testing/manual-clock';

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));

describe('the loops of a service', () => {
  const log = createLog('fatal', new Writable({ write: (_line, _encoding, done) => done() }));
  const clock = new ManualClock();
  const random = new SystemRandom();
  const deliveries = new DeliveryHealth();
  let behind: () => Promise<number | null>;
  let loops: ServiceLoops;

  const start = (hosted: Partial<HostedLoop> = {}): void => {
    const backlog = { unit: 'records' as const, read: () => behind() };
    const loop = { ...LOOPS.promoteTiers, group: 'tiers', run: untilAborted, backlog, ...hosted };
    loops = new ServiceLoops([loop], deliveries, 1_000, clock, random, log);
    loops.start();
  };
  const indication = () => loopIndication(loops.reports()[0]);

  beforeEach(() => {
    behind = async () => 7;
  });
  afterEach(() => loops.stop());

  it('says how far each of them is behind, as it was last seen', async () => {
    start();
    await clock.advance(1);
    expect(indication()).toEqual({ up: true, detail: 'It is running.', behind: 7 });
    behind = async () => 3;
    await clock.advance(1_000);
    expect(indication().behind).toBe(3);
  });

  it('says nothing of what can no longer be asked', async () => {
    start();
    await clock.advance(1);
    behind = () => Promise.reject(new Error('the broker is away'));
    await clock.advance(1_000);
    expect(indication()).toEqual({ up: true, detail: 'It is running.' });
  });

  it('takes no answer for today that is of yesterday', async () => {
    start();
    await clock.advance(1);
    behind = () => new Promise(() => undefined);
    await clock.advance(1_000 + STALE_MS);
    expect(indication()).toEqual({ up: true, detail: 'It is running.' });
    // Nobody has to wait for the answer that never comes.
    loops = new ServiceLoops([], deliveries, 1_000, clock, random, log);
  });

  it('is down while a partition of a loop does not move on, and says why without secrets', async () => {
    start();
    await clock.advance(1);
    const place = { group: 'tiers', topic: 'ledger.entries', partition: 3 };
    const error = new Error('cannot reach esdb://ledger:secret@es-1');
    deliveries.failed({ ...place, group: 'others', offset: 0, attempt: 1, retryInMs: 1, error });
    expect(indication().up).toBe(true);
    deliveries.failed({ ...place, offset: 0, attempt: 4, retryInMs: 1, error });
    expect(indication()).toMatchObject({ up: false, behind: 7 });
    const { detail } = indication();
    expect(detail).toMatch(/^Partition 3 of ledger.entries does not move on, after 4 attempts: cannot reach/);
    expect(detail).not.toContain('secret');
    deliveries.recovered(place);
    expect(indication().up).toBe(true);
  });

  it('goes on without damaged streams, counts them and names each in the log, and stays ready', async () => {
    const damaged = new DamagedStreams();
    const lines: string[] = [];
    const sink = new Writable({
      write: (line: Buffer, _encoding, done) => {
        lines.push(String(line));
        done();
      },
    });
    const heard = createLog('error', sink);
    const backlog = { unit: 'records' as const, read: async () => 0 };
    loops = new ServiceLoops(
      [{ ...LOOPS.relayEntries, run: untilAborted, backlog, damaged }],
      deliveries,
      1_000,
      clock,
      random,
      heard,
    );
    loops.start();
    damaged.note('account-p/a', 'it was deleted');
    damaged.note('account-p/a', 'it was deleted');
    await clock.advance(1);
    expect(indication()).toMatchObject({
      up: true,
      detail: 'It is running. It goes on without 1 damaged streams, which the log names.',
    });
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
      { loop: 'relay-entries', stream: 'account-p/a', damage: 'it was deleted' },
    ]);
    const registry = new Registry();
    watchDamage(registry, 'relay-entries', () => loops.reports()[0]?.damaged ?? Number.NaN);
    watchDamage(registry, 'promote-tiers', () => 0);
    const text = await registry.metrics();
    expect(text).toContain('meterbook_damaged_streams{loop="relay-entries"} 1');
    expect(text).toContain('meterbook_damaged_streams{loop="promote-tiers"} 0');
  });

  it('is down while a loop waits to be restarted, and says why', async () => {
    start({ run: () => Promise.reject(new Error('the store is away')) });
    await clock.advance(1);
    expect(indication()).toEqual({
      up: false,
      detail: 'It failed 1 times in a row and waits to restart: the store is away',
    });
  });

  it('is down where nobody reports a loop, or it was not started', () => {
    start();
    expect(loopIndication(undefined).up).toBe(false);
    const [report] = loops.reports();
    const stopped = report && { ...report, health: { ...report.health, state: 'stopped' as const } };
    expect(loopIndication(stopped).up).toBe(false);
  });

  it('shows time in seconds where events cannot be counted, and no number where nothing is known', async () => {
    behind = async () => 2_500;
    start({ backlog: { unit: 'milliseconds', read: () => behind() } });
    expect(loopGauge('promote-tiers', 'milliseconds').value(loops.reports()[0])).toBeNaN();
    await clock.advance(1);
    expect(indication()).toEqual({ up: true, detail: 'It is running. At most 2500 ms behind the store.' });
    const gauge = loopGauge('promote-tiers', 'milliseconds');
    expect([gauge.name, gauge.value(loops.reports()[0])]).toEqual(['meterbook_promote_tiers_behind_seconds', 2.5]);
    expect(loopGauge('promote-tiers', 'records').name).toBe('meterbook_promote_tiers_behind');
  });

  it('ends each of them when it is stopped, and says where one does not end', async () => {
    start({ run: () => new Promise(() => undefined) });
    await clock.advance(1);
    const stopped = loops.stop().then(
      () => 'ended',
      (error: unknown) => String(error),
    );
    await clock.advance(60_000);
    expect(await stopped).toMatch(/The loop "promote-tiers" did not end/);
    loops = new ServiceLoops([], deliveries, 1_000, clock, random, log);
  });
});
