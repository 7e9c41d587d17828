import { Gauge, type Registry } from 'prom-client';
import type { DeadLetterIndex } from './dead-letter-index';

/** How many letters wait, read when it is asked for. */
export function addDeadLetterMetrics(registry: Registry, index: DeadLetterIndex): void {
  new Gauge({
    name: 'meterbook_dead_letters_waiting',
    help: 'Usage that could not be charged and was neither redriven nor dismissed, by reason.',
    labelNames: ['reason'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [reason, count] of waitingIn(index)) this.set({ reason }, count);
    },
  });
}

/** None where the file cannot be read: its loop says so, and the other metrics are there all the same. */
function waitingIn(index: DeadLetterIndex): ReturnType<DeadLetterIndex['waiting']> {
  try {
    return index.waiting();
  } catch {
    return new Map();
  }
}
