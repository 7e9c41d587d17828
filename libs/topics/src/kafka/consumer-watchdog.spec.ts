import { ManualClock } from '@meterbook/runtime/testing/manual-clock';
import type { ConsumerLag } from '../topics';
import { ConsumerStalled, watch, type WatchedDelivery } from './consumer-watchdog';

const STALL_MS = 60_000;
const place = { group: 'ledger', topic: 'usage', partition: 3 };

describe('the watchdog of a consumer', () => {
  let clock: ManualClock;
  let abort: AbortController;
  let lag: () => Promise<readonly ConsumerLag[]>;
  let silentMs: number;
  let idleSinceMs: number | undefined;
  let outcome: unknown;

  const start = (): void => {
    const delivery: WatchedDelivery = {
      place,
      idleMs: () => (idleSinceMs === undefined ? 0 : clock.now() - idleSinceMs),
    };
    const watched = {
      silence: () => ({ silentMs, patienceMs: 30_000 }),
      deliveries: () => [delivery],
      lag: () => lag(),
    };
    watch(watched, STALL_MS, clock, abort.signal).then(
      () => (outcome = 'ended'),
      (error: unknown) => (outcome = error),
    );
  };

  beforeEach(() => {
    clock = new ManualClock();
    abort = new AbortController();
    lag = async () => [{ topic: 'usage', partition: 3, lag: 5, committed: 0 }];
    silentMs = 0;
    idleSinceMs = clock.now();
    outcome = undefined;
  });
  afterEach(() => abort.abort());

  it('finds a partition that has had lag and was left alone for the whole time', async () => {
    start();
    await clock.advance(STALL_MS + STALL_MS / 4 - 1);
    expect(outcome).toBeUndefined();
    await clock.advance(1);
    expect(outcome).toBeInstanceOf(ConsumerStalled);
    expect(outcome).toMatchObject({ place });
  });

  it('does not count the time before there was lag, however long it was', async () => {
    const behind = lag;
    lag = async () => [{ topic: 'usage', partition: 3, lag: 0, committed: 5 }];
    start();
    await clock.advance(100 * STALL_MS);
    lag = behind;
    await clock.advance(STALL_MS);
    expect(outcome).toBeUndefined();
  });

  it('starts to count anew where something was fetched', async () => {
    start();
    await clock.advance(STALL_MS);
    idleSinceMs = clock.now();
    await clock.advance(STALL_MS);
    expect(outcome).toBeUndefined();
    await clock.advance(STALL_MS);
    expect(outcome).toBeInstanceOf(ConsumerStalled);
  });

  it('leaves a partition alone whose handler runs', async () => {
    idleSinceMs = undefined;
    start();
    await clock.advance(10 * STALL_MS);
    expect(outcome).toBeUndefined();
  });

  it('judges nothing by an answer that it does not get', async () => {
    lag = async () => {
      throw new Error('no broker answers');
    };
    start();
    await clock.advance(10 * STALL_MS);
    expect(outcome).toBeUndefined();
  });

  it('finds a group that does not answer, although the question for the lag is never answered', async () => {
    lag = () => new Promise(() => undefined);
    start();
    silentMs = 30_000;
    await clock.advance(STALL_MS);
    expect(outcome).toBeUndefined();
    silentMs = 30_001;
    await clock.advance(30_000);
    expect(outcome).toMatchObject({ name: 'ConsumerStalled', place: undefined });
  });

  it('ends when it is no longer wanted', async () => {
    start();
    abort.abort();
    await clock.settle();
    expect(outcome).toBe('ended');
  });
});
