import type { EventStore } from '@meterbook/event-store/event-store';
import type { Clock } from '@meterbook/runtime/clock';
import type { ProjectionReader } from '../projections/projection-reader';
import { begun } from '../reports/begun';
import { inChunks } from '../reports/chunks';
import type { OpenReport } from '../reports/thread/report-request';
import type { TrialBalanceReport } from '../reports/trial-balance/trial-balance-report';
import type { ClosingRequest } from './closing-request';
import { LateReport } from './late-report';
import { ClosingMaker } from './make-closing';
import { closedJson } from './write-closed';

/** Opens what is asked about closings. */
export class ClosingReports {
  private readonly maker: ClosingMaker;
  private readonly late: LateReport;

  constructor(
    private readonly store: EventStore,
    clock: Clock,
    reader: ProjectionReader,
    trialBalances: TrialBalanceReport,
  ) {
    this.maker = new ClosingMaker(store, clock, reader, trialBalances);
    this.late = new LateReport(store, reader);
  }

  async open(request: ClosingRequest): Promise<OpenReport> {
    return { headers: {}, chunks: await begun(this.chunksOf(request)) };
  }

  private chunksOf(request: ClosingRequest): AsyncIterable<string> {
    switch (request.kind) {
      case 'closing':
        return this.messages(request.platform, request.to);
      case 'closed':
        return inChunks(closedJson(this.store, request.closing, request.content));
      case 'late':
        return inChunks(this.late.json(request.late));
    }
  }

  private async *messages(platform: string, to: number): AsyncIterable<string> {
    for await (const message of this.maker.make(platform, to)) yield JSON.stringify(message);
  }
}
