import { SystemClock } from '@meterbook/runtime/system-clock';

/** Tells the time a test sets; sleeps pass as they do outside. */
export class SettableClock extends SystemClock {
  constructor(private instant: number) {
    super();
  }

  override now(): number {
    return this.instant;
  }

  set(instant: string): void {
    this.instant = Date.parse(instant);
  }

  pass(ms: number): void {
    this.instant += ms;
  }
}
