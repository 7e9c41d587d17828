import { statSync } from 'node:fs';
import { openDatabase, type Database, type Statement } from '@meterbook/runtime/sqlite';
import { decimal } from '@meterbook/domain/amount/decimal';
import { totalsFileIn, type AccountRecharges } from './recharge-totals-file';

const BUSY_TIMEOUT_MS = 1_000;

interface Row {
  readonly revision: number;
  readonly count: number;
  readonly largest: string;
  readonly cumulative: string;
}

interface Open {
  readonly inode: bigint;
  readonly database: Database;
  readonly find: Statement<[string], Row>;
}

/**
 * What every account has recharged, as the HTTP side reads it. The file is the loop's, which may make it anew at any time: it is
 * opened when it is there, and again when it is another one. While it cannot be read, nothing is known of any account.
 */
export class RechargeTotals {
  private readonly path: string;
  private opened: Open | undefined;

  /** @param directory of the file, the same as the loop's */
  constructor(directory: string) {
    this.path = totalsFileIn(directory);
  }

  /** An account's recharges; undefined where it had none, or they are not known just now. */
  of(account: string): AccountRecharges | undefined {
    try {
      const row = this.open()?.find.get(account);
      if (!row) return undefined;
      const totals = { count: row.count, largest: decimal(row.largest), cumulative: decimal(row.cumulative) };
      return { account, revision: row.revision, totals };
    } catch {
      this.close();
      return undefined;
    }
  }

  close(): void {
    this.opened?.database.close();
    this.opened = undefined;
  }

  private open(): Open | undefined {
    const inode = statSync(this.path, { bigint: true, throwIfNoEntry: false })?.ino;
    if (this.opened && this.opened.inode === inode) return this.opened;
    this.close();
    if (inode === undefined) return undefined;
    const database = openDatabase(this.path, { readonly: true, timeout: BUSY_TIMEOUT_MS });
    try {
      const find = database.prepare<[string], Row>(
        'SELECT revision, count, largest, cumulative FROM recharges WHERE account = ?',
      );
      return (this.opened = { inode, database, find });
    } catch (error) {
      database.close();
      throw error;
    }
  }
}
