import { createInterface } from 'node:readline';
import { SystemClock } from '@meterbook/runtime/system-clock';
import type { Topics } from '../topics';

/** How long a batch takes, and how often is looked whether it may end, milliseconds. */
const [BATCH_MS, LOOK_EVERY_MS] = [2, 5];

/**
 * A member of a group in a process of its own: it says which batch begins and ends, with its partition, an offset and its values, and
 * which partition is let go of. Where it is to wait, a batch ends only once it hears `go`. It ends when it hears `stop`.
 */
export async function consumeAloud(topics: Topics, group: string, topic: string, waits: boolean): Promise<never> {
  const clock = new SystemClock();
  const say = (line: string): void => console.log(line);
  const heard: string[] = [];
  const stop = new AbortController();
  createInterface(process.stdin).on('line', (line) => {
    heard.push(line);
    if (line === 'stop') stop.abort();
  });
  const watched = new Set<AbortSignal>();
  await topics.consume(
    group,
    [topic],
    async ({ partition, records }, signal) => {
      if (!watched.has(signal)) signal.addEventListener('abort', () => say(`aborted ${partition}`));
      watched.add(signal);
      const values = records.map(({ value }) => value).join(' ');
      say(`begin ${partition} ${records[0]?.offset} ${values}`);
      while (waits && !heard.includes('go')) await clock.sleep(LOOK_EVERY_MS);
      await clock.sleep(BATCH_MS);
      say(`end ${partition} ${records.at(-1)?.offset} ${values}`);
    },
    stop.signal,
  );
  await topics.close();
  process.exit(0);
}
