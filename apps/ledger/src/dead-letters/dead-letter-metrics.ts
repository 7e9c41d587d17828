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
      for (const [reason, count] of index.waiting()) this.set({ reason }, count);
    },
  });
}
