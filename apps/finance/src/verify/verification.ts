import type { VerifyReport } from './verify-store';

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
