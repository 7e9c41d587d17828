import { parentPort, workerData } from 'node:worker_threads';
import { Counter, Gauge, Registry } from 'prom-client';
import { chargingParts } from '@meterbook/ledger/ledger-loops';
import { createLog } from '@meterbook/runtime/log';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { lagOf, openEngines } from '../engines';
import { hostLoops } from '../threads/hosted-loops';
import type { ThreadStart } from '../threads/thread-messages';

const mib = 1024 * 1024;
const { configuration } = workerData as ThreadStart;
if (!parentPort) throw new Error('The charging thread is started by the standalone, not by hand.');

const clock = new SystemClock();
const log = createLog(configuration.LOG_LEVEL);
const { store, topics, close } = openEngines(configuration, clock, log);
const { accounts, writer, charge, followTiers } = chargingParts(store, topics, {
  maxBytes: configuration.ACCOUNT_CACHE_MIB * mib,
  checkpointEvery: configuration.CHECKPOINT_EVERY,
  maxAgeDays: configuration.USAGE_MAX_AGE_DAYS,
});

const registry = new Registry();
const outcomes = new Counter({
  name: 'meterbook_usage_total',
  help: 'Usage events worked off, by what became of them.',
  labelNames: ['outcome'],
  registers: [registry],
  collect() {
    this.reset();
    const { charged, duplicates, deadLetters } = charge.counts;
    this.inc({ outcome: 'charged' }, charged);
    this.inc({ outcome: 'duplicate' }, duplicates);
    this.inc({ outcome: 'dead_letter' }, deadLetters);
  },
});
const gauge = (name: string, help: string, read: () => number): Gauge =>
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(read());
    },
  });
gauge(
  'meterbook_accounts_in_memory',
  'Accounts whose state the charging thread holds.',
  () => accounts.inMemory.accounts,
);
gauge('meterbook_account_cache_bytes', 'Bytes that they take, about.', () => accounts.inMemory.bytes);
gauge('meterbook_account_work_queued', 'Pieces of work that wait for the writer of accounts.', () => writer.queued);
void outcomes;

void hostLoops(
  {
    registry,
    close: async () => {
      await writer.idle();
      await close();
    },
    loops: [
      {
        name: 'charge-usage',
        run: (signal) => charge.run(signal),
        behind: () => lagOf(topics, 'ledger', 'usage.recorded'),
      },
      {
        name: 'follow-tiers',
        run: (signal) => followTiers.run(signal),
        behind: () => lagOf(topics, 'ledger-tiers', 'tier.changes'),
      },
    ],
  },
  clock,
  log,
  parentPort,
);
