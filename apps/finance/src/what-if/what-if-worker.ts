import { parentPort, workerData } from 'node:worker_threads';
import { openStore } from '@meterbook/host/engines/engines';
import type { Configuration } from '@meterbook/runtime/configuration';
import { letOthersGoFirst } from '@meterbook/runtime/let-others-go-first';
import { createLog } from '@meterbook/runtime/log';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { toFailure } from '../reports/thread/report-failure';
import type { WhatIfTask } from './question';
import { runWhatIf } from './run-what-if';
import type { FromWhatIfThread } from './what-if-thread';

/** Makes one what-if for whoever started the thread. */
async function main(): Promise<void> {
  const { configuration, task } = workerData as { readonly configuration: Configuration; readonly task: WhatIfTask };
  const tell = (message: FromWhatIfThread): void => parentPort?.postMessage(message);
  letOthersGoFirst();
  try {
    const { store } = await openStore(configuration, new SystemClock(), createLog(configuration.LOG_LEVEL));
    try {
      await runWhatIf(store, task, (progress) => tell({ kind: 'progress', progress }));
    } finally {
      await store.close();
    }
    tell({ kind: 'done' });
  } catch (error) {
    tell({ kind: 'failed', failure: toFailure(error) });
  }
}

main().catch((error: unknown) => {
  throw error;
});
