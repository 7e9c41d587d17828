import { parentPort, workerData } from 'node:worker_threads';
import { openStore } from '@meterbook/host/engines/engines';
import type { Configuration } from '@meterbook/runtime/configuration';
import { createLog } from '@meterbook/runtime/log';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { toFailure } from '../reports/thread/report-failure';
import type { Verified } from './verification-in-worker';
import { verifyStore } from './verify-store';

/** Verifies the store of a configuration and posts the report. */
async function main(): Promise<void> {
  const { configuration } = workerData as { readonly configuration: Configuration };
  const { store } = await openStore(configuration, new SystemClock(), createLog(configuration.LOG_LEVEL));
  let verified: Verified;
  try {
    verified = { kind: 'report', report: await verifyStore(store) };
  } catch (error) {
    verified = { kind: 'failed', failure: toFailure(error) };
  }
  await store.close();
  parentPort?.postMessage(verified);
}

main().catch((error: unknown) => {
  throw error;
});
