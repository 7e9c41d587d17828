import { SystemClock } from '@meterbook/runtime/system-clock';
import { consumeAloud } from '../../testing/consume-aloud';
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

const roles = new Map<string, () => Promise<void>>([
  ['publish', publish],
  ['insist', insist],
  ['consume', () => consumeAloud(topics, 'group', topic, first === 'wait')],
]);
void roles.get(role ?? '')?.();
