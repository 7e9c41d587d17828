import { createHash } from 'node:crypto';
import { canonicalJson } from '@meterbook/domain/rulebook/canonical-json';
import type { TrialBalanceLine } from '../reports/trial-balance/derived-lines';
import { amountsOf, Totals } from '../reports/trial-balance/trial-balance-report';

/** SHA-256 over the RFC 8785 text of a trial balance's `{lines, totals}`, line by line: it need not be held. */
export class BalanceDigest {
  private readonly totals = new Totals();
  private readonly digest = createHash('sha256').update('{"lines":[');
  private lines = 0;

  add(line: TrialBalanceLine): void {
    this.totals.add(line);
    const { ledgerAccount, commodity, debit, credit } = line;
    const text = canonicalJson({ ledgerAccount, commodity, ...amountsOf(debit, credit) });
    this.digest.update(this.lines === 0 ? text : `,${text}`);
    this.lines += 1;
  }

  /** Hexadecimal; nothing is added after it. */
  finish(): string {
    return this.digest.update(`],"totals":${canonicalJson(this.totals.list())}}`).digest('hex');
  }
}
