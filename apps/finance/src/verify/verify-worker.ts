import { parentPort, workerData } from 'node:worker_threads';
import { EmbeddedEventStore } from '@meterbook/event-store/embedded/embedded-event-store';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { verifyStore } from './verify-store';

/** Verifies the embedded store of a directory and posts the report. */
async function main(): Promise<void> {
  const { storeDirectory } = workerData as { readonly storeDirectory: string };
  const store = new EmbeddedEventStore(storeDirectory, new SystemClock());
  try {
    parentPort?.postMessage(await verifyStore(store));
  } finally {
    await store.close();
  }
}

main().catch((error: unknown) => {
  throw error;
});
