import { createInterface } from 'node:readline';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { EmbeddedTopics } from '../embedded-topics';

const [, , role, directory = '', topic = '', leaseMs = '', first = '0'] = process.argv;
const clock = new SystemClock();
const topics = new EmbeddedTopics(directory, clock, {
  prefix: '',
  partitions: 4,
  leaseMs: Number(leaseMs),
  maxBatchRecords: 10,
});
const say = (line: string): void => console.log(line);
const heard: string[] = [];
const stop = new AbortController();
createInterface(process.stdin).on('line', (line) => {
  heard.push(line);
  if (line === 'stop') stop.abort();
});

/** Publishes numbers from `first` on, several lists at a time, and says which are acknowledged. */
async function publish(): Promise<void> {
  for (let next = Number(first); ; next += 40) {
    const lists = Array.from({ length: 8 }, (_, list) => Array.from({ length: 5 }, (__, i) => next + list * 5 + i));
    await Promise.all(
      lists.map(async (numbers) => {
        await topics.publish(
          topic,
          numbers.map((number) => ({ key: `key-${number % 7}`, value: String(number) })),
        );
        say(`acknowledged ${numbers.join(' ')}`);
      }),
    );
  }
}

/** Says which batch begins and ends; where it is told to `wait`, a batch ends only once it hears `go`. */
async function consume(): Promise<void> {
  const watched = new Set<number>();
  await topics.consume(
    'group',
    [topic],
    async ({ partition, records }, signal) => {
      if (!watched.has(partition)) signal.addEventListener('abort', () => say(`aborted ${partition}`));
      watched.add(partition);
      say(`begin ${partition} ${records[0]?.offset} ${records.map(({ value }) => value).join(' ')}`);
      while (first === 'wait' && !heard.includes('go')) await clock.sleep(5);
      await clock.sleep(2);
      say(`end ${partition} ${records.at(-1)?.offset}`);
    },
    stop.signal,
  );
  await topics.close();
  process.exit(0);
}

/** Publishes numbers one by one, each for as long as it takes, and says what became of every attempt. */
async function insist(): Promise<void> {
  for (let number = Number(first); ; number += 1) while (!(await attempt(number))) await clock.sleep(2);
}

async function attempt(number: number): Promise<boolean> {
  try {
    await topics.publish(topic, [{ key: `key-${number % 7}`, value: String(number).padEnd(5_000) }]);
    say(`acknowledged ${number}`);
    return true;
  } catch (error) {
    say(`refused ${number} ${error instanceof Error ? error.name : String(error)}`);
    return false;
  }
}

const roles = new Map([
  ['publish', publish],
  ['insist', insist],
  ['consume', consume],
]);
void roles.get(role ?? '')?.();
