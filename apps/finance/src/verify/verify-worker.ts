import { parentPort, workerData } from 'node:worker_threads';
import { openStore } from '@meterbook/host/engines/engines';
import type { Configuration } from '@meterbook/runtime/configuration';
import { createLog } from '@meterbook/runtime/log';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { toFailure } from '../reports/thread/report-failure';
import type { Verified } from './verification-in-worker';
import { verifyStore, type VerifyProgress, type VerifyReport } from './verify-store';

/** Verifies the store of a configuration and posts the report. */
async function main(): Promise<void> {
  const { configuration } = workerData as { readonly configuration: Configuration };
  const tell = (verified: Verified): void => parentPort?.postMessage(verified);
  try {
    tell({ kind: 'report', report: await verified(configuration, tell) });
  } catch (error) {
    tell({ kind: 'failed', failure: toFailure(error) });
  }
}

async function verified(configuration: Configuration, tell: (verified: Verified) => void): Promise<VerifyReport> {
  const { store, folder } = await openStore(configuration, new SystemClock(), createLog(configuration.LOG_LEVEL));
  try {
    // Positions of the embedded store count its events.
    const end = await store.end();
    const of = folder === null || end === 'start' ? null : Number(end) + 1;
    const onProgress = (progress: VerifyProgress): void => tell({ kind: 'progress', progress });
    return await verifyStore(store, { of, onProgress });
  } finally {
    await store.close();
  }
}

main().catch((error: unknown) => {
  throw error;
});
