import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Problem } from '@meterbook/http/problem/problem';
import type { OpenReport } from '../thread/report-request';
import { Reports } from '../thread/reports';
import type { Reader } from '../thread/report-turns';
import type { StatementPage, StatementPeriod } from './statement';

/** An account's entries of a period with running balances, in chunks of text. */
export class OpenStatement extends Query<OpenReport> {
  constructor(
    readonly period: StatementPeriod,
    readonly page: StatementPage,
    readonly csv: boolean,
    readonly reader: Reader,
  ) {
    super();
  }
}

@QueryHandler(OpenStatement)
export class OpenStatementHandler implements IQueryHandler<OpenStatement> {
  constructor(private readonly reports: Reports) {}

  async execute({ period, page, csv, reader }: OpenStatement): Promise<OpenReport> {
    const statement = await this.reports.open({ kind: 'statement', period, page, csv }, reader);
    if (statement) return statement;
    throw new Problem('unknown_account', `${period.platform} has no account ${period.account}.`);
  }
}
