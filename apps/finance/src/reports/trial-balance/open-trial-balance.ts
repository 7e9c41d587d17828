import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { View } from '../../projections/trial-balance/read-lines';
import type { Basis } from '../axes';
import type { OpenReport } from '../thread/report-request';
import { Reports } from '../thread/reports';
import type { Reader } from '../thread/report-turns';

export interface AskedTrialBalance {
  readonly platform: string;
  /** Milliseconds since 1970; null for all that is booked, derived as of now. */
  readonly asOf: number | null;
  readonly view: View;
  readonly basis: Basis;
  /** IANA name. */
  readonly zone: string;
  readonly csv: boolean;
}

/** Every ledger account of a platform with its turnover and balance as of an instant, in chunks of text. */
export class OpenTrialBalance extends Query<OpenReport> {
  constructor(
    readonly asked: AskedTrialBalance,
    readonly reader: Reader,
  ) {
    super();
  }
}

@QueryHandler(OpenTrialBalance)
export class OpenTrialBalanceHandler implements IQueryHandler<OpenTrialBalance> {
  constructor(private readonly reports: Reports) {}

  async execute({ asked, reader }: OpenTrialBalance): Promise<OpenReport> {
    const report = await this.reports.open({ kind: 'trial-balance', ...asked }, reader);
    if (!report) throw new Error('a trial balance is about no account');
    return report;
  }
}
