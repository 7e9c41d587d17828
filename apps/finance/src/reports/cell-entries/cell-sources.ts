import type { EventStore } from '@meterbook/event-store/event-store';
import type { Clock } from '@meterbook/runtime/clock';
import type { ProjectionReader } from '../../projections/projection-reader';
import { cellDeclarationOf } from './cell-declarations';
import type { CellSource } from './cell-entry';
import { CellEvents } from './cell-events';
import { chargeCells } from './charge-cells';
import { debtCells } from './debt-cells';
import { deferredCells, earnedCells } from './fee-cells';
import { lineCells } from './line-cells';
import { liabilitiesCounter, trialBalanceCounter } from './line-counters';
import { paymentCells } from './payment-cells';

/** What takes the cells of each report apart, by its name. */
export function cellSources(
  store: EventStore,
  clock: Clock,
  reader: ProjectionReader,
): Readonly<Record<string, CellSource>> {
  const events = new CellEvents(store, clock, reader);
  const charges = chargeCells(store, events);
  const earned = earnedCells(clock);
  const liabilities = liabilitiesCounter(cellDeclarationOf('liabilities').measures);
  return {
    usage: charges,
    margin: charges,
    revenue: async function* (asked) {
      yield* charges(asked);
      yield* earned(asked);
    },
    recharges: paymentCells(store, clock),
    deferred: deferredCells(store, clock),
    liabilities: lineCells(store, clock, events, liabilities),
    receivables: debtCells(store, clock),
    'trial-balance': lineCells(store, clock, events, trialBalanceCounter),
  };
}
