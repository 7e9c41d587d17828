import { createInterface } from 'node:readline';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { KafkaTopics } from '@meterbook/topics/kafka/kafka-topics';

/**
 * A member of the group that is named after its topic, in a process of its own. It says which batch begins and ends; a batch ends only once the process
 * was told to `go`, where its last argument is `wait`.
 */
const [, , brokers = '', prefix = '', topic = '', sessionTimeoutMs = '', mode] = process.argv;
const clock = new SystemClock();
const topics = new KafkaTopics(clock, {
  brokers: brokers.split(','),
  clientId: 'child',
  prefix,
  partitions: 4,
  replicationFactor: 1,
  minInsyncReplicas: 1,
  sessionTimeoutMs: Number(sessionTimeoutMs),
  maxBatchRecords: 10,
});
const say = (line: string): void => console.log(line);
const heard: string[] = [];
const stop = new AbortController();
createInterface(process.stdin).on('line', (line) => {
  heard.push(line);
  if (line === 'stop') stop.abort();
});

async function consume(): Promise<void> {
  const watched = new Set<AbortSignal>();
  await topics.consume(
    topic,
    [topic],
    async ({ partition, records }, signal) => {
      if (!watched.has(signal)) signal.addEventListener('abort', () => say(`aborted ${partition}`));
      watched.add(signal);
      say(`begin ${partition} ${records.map(({ value }) => value).join(' ')}`);
      while (mode === 'wait' && !heard.includes('go')) await clock.sleep(5);
      await clock.sleep(2);
      say(`end ${partition} ${records.map(({ value }) => value).join(' ')}`);
    },
    stop.signal,
  );
  await topics.close();
  process.exit(0);
}

void consume();
