import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { OpenReport } from '../thread/report-request';
import { Reports } from '../thread/reports';
import type { Reader } from '../thread/report-turns';
import type { ChargesQuestion } from './charges-question';

/** Single charges of a platform, in chunks of text. */
export class OpenCharges extends Query<OpenReport> {
  constructor(
    readonly question: ChargesQuestion,
    readonly reader: Reader,
  ) {
    super();
  }
}

@QueryHandler(OpenCharges)
export class OpenChargesHandler implements IQueryHandler<OpenCharges> {
  constructor(private readonly reports: Reports) {}

  async execute({ question, reader }: OpenCharges): Promise<OpenReport> {
    const report = await this.reports.open({ kind: 'charges', question }, reader);
    if (!report) throw new Error('charges of a platform are about no account');
    return report;
  }
}
