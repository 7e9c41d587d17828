import type { EventStore } from '@meterbook/event-store/event-store';
import type { Clock } from '@meterbook/runtime/clock';
import { ClosingReports } from '../../closings/serve-closings';
import { KnownFacts } from '../../projections/platform-facts';
import { ProjectionControl } from '../../projections/projection-control';
import { ProjectionReader } from '../../projections/projection-reader';
import { CellReport } from '../cell-entries/cell-report';
import { ChargeList } from '../charge-list/charge-list';
import { GroupedReports } from '../grouped/grouped-reports';
import { JournalReport } from '../journal/journal-report';
import { StatementReport } from '../statement/statement-report';
import { TrialBalanceReport } from '../trial-balance/trial-balance-report';
import { reportOpener } from './open-report';
import { serveReports, type Port } from './serve-reports';

/** Serves reports from a store and the projections of a folder; what it returns lets go of the latter. */
export function serveReportsFrom(port: Port, store: EventStore, directory: string, clock: Clock): () => void {
  const control = ProjectionControl.shared(directory);
  const reader = new ProjectionReader(control, clock);
  const trialBalances = new TrialBalanceReport(store, clock, reader);
  const facts = new KnownFacts(store);
  const grouped = new GroupedReports(store, clock, reader, facts);
  const cells = new CellReport(store, clock, reader, facts);
  const closings = new ClosingReports(store, clock, reader, trialBalances);
  const journals = new JournalReport(store, clock, reader, trialBalances);
  const chargeList = new ChargeList(store, clock, reader);
  const statements = new StatementReport(store, reader);
  serveReports(port, reportOpener(trialBalances, statements, grouped, closings, journals, cells, chargeList));
  return () => {
    reader.close();
    control.close();
  };
}
