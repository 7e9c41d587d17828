import { formatInstant } from '@meterbook/domain/time/instant';
import { isOfClosings } from '../../closings/closing-request';
import type { ClosingReports } from '../../closings/serve-closings';
import type { CellReport } from '../cell-entries/cell-report';
import { openCell } from '../cell-entries/serve-cell';
import type { ChargeList } from '../charge-list/charge-list';
import { inChunks } from '../chunks';
import { GroupCursor } from '../grouped/group-cursor';
import type { GroupedReports } from '../grouped/grouped-reports';
import { groupedCsv, groupedJson, type GroupedReport } from '../grouped/write-groups';
import type { JournalReport } from '../journal/journal-report';
import { openJournal } from '../journal/serve-journal';
import type { StatementReport } from '../statement/statement-report';
import { statementJson } from '../statement/write-statement';
import { statementCsv } from '../statement/write-statement-csv';
import type { TrialBalance, TrialBalanceReport } from '../trial-balance/trial-balance-report';
import { trialBalanceCsv, trialBalanceJson } from '../trial-balance/write-trial-balance';
import type { OpenReport, ReportOpener } from './report-request';

/** Opens reports in this thread. */
export function reportOpener(
  trialBalances: TrialBalanceReport,
  statements: StatementReport,
  groupedReports: GroupedReports,
  closings: ClosingReports,
  journals: JournalReport,
  cells: CellReport,
  chargeList: ChargeList,
): ReportOpener {
  return async (request) => {
    if (request.kind === 'cell') return openCell(cells, request.asked);
    if (request.kind === 'charges') return chargeList.open(request.question);
    if (request.kind === 'journal') return openJournal(journals, request.question);
    if (request.kind === 'grouped') return openGrouped(await groupedReports.open(request.question));
    if (isOfClosings(request)) return closings.open(request);
    if (request.kind === 'statement') {
      const { period, page, csv } = request;
      const statement = await statements.open(period, page);
      if (!statement) return undefined;
      const texts = csv ? statementCsv(period, statement) : statementJson(period, statement);
      return { headers: {}, chunks: inChunks(texts) };
    }
    const report = await trialBalances.open(request.platform, request.asOf, request.view, { basis: request.basis });
    const texts = request.csv ? trialBalanceCsv(report) : trialBalanceJson(report, request.zone);
    return { headers: request.csv ? headersOf(report) : {}, chunks: closing(inChunks(texts), () => report.close()) };
  };
}

function openGrouped(report: GroupedReport): OpenReport {
  const { question, final, watermark, damaged, groups } = report;
  const told = (texts: Iterable<string>): AsyncIterable<string> => closing(inChunks(texts), () => groups.close());
  if (question.page !== null)
    return { headers: {}, chunks: told(groupedJson(report, new GroupCursor(question.report))) };
  const asOf = question.derivedAt;
  return { headers: headersOf({ asOf, final, watermark, damaged }), chunks: told(groupedCsv(report)) };
}

/** CSV has no place for what is said of the whole. */
function headersOf({
  asOf,
  final,
  position,
  watermark,
  damaged,
}: Pick<TrialBalance, 'asOf' | 'final' | 'watermark' | 'damaged'> & Partial<TrialBalance>): Record<string, string> {
  return {
    'meterbook-as-of': formatInstant(asOf),
    'meterbook-final': String(final),
    ...(watermark >= 0 && { 'meterbook-complete-to': formatInstant(watermark) }),
    ...(position !== undefined && { 'meterbook-position': position }),
    ...(damaged.count > 0 && { 'meterbook-damaged-accounts': String(damaged.count) }),
  };
}

/** The same chunks; `close` is called also where nobody has begun to read them. */
function closing(chunks: AsyncIterable<string>, close: () => void): AsyncIterable<string> {
  return {
    [Symbol.asyncIterator]: () => {
      const rest = chunks[Symbol.asyncIterator]();
      return {
        next: () => rest.next(),
        return: async () => {
          await rest.return?.();
          close();
          return { done: true, value: undefined };
        },
      };
    },
  };
}
