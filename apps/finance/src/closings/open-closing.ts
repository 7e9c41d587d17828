import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { PeriodClosed } from '@meterbook/domain/closing/events';
import { storedInstant } from '@meterbook/domain/time/instant';
import { Problem } from '@meterbook/http/problem/problem';
import { FinanceBooks } from '../books/finance-books';
import type { OpenReport } from '../reports/thread/report-request';
import { Reports } from '../reports/thread/reports';
import type { Reader } from '../reports/thread/report-turns';
import { closingAnswer } from './closing-answer';
import type { LatePlace } from './late-cursor';
import type { ClosingRequest } from './closing-request';

/** A page of what came late. */
export interface LatePageAsked {
  /** Null for the first page. */
  readonly after: LatePlace | null;
  /** Most entries of it. */
  readonly limit: number;
}

/** A closing with its trial balance, or with `late` what came after it, in chunks of text. */
export class OpenClosing extends Query<OpenReport> {
  constructor(
    readonly platform: string,
    readonly closingId: string,
    readonly late: LatePageAsked | null,
    readonly reader: Reader,
  ) {
    super();
  }
}

@QueryHandler(OpenClosing)
export class OpenClosingHandler implements IQueryHandler<OpenClosing> {
  constructor(
    private readonly books: FinanceBooks,
    private readonly reports: Reports,
  ) {}

  async execute({ platform, closingId, late, reader }: OpenClosing): Promise<OpenReport> {
    const closed = (await this.books.confirmed(platform)).closings.get(closingId);
    const report = closed && (await this.reports.open(toRequest(platform, closed, late), reader));
    if (report) return report;
    throw new Problem('unknown_closing', `${platform} has no closing ${closingId}.`);
  }
}

function toRequest(platform: string, closed: PeriodClosed, late: LatePageAsked | null): ClosingRequest {
  if (!late) return { kind: 'closed', closing: closingAnswer(closed), content: closed.content };
  const [from, to] = [storedInstant(closed.from), storedInstant(closed.to)];
  return { kind: 'late', late: { closingId: closed.closingId, platform, from, to, ...late } };
}
