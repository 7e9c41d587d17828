import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Clock } from '@meterbook/runtime/clock';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { EmbeddedTopics, type EmbeddedTopicsOptions } from './embedded-topics';
import type { DeliveredRecord } from '../topics';

const dayMs = 86_400_000;

/** Goes as the machine's does, and can be set. */
class SetClock extends Clock {
  offsetMs = 0;
  private readonly system = new SystemClock();
  override now(): number {
    return this.system.now() + this.offsetMs;
  }
  override sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return this.system.sleep(ms, signal);
  }
}

describe('embedded topics under a clock that is set forty days ahead and back', () => {
  let clock: SetClock;
  let directory: string;
  let opened: EmbeddedTopics[];
  const open = (options: Partial<EmbeddedTopicsOptions> = {}): EmbeddedTopics => {
    const topics = new EmbeddedTopics(directory, clock, { prefix: '', partitions: 1, leaseMs: 400, ...options });
    opened.push(topics);
    return topics;
  };
  const follow = (topics: EmbeddedTopics, group: string): { records: DeliveredRecord[]; stop: () => Promise<void> } => {
    const records: DeliveredRecord[] = [];
    const stop = new AbortController();
    const ended = topics.consume(group, ['usage'], async (batch) => void records.push(...batch.records), stop.signal);
    return {
      records,
      stop: () => {
        stop.abort();
        return ended;
      },
    };
  };
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await clock.sleep(5);
  };
  const publish = (topics: EmbeddedTopics, value: string): Promise<void> =>
    topics.publish('usage', [{ key: 'a', value }]);
  const values = (records: readonly DeliveredRecord[]): Set<string> => new Set(records.map(({ value }) => value));

  beforeEach(() => {
    clock = new SetClock();
    directory = mkdtempSync(join(tmpdir(), 'meterbook-topics-'));
    opened = [];
  });
  afterEach(async () => {
    for (const topics of opened) await topics.close();
    rmSync(directory, { recursive: true });
  });

  it('deliver everything, with timestamps that never fall', async () => {
    const topics = open();
    const { records, stop } = follow(topics, 'g');
    for (const [step, offsetMs] of [0, 40 * dayMs, 0, -40 * dayMs, 0].entries()) {
      clock.offsetMs = offsetMs;
      await publish(topics, String(step));
      await until(() => values(records).has(String(step)));
    }
    await stop();
    const stamps = records.map(({ timestamp }) => timestamp);
    expect(stamps).toEqual([...stamps].sort((a, b) => a - b));
    expect(await topics.lag('g', ['usage'])).toEqual([{ topic: 'usage', partition: 0, lag: 0, committed: 5 }]);
  });

  it('keep what is younger than its time of retention by the clock that was right', async () => {
    const topics = open({ retentionMs: { usage: 7 * dayMs } });
    await publish(topics, '1');
    const { stop } = follow(topics, 'g');
    while ((await topics.lag('g', ['usage'])).some(({ lag }) => lag > 0)) await clock.sleep(5);
    clock.offsetMs = 40 * dayMs;
    await clock.sleep(1_500);
    clock.offsetMs = 0;
    await stop();
    const late = follow(topics, 'late');
    await until(() => values(late.records).has('1'));
    await late.stop();
  });
});
