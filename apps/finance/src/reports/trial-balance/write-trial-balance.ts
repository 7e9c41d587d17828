import { formatInstant } from '@meterbook/domain/time/instant';
import { axesOf } from '../axes';
import { csvLine } from '../csv';
import { amountsOf, Totals, type TrialBalance } from './trial-balance-report';

/** The report as JSON text, line by line; it is closed at the end, or when nobody reads on. */
export function* trialBalanceJson(report: TrialBalance, zone: string): Iterable<string> {
  try {
    const totals = new Totals();
    const { asOf, basis, final, position, watermark, damaged } = report;
    const axes = axesOf(basis, zone, watermark);
    const head = {
      asOf: formatInstant(asOf),
      ...axes,
      final,
      position,
      watermark: axes.completeTo,
      ...(damaged.count > 0 && { damaged }),
    };
    yield `${JSON.stringify(head).slice(0, -1)},"lines":[`;
    let separator = '';
    for (const line of report.lines) {
      totals.add(line);
      const { ledgerAccount, commodity, debit, credit } = line;
      yield separator + JSON.stringify({ ledgerAccount, commodity, ...amountsOf(debit, credit) });
      separator = ',';
    }
    yield `],"totals":${JSON.stringify(totals.list())}}`;
  } finally {
    report.close();
  }
}

/** The report as CSV: a line each, then the totals with `total` in place of the ledger account. */
export function* trialBalanceCsv(report: TrialBalance): Iterable<string> {
  try {
    const totals = new Totals();
    yield csvLine(['ledgerAccount', 'commodity', 'debit', 'credit', 'balance']);
    for (const line of report.lines) {
      totals.add(line);
      const { debit, credit, balance } = amountsOf(line.debit, line.credit);
      yield csvLine([line.ledgerAccount, line.commodity, debit, credit, balance]);
    }
    for (const { commodity, debit, credit, balance } of totals.list())
      yield csvLine(['total', commodity, debit, credit, balance]);
  } finally {
    report.close();
  }
}
