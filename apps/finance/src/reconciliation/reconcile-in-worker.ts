import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Configuration } from '@meterbook/runtime/configuration';
import { StoreUnavailable } from '@meterbook/event-store/store-failure';
import { fromFailure } from '../reports/thread/report-failure';
import type { Compared } from './question';
import type { FromReconcileThread, Reconcile } from './reconcile-thread';

/** Heap of the thread, MiB: keys are added up in a file. */
const MAX_HEAP_MIB = 512;

/** Compares a bill in a worker, on the store of a configuration. It needs the built code. */
export function reconcileInWorker(configuration: Configuration): Reconcile {
  return (task, signal) =>
    new Promise<Compared>((resolve, reject) => {
      const worker = new Worker(join(__dirname, 'reconcile-worker.js'), {
        workerData: { configuration, task },
        resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MIB },
      });
      const end = (): void => void worker.terminate();
      signal.addEventListener('abort', end, { once: true });
      worker.on('message', (message: FromReconcileThread) => {
        if (message.kind === 'made') resolve(message.compared);
        else reject(fromFailure(message.failure));
      });
      worker.on('error', reject);
      worker.once('exit', () => {
        signal.removeEventListener('abort', end);
        reject(new StoreUnavailable('the thread of a reconciliation ended'));
      });
    });
}
