import type { EventStore } from '@meterbook/event-store/event-store';
import type { Clock } from '@meterbook/runtime/clock';
import type { Log } from '@meterbook/runtime/log';
import type { Topics } from '@meterbook/topics/topics';
import { PromoteTiers } from './promote-tier/promote-tiers';
import { Rulebooks } from '@meterbook/books/rulebooks';
import { FoldRecharges } from './view-tier/fold-recharges';

/** The tier service's loops, each with a `run(signal)` for a host. The directory is that of its disposable file. */
export function tierLoops(
  store: EventStore,
  topics: Topics,
  clock: Clock,
  directory: string,
  log: Log,
): { readonly promoteTiers: PromoteTiers; readonly foldRecharges: FoldRecharges } {
  return {
    promoteTiers: new PromoteTiers(store, topics, new Rulebooks(store)),
    foldRecharges: new FoldRecharges(store, clock, directory, log),
  };
}
