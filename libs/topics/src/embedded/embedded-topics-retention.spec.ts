import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '@meterbook/runtime/testing/manual-clock';
import { EmbeddedTopics } from './embedded-topics';
import type { DeliveryListener } from '../topics';

const keptMs = 40_000;
const roundMs = 10_000;
const stepMs = 500;

describe('embedded topics with a retention', () => {
  let directory: string;
  let clock: ManualClock;
  let opened: EmbeddedTopics[];
  let stops: AbortController[];
  let consuming: Promise<void>[];

  const open = (listener?: DeliveryListener): EmbeddedTopics => {
    const topics = new EmbeddedTopics(directory, clock, {
      prefix: '',
      partitions: 3,
      retentionMs: { usage: keptMs },
      ...(listener ? { listener } : {}),
    });
    opened.push(topics);
    return topics;
  };
  const pass = async (ms: number): Promise<void> => {
    for (let done = 0; done < ms; done += stepMs) await clock.advance(stepMs);
  };
  /** Consumes for a group until the end of the test, or until it is told to stop. */
  const consume = (
    topics: EmbeddedTopics,
    group: string,
    note: (records: number) => void = () => undefined,
  ): AbortController => {
    const stop = new AbortController();
    stops.push(stop);
    consuming.push(topics.consume(group, ['usage'], async ({ records }) => note(records.length), stop.signal));
    return stop;
  };
  const publish = (topics: EmbeddedTopics, count: number): Promise<void> =>
    topics.publish(
      'usage',
      Array.from({ length: count }, (_, i) => ({ key: `p/a${i % 100}`, value: String(i).padEnd(400, 'x') })),
    );
  const bytes = (): number => statSync(join(directory, 'usage.db')).size;
  const lagOf = async (topics: EmbeddedTopics, group: string): Promise<number> =>
    (await topics.lag(group, ['usage'])).reduce((sum, { lag }) => sum + lag, 0);

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'meterbook-retention-'));
    clock = new ManualClock();
    [opened, stops, consuming] = [[], [], []];
  });
  afterEach(async () => {
    for (const stop of stops) stop.abort();
    await pass(stepMs);
    await Promise.all(consuming);
    for (const topics of opened) await topics.close();
    rmSync(directory, { recursive: true });
  });

  it('do not grow any more once records are as old as they are kept', async () => {
    const topics = open();
    consume(topics, 'g');
    const sizes: number[] = [];
    for (let round = 0; round < 24; round += 1) {
      await publish(topics, 1_000);
      await pass(roundMs);
      sizes.push(bytes());
    }
    const afterRetention = sizes[(2 * keptMs) / roundMs] ?? 0;
    expect(sizes[0]).toBeLessThan(afterRetention / 2);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(afterRetention * 1.1);
    expect(await lagOf(topics, 'g')).toBe(0);
  }, 60_000);

  it('wait for the only group there is, however long nobody consumes for it', async () => {
    const topics = open();
    consume(topics, 'g').abort();
    await pass(stepMs);
    await publish(topics, 500);
    await pass(10 * keptMs);
    let delivered = 0;
    consume(open(), 'g', (records) => (delivered += records));
    await pass(roundMs);
    expect(delivered).toBe(500);
  });

  it('wait for a second group while it is consumed for now and then, and say so when they do no more', async () => {
    const told: unknown[] = [];
    const topics = open({
      failed: () => undefined,
      recovered: () => undefined,
      abandoned: (place) => told.push(place),
    });
    const gone = consume(topics, 'gone');
    consume(topics, 'g');
    await pass(roundMs);
    gone.abort();
    await pass(stepMs);
    await publish(topics, 300);
    await pass(keptMs / 2);
    expect(await lagOf(topics, 'gone')).toBe(300);
    expect(told).toEqual([]);
    await pass(2 * keptMs);
    expect(told).toEqual([{ group: 'gone', topic: 'usage' }]);
    // What is kept is what the others have not done with, and what is not old.
    await publish(topics, 7);
    await pass(roundMs);
    expect(await lagOf(topics, 'gone')).toBe(7);
  });
});
