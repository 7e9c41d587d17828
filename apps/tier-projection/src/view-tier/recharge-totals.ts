import { decimal } from '@meterbook/domain/amount/decimal';
import { DisposableReader } from '@meterbook/runtime/disposable-reader';
import type { Database, Statement } from '@meterbook/runtime/sqlite';
import { totalsFileIn, type AccountRecharges } from './recharge-totals-file';

interface Row {
  readonly revision: number;
  readonly count: number;
  readonly largest: string;
  readonly cumulative: string;
}

/** What every account has recharged, as the HTTP side reads it: the file is the loop's. While it cannot be read, nothing is known. */
export class RechargeTotals {
  private readonly file: DisposableReader<Statement<[string], Row>>;

  /** @param directory of the file, the same as the loop's */
  constructor(directory: string) {
    this.file = new DisposableReader(totalsFileIn(directory), prepared);
  }

  /** An account's recharges; undefined where it had none, or they are not known just now. */
  of(account: string): AccountRecharges | undefined {
    return this.file.ask((find) => {
      const row = find.get(account);
      if (!row) return undefined;
      const totals = { count: row.count, largest: decimal(row.largest), cumulative: decimal(row.cumulative) };
      return { account, revision: row.revision, totals };
    });
  }

  close(): void {
    this.file.close();
  }
}

function prepared(database: Database): Statement<[string], Row> {
  return database.prepare('SELECT revision, count, largest, cumulative FROM recharges WHERE account = ?');
}
