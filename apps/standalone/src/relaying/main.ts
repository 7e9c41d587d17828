import { parentPort, workerData } from 'node:worker_threads';
import { Registry } from 'prom-client';
import { hostedKeysLoop, hostedRelayLoop } from '@meterbook/ledger/hosted-loops';
import { openEngines } from '@meterbook/host/engines/engines';
import { folders } from '@meterbook/host/engines/folders';
import { createLog } from '@meterbook/runtime/log';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { hostedTierLoops } from '@meterbook/tier-projection/hosted-loops';
import { hostLoops } from '../threads/hosted-loops';
import type { ThreadStart } from '../threads/thread-messages';

async function main(): Promise<void> {
  if (!parentPort) throw new Error('The relaying thread is started by the standalone, not by hand.');
  const { configuration } = workerData as ThreadStart;
  const clock = new SystemClock();
  const log = createLog(configuration.LOG_LEVEL);
  const engines = await openEngines(configuration, clock, log);
  const { ledger, tiers } = folders(configuration);
  const loops = [
    hostedRelayLoop(engines, clock),
    hostedKeysLoop(engines, clock, ledger, log),
    ...hostedTierLoops(engines, clock, tiers, log),
  ];
  await hostLoops({ registry: new Registry(), engines, loops }, clock, log, parentPort);
}

void main();
