import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { decimal, toText } from '@meterbook/domain/amount/decimal';
import type { RechargeTotals } from '@meterbook/domain/tier/tier';
import type { Position } from '@meterbook/event-store/event-store';

/** Version of the table: another one is thrown away and filled again. */
const layout = 1;
const busyTimeoutMs = 10_000;

const schema = `
  DROP TABLE IF EXISTS recharges;
  DROP TABLE IF EXISTS progress;
  CREATE TABLE recharges (
    account TEXT PRIMARY KEY, revision INTEGER NOT NULL, count INTEGER NOT NULL, largest TEXT NOT NULL, cumulative TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE progress (position TEXT NOT NULL);
  INSERT INTO progress VALUES ('start');
  PRAGMA user_version = ${layout};`;

/** An account's recharges and the revision of the last of them in the account's stream. */
export interface AccountRecharges {
  /** `{platform}/{account}`. */
  readonly account: string;
  readonly revision: number;
  readonly totals: RechargeTotals;
}

/** What every account has recharged, in one disposable file: the loop fills it from the store, the HTTP side reads it. */
export class RechargeTotalsFile {
  private readonly database: SQLite.Database;
  private readonly find: SQLite.Statement<
    [string],
    { revision: number; count: number; largest: string; cumulative: string }
  >;
  private readonly put: SQLite.Statement<[string, number, number, string, string]>;
  private readonly move: SQLite.Statement<[string]>;

  /** @param directory of the file; it is made where it is missing */
  constructor(directory: string) {
    mkdirSync(directory, { recursive: true });
    this.database = new SQLite(join(directory, 'tiers.db'), { timeout: busyTimeoutMs });
    this.database.pragma('journal_mode = WAL');
    this.database.pragma('synchronous = NORMAL');
    this.database
      .transaction(() => {
        if (this.database.pragma('user_version', { simple: true }) !== layout) this.database.exec(schema);
      })
      .immediate();
    this.find = this.database.prepare('SELECT revision, count, largest, cumulative FROM recharges WHERE account = ?');
    this.put = this.database.prepare(
      `INSERT INTO recharges VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
       revision = excluded.revision, count = excluded.count, largest = excluded.largest, cumulative = excluded.cumulative`,
    );
    this.move = this.database.prepare('UPDATE progress SET position = ?');
  }

  position(): Position | 'start' {
    return this.database.prepare<[], { position: string }>('SELECT position FROM progress').get()?.position ?? 'start';
  }

  /** Takes in what accounts have recharged up to a position, rows and position at once. */
  save(recharges: readonly AccountRecharges[], position: Position): void {
    this.database.transaction(() => {
      for (const { account, revision, totals } of recharges)
        this.put.run(account, revision, totals.count, toText(totals.largest), toText(totals.cumulative));
      this.move.run(position);
    })();
  }

  /** An account's recharges; undefined where it had none. */
  of(account: string): AccountRecharges | undefined {
    const row = this.find.get(account);
    if (!row) return undefined;
    const totals = { count: row.count, largest: decimal(row.largest), cumulative: decimal(row.cumulative) };
    return { account, revision: row.revision, totals };
  }

  close(): void {
    this.database.close();
  }
}
