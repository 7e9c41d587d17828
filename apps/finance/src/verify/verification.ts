import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { EventStore } from '@meterbook/event-store/event-store';
import { verifyStore, type VerifyReport } from './verify-store';

/** Where the books are verified; one verification runs at a time, and whoever asks meanwhile gets its report. */
export abstract class Verification {
  private running: Promise<VerifyReport> | undefined;

  verify(): Promise<VerifyReport> {
    this.running ??= this.run().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  protected abstract run(): Promise<VerifyReport>;
}

/** In this thread, for a store that answers from elsewhere. */
export class VerificationHere extends Verification {
  constructor(private readonly store: EventStore) {
    super();
  }

  protected override run(): Promise<VerifyReport> {
    return verifyStore(this.store);
  }
}

/** In a thread of its own with the embedded store of a directory, so that HTTP goes on. It needs the built code. */
export class VerificationInWorker extends Verification {
  constructor(private readonly storeDirectory: string) {
    super();
  }

  protected override run(): Promise<VerifyReport> {
    return new Promise((resolve, reject) => {
      const worker = new Worker(join(__dirname, 'verify-worker.js'), {
        workerData: { storeDirectory: this.storeDirectory },
      });
      worker.once('message', (report: VerifyReport) => resolve(report));
      worker.once('error', reject);
      worker.once('exit', (code) => reject(new Error(`the verification ended with code ${code} and no report`)));
    });
  }
}
