import { parentPort, workerData } from 'node:worker_threads';
import { Registry } from 'prom-client';
import { openEngines } from '@meterbook/host/engines/engines';
import { folders } from '@meterbook/host/engines/folders';
import { createLog } from '@meterbook/runtime/log';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { SystemRandom } from '@meterbook/runtime/system-random';
import { deliveringParts, hostedWebhookLoops } from '@meterbook/webhooks/hosted-loops';
import { addWebhookMetrics } from '@meterbook/webhooks/webhook-metrics';
import { hostLoops } from '../threads/hosted-loops';
import type { ThreadStart } from '../threads/thread-messages';

async function main(): Promise<void> {
  if (!parentPort) throw new Error('The thread of the webhooks is started by the standalone, not by hand.');
  const { configuration: settings } = workerData as ThreadStart;
  const clock = new SystemClock();
  const log = createLog(settings.LOG_LEVEL);
  const engines = await openEngines(settings, clock, log);
  const directory = folders(settings).webhooks;
  const delivering = deliveringParts(engines, { clock, random: new SystemRandom(), log, directory, settings });
  const registry = new Registry();
  addWebhookMetrics(registry, delivering);
  const loops = hostedWebhookLoops(engines, delivering, clock, directory);
  await hostLoops({ registry, engines, loops }, clock, log, parentPort);
}

void main();
