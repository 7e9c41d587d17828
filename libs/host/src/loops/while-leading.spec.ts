import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { EmbeddedTopics } from '@meterbook/topics/embedded/embedded-topics';
import { LEADS, whileLeading } from './while-leading';

const deadlineMs = 20_000;

describe.each(Object.entries(LEADS))('leading the %s', (_what, lead) => {
  const clock = new SystemClock();
  const directory = mkdtempSync(join(tmpdir(), 'meterbook-leading-'));
  const topics: EmbeddedTopics[] = [];
  /** Who leads just now, and everybody who ever did. */
  const leading = new Set<string>();
  const led: string[] = [];
  let most = 0;
  afterAll(async () => {
    await Promise.all(topics.map((open) => open.close()));
    rmSync(directory, { recursive: true, force: true });
  });

  const open = (): EmbeddedTopics => {
    const opened = new EmbeddedTopics(directory, clock, {
      prefix: '',
      partitions: 4,
      partitionsOf: { [lead.topic]: 1 },
    });
    topics.push(opened);
    return opened;
  };
  const until = async (holds: () => boolean): Promise<void> => {
    const end = clock.now() + deadlineMs;
    while (!holds()) {
      if (clock.now() > end) throw new Error(`not in time: ${led.join()} led, ${[...leading].join()} leads`);
      await clock.sleep(5);
    }
  };
  /** Works until it no longer leads, or until it is told to fail. */
  const work = (name: string, failing?: AbortSignal) => async (owning: AbortSignal) => {
    leading.add(name);
    led.push(name);
    most = Math.max(most, leading.size);
    await clock.sleep(deadlineMs, failing ? AbortSignal.any([owning, failing]) : owning);
    leading.delete(name);
    if (failing?.aborted) throw new Error(`${name} failed`);
  };

  it('is for one at a time, and goes to another when that one stops or fails', async () => {
    const [stopFirst, failSecond, stopThird] = [new AbortController(), new AbortController(), new AbortController()];
    const never = new AbortController().signal;
    const first = whileLeading(open(), lead, work('first'), stopFirst.signal);
    await until(() => leading.has('first'));
    const second = whileLeading(open(), lead, work('second', failSecond.signal), never);
    await clock.sleep(200);
    expect(led).toEqual(['first']);
    stopFirst.abort();
    await first;
    await until(() => leading.has('second'));

    const third = whileLeading(open(), lead, work('third'), stopThird.signal);
    failSecond.abort();
    await expect(second).rejects.toThrow('second failed');
    await until(() => leading.has('third'));
    stopThird.abort();
    await third;
    expect(most).toBe(1);
    const reader = open();
    expect(await reader.lag(lead.group, [lead.topic])).toEqual([
      { topic: lead.topic, partition: 0, lag: 1, committed: 0 },
    ]);
  });

  it('is a failure where the work ends by itself', async () => {
    await expect(whileLeading(open(), lead, async () => undefined, new AbortController().signal)).rejects.toThrow(
      'the work of the leader ended although nobody stopped it',
    );
  });

  it('starts nothing once it was stopped', async () => {
    await whileLeading(open(), lead, work('late'), AbortSignal.abort());
    expect(led).not.toContain('late');
  });
});
