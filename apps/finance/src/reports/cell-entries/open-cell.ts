import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { OpenReport } from '../thread/report-request';
import { Reports } from '../thread/reports';
import type { Reader } from '../thread/report-turns';
import type { CellQuestion } from './cell-question';

/** A page of the entries that a cell of a report is the sum of. */
export class OpenCell extends Query<OpenReport> {
  constructor(
    readonly asked: CellQuestion,
    readonly reader: Reader,
  ) {
    super();
  }
}

@QueryHandler(OpenCell)
export class OpenCellHandler implements IQueryHandler<OpenCell> {
  constructor(private readonly reports: Reports) {}

  async execute({ asked, reader }: OpenCell): Promise<OpenReport> {
    const report = await this.reports.open({ kind: 'cell', asked }, reader);
    if (!report) throw new Error('the entries of a cell are about no account');
    return report;
  }
}
