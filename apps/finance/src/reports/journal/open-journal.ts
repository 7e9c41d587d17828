import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { OpenReport } from '../thread/report-request';
import { Reports } from '../thread/reports';
import type { Reader } from '../thread/report-turns';
import type { JournalQuestion } from './journal-question';

/** The journal of a platform, in chunks of text. */
export class OpenJournal extends Query<OpenReport> {
  constructor(
    readonly question: JournalQuestion,
    readonly reader: Reader,
  ) {
    super();
  }
}

@QueryHandler(OpenJournal)
export class OpenJournalHandler implements IQueryHandler<OpenJournal> {
  constructor(private readonly reports: Reports) {}

  async execute({ question, reader }: OpenJournal): Promise<OpenReport> {
    const report = await this.reports.open({ kind: 'journal', question }, reader);
    if (!report) throw new Error('a journal is about no account');
    return report;
  }
}
