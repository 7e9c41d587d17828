import { parentPort, workerData } from 'node:worker_threads';
import { Registry } from 'prom-client';
import { addChargingMetrics } from '@meterbook/ledger/charging/charging-metrics';
import { hostedChargingLoops } from '@meterbook/ledger/hosted-loops';
import { chargingLimits, chargingParts } from '@meterbook/ledger/charging/charging-parts';
import { openEngines } from '@meterbook/host/engines/engines';
import { folders } from '@meterbook/host/engines/folders';
import { createLog } from '@meterbook/runtime/log';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { hostLoops } from '../threads/hosted-loops';
import type { ThreadStart } from '../threads/thread-messages';

async function main(): Promise<void> {
  if (!parentPort) throw new Error('The charging thread is started by the standalone, not by hand.');
  const { configuration } = workerData as ThreadStart;
  const clock = new SystemClock();
  const log = createLog(configuration.LOG_LEVEL);
  const engines = await openEngines(configuration, clock, log);
  const charging = chargingParts(engines.store, engines.topics, chargingLimits(configuration), {
    clock,
    log,
    ledgerFolder: folders(configuration).ledger,
  });
  const registry = new Registry();
  addChargingMetrics(registry, charging);
  const loops = hostedChargingLoops(engines.topics, charging);
  await hostLoops({ registry, engines, loops, idle: () => charging.writer.idle() }, clock, log, parentPort);
}

void main();
