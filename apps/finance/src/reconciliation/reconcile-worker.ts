import { parentPort, workerData } from 'node:worker_threads';
import { openStore } from '@meterbook/host/engines/engines';
import type { Configuration } from '@meterbook/runtime/configuration';
import { createLog } from '@meterbook/runtime/log';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { toFailure } from '../reports/thread/report-failure';
import type { ReconciliationTask } from './question';
import { reconcile } from './reconcile';
import type { FromReconcileThread } from './reconcile-thread';

/** Compares one bill for whoever started the thread. */
async function main(): Promise<void> {
  const { configuration, task } = workerData as {
    readonly configuration: Configuration;
    readonly task: ReconciliationTask;
  };
  const tell = (message: FromReconcileThread): void => parentPort?.postMessage(message);
  try {
    const { store } = await openStore(configuration, new SystemClock(), createLog(configuration.LOG_LEVEL));
    try {
      tell({ kind: 'made', compared: await reconcile(store, task) });
    } finally {
      await store.close();
    }
  } catch (error) {
    tell({ kind: 'failed', failure: toFailure(error) });
  }
}

main().catch((error: unknown) => {
  throw error;
});
