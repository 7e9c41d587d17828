import { parentPort, workerData } from 'node:worker_threads';
import { Registry } from 'prom-client';
import { hostedFinanceLoops } from '@meterbook/finance/hosted-loops';
import { openEngines } from '@meterbook/host/engines/engines';
import { folders } from '@meterbook/host/engines/folders';
import { createLog } from '@meterbook/runtime/log';
import { letOthersGoFirst } from '@meterbook/runtime/let-others-go-first';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { hostLoops } from '../threads/hosted-loops';
import type { ThreadStart } from '../threads/thread-messages';

async function main(): Promise<void> {
  if (!parentPort) throw new Error('The projecting thread is started by the standalone, not by hand.');
  letOthersGoFirst();
  const { configuration } = workerData as ThreadStart;
  const clock = new SystemClock();
  const log = createLog(configuration.LOG_LEVEL);
  const engines = await openEngines(configuration, clock, log);
  const loops = hostedFinanceLoops(engines, clock, folders(configuration).finance, log);
  await hostLoops({ registry: new Registry(), engines, loops }, clock, log, parentPort);
}

void main();
