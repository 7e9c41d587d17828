import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { streamKinds } from '@meterbook/books/stream-kinds';
import { EsdbEventStore } from '@meterbook/event-store/esdb/esdb-event-store';
import { chargingParts } from '@meterbook/ledger/charging/charging-parts';
import { createLog } from '@meterbook/runtime/log';
import { SystemClock } from '@meterbook/runtime/system-clock';
import type { DeliveredBatch, TopicRecord } from '@meterbook/topics/topics';
import { alone, measured, perSecond, tell } from './measure';
import type { NewOwnerTimes } from './new-owner';
import { chargingLimits, kafkaTopics, openBooks, usageRecord, usageTopic } from './workload';

/** One event of the account. */
const chargesOfBatch = 500;
const toldEvery = 100_000;
const never = new AbortController().signal;

/**
 * How long a process without local state takes until it charges an account of very many charges. The account is built by the parts
 * of the ledger over the same event store, batches handed to them without a topic; the usage after them waits in Kafka, and a
 * process that is started then joins the group, is given the partition, and charges it.
 */
export async function measureMovedPartition(
  brokers: readonly string[],
  url: string,
  run: string,
  charges: number,
): Promise<void> {
  const platform = `${run}-moved`;
  const prefix = `${platform}.`;
  const topics = kafkaTopics(brokers, prefix);
  await topics.prepare([usageTopic]);
  const store = new EsdbEventStore(url, new SystemClock(), { kinds: streamKinds, prefix: '' });
  await openBooks(store, platform, 1);
  const time = new Date().toISOString();
  const { charge, writer } = chargingParts(store, topics, chargingLimits, {
    clock: new SystemClock(),
    log: createLog('error'),
  });
  const built = await measured(async () => {
    for (let done = 0; done < charges; done += chargesOfBatch) {
      const size = Math.min(chargesOfBatch, charges - done);
      await charge.handle(batchOf(platform, done, size, time), never);
      if (done > 0 && done % toldEvery === 0) tell(`${done} charges`);
    }
    await writer.idle();
    return charges;
  });
  console.log('');
  alone(
    `one account of ${charges} charges, batches of ${chargesOfBatch} → event store`,
    `${perSecond(built).toFixed(0)}/s`,
  );
  await topics.publish(usageTopic, [usageRecord(platform, charges, 0, time)]);
  await topics.close();
  await store.close();
  const { sinceStartMs, sinceDeliveryMs } = await newOwner(brokers, url, prefix);
  alone('a process without local state charges its next usage after', `${seconds(sinceDeliveryMs)} from its delivery`);
  alone('', `${seconds(sinceStartMs)} from the start of the process`);
}

function batchOf(platform: string, first: number, size: number, time: string): DeliveredBatch {
  const at = { topic: usageTopic, partition: 0 };
  const records = Array.from({ length: size }, (_, i) => {
    const record: TopicRecord = usageRecord(platform, first + i, 0, time);
    return { ...at, ...record, offset: first + i, timestamp: Date.now(), headers: {} };
  });
  return { ...at, records };
}

async function newOwner(brokers: readonly string[], url: string, prefix: string): Promise<NewOwnerTimes> {
  const child = spawn(process.execPath, [join(__dirname, 'new-owner.js'), brokers.join(','), url, prefix], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  try {
    const line = await new Promise<string>((resolve, reject) => {
      createInterface(child.stdout).once('line', resolve);
      void ended.then(() => reject(new Error('the new owner ended before it charged')));
    });
    await ended;
    return JSON.parse(line) as NewOwnerTimes;
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
