import { parentPort, workerData } from 'node:worker_threads';
import { openStore } from '@meterbook/host/engines/engines';
import { folders } from '@meterbook/host/engines/folders';
import type { Configuration } from '@meterbook/runtime/configuration';
import { createLog } from '@meterbook/runtime/log';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { serveReportsFrom } from './reports-from-store';

/** Makes reports from a store and the projections of a folder for whoever started the thread. */
async function main(): Promise<void> {
  if (!parentPort) throw new Error('The thread of the reports is started by a service, not by hand.');
  const { configuration } = workerData as { readonly configuration: Configuration };
  const clock = new SystemClock();
  const { store } = await openStore(configuration, clock, createLog(configuration.LOG_LEVEL));
  const port = parentPort;
  const channel = {
    tell: (message: unknown) => port.postMessage(message),
    listen: (listener: (message: unknown) => void) => void port.on('message', listener),
  };
  serveReportsFrom(channel, store, folders(configuration).finance, clock);
}

void main();
