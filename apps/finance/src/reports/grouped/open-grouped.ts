import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { OpenReport } from '../thread/report-request';
import { Reports } from '../thread/reports';
import type { Reader } from '../thread/report-turns';
import type { Question } from './question';

/** Figures of a platform by groups, in chunks of text. */
export class OpenGrouped extends Query<OpenReport> {
  constructor(
    readonly question: Question,
    readonly reader: Reader,
  ) {
    super();
  }
}

@QueryHandler(OpenGrouped)
export class OpenGroupedHandler implements IQueryHandler<OpenGrouped> {
  constructor(private readonly reports: Reports) {}

  async execute({ question, reader }: OpenGrouped): Promise<OpenReport> {
    const report = await this.reports.open({ kind: 'grouped', question }, reader);
    if (!report) throw new Error('figures by groups are about no account');
    return report;
  }
}
