import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Configuration } from '@meterbook/runtime/configuration';
import { fromFailure } from '../reports/thread/report-failure';
import type { Failure } from '../reports/thread/report-messages';
import { Verification } from './verification';
import type { VerifyProgress, VerifyReport } from './verify-store';

/** What the thread of a verification tells: how far it is, and in the end what came of it. */
export type Verified =
  | { readonly kind: 'progress'; readonly progress: VerifyProgress }
  | { readonly kind: 'report'; readonly report: VerifyReport }
  | { readonly kind: 'failed'; readonly failure: Failure };

/** In a thread of its own with the store that the configuration names, so that HTTP goes on. It needs the built code. */
export class VerificationInWorker extends Verification {
  constructor(
    private readonly configuration: Configuration,
    private readonly onProgress: (progress: VerifyProgress) => void = () => undefined,
  ) {
    super();
  }

  protected override run(): Promise<VerifyReport> {
    return new Promise((resolve, reject) => {
      const worker = new Worker(join(__dirname, 'verify-worker.js'), {
        workerData: { configuration: this.configuration },
      });
      worker.on('message', (verified: Verified) => {
        if (verified.kind === 'progress') this.onProgress(verified.progress);
        else if (verified.kind === 'report') resolve(verified.report);
        else reject(fromFailure(verified.failure));
      });
      worker.once('error', reject);
      worker.once('exit', (code) => reject(new Error(`the verification ended with code ${code} and no report`)));
    });
  }
}
