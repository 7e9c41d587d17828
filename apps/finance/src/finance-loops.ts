import type { EventStore } from '@meterbook/event-store/event-store';
import type { Clock } from '@meterbook/runtime/clock';
import type { Log } from '@meterbook/runtime/log';
import { financeProjections } from './finance-projections';
import { ProjectionLoop } from './projections/projection-loop';

/** Finance's loops, each with a `run(signal)` for a host. One process at a time owns a directory. */
export function financeLoops(
  store: EventStore,
  clock: Clock,
  directory: string,
  log: Log,
): { readonly projections: ProjectionLoop } {
  return { projections: new ProjectionLoop(store, clock, directory, financeProjections, log) };
}
