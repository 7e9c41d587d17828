import type { EventStore } from '@meterbook/event-store/event-store';
import type { Clock } from '@meterbook/runtime/clock';
import { chargeSources } from '../charges/charge-sources';
import { deferredSource } from '../money/count-deferred';
import { liabilitiesSource } from '../money/count-liabilities';
import { receivablesSource } from '../money/count-receivables';
import { rechargesSource } from '../money/count-recharges';
import type { ReportSource } from './source';

/** What adds up each report, by its name. */
export function reportSources(store: EventStore, clock: Clock): Readonly<Record<string, ReportSource>> {
  return {
    ...chargeSources(clock),
    recharges: rechargesSource(clock),
    deferred: deferredSource(clock),
    liabilities: liabilitiesSource(store, clock),
    receivables: receivablesSource(clock),
  };
}
