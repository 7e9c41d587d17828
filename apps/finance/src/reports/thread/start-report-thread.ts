import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Configuration } from '@meterbook/runtime/configuration';
import type { ReportThread } from './reports';

/** Heap of the thread, MiB: a report of any size is made in little of it. */
const MAX_HEAP_MIB = 1024;

/** Starts the thread that makes reports. It needs the built code. */
export function startReportThread(configuration: Configuration): ReportThread {
  const worker = new Worker(join(__dirname, 'report-thread.js'), {
    workerData: { configuration },
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MIB },
  });
  // Its end tells whoever waits for a report; what an error says goes to standard error.
  worker.on('error', (error) => console.error('The thread of the reports failed.', error));
  return threadOf(worker);
}

/** A worker as the reports use it. */
export function threadOf(worker: Worker): ReportThread {
  return {
    tell: (message) => worker.postMessage(message),
    listen: (listener) => worker.on('message', listener),
    ended: (listener) => worker.once('exit', listener),
    end: () => void worker.terminate(),
  };
}
