import { Engines } from './engines';
import { compareStore } from './event-store';
import { measureLedger } from './ledger';
import { tell } from './measure';
import { measureMovedPartition } from './moved-partition';
import { compareTopics } from './topics';

/**
 * A short run for a first look: `BENCH_RECORDS=10000 BENCH_USAGES=10000 BENCH_CHARGES=50000 npm run bench:engines`. It takes the
 * engines at `KAFKA_BROKERS` and `EVENTSTORE_URL` where these are set, and leaves its streams in the latter: use one to throw away.
 */
const records = Number(process.env['BENCH_RECORDS'] ?? 40_000);
const usages = Number(process.env['BENCH_USAGES'] ?? 100_000);
const charges = Number(process.env['BENCH_CHARGES'] ?? 1_000_000);

async function main(engines: Engines): Promise<void> {
  const brokers = await engines.kafka();
  tell('Kafka serves');
  await compareTopics(brokers, engines.run, records);
  const first = await engines.store();
  await compareStore(first.url, engines.run);
  await first.end();
  const second = await engines.store();
  await measureLedger(brokers, second.url, engines.run, usages);
  await second.end();
  const third = await engines.store();
  await measureMovedPartition(brokers, third.url, engines.run, charges);
}

const engines = new Engines();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void engines.close().then(() => process.exit(1)));
main(engines)
  .catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  })
  .finally(() => void engines.close().then(() => process.exit()));
