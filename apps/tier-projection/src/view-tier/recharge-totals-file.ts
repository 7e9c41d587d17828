import { join } from 'node:path';
import { DamagedFile, openDisposable, refuseDamagedPages } from '@meterbook/runtime/disposable-file';
import { openDatabase, type Database, type Statement } from '@meterbook/runtime/sqlite';
import { toText } from '@meterbook/domain/amount/decimal';
import type { RechargeTotals } from '@meterbook/domain/tier/tier';
import type { Position } from '@meterbook/event-store/event-store';

/** Version of the table: another one is thrown away and filled again. */
const LAYOUT = 1;
const BUSY_TIMEOUT_MS = 10_000;

const schema = `
  DROP TABLE IF EXISTS recharges;
  DROP TABLE IF EXISTS progress;
  CREATE TABLE recharges (
    account TEXT PRIMARY KEY, revision INTEGER NOT NULL, count INTEGER NOT NULL, largest TEXT NOT NULL, cumulative TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE progress (position TEXT NOT NULL);
  INSERT INTO progress VALUES ('start');
  PRAGMA user_version = ${LAYOUT};`;

/** An account's recharges and the revision of the last of them in the account's stream. */
export interface AccountRecharges {
  /** `{platform}/{account}`. */
  readonly account: string;
  readonly revision: number;
  readonly totals: RechargeTotals;
}

export function totalsFileIn(directory: string): string {
  return join(directory, 'tiers.db');
}

/** What every account has recharged, in one disposable file. This is the side of its one writer. */
export class RechargeTotalsFile {
  private readonly database: Database;
  private readonly put: Statement<[string, number, number, string, string]>;
  private readonly move: Statement<[string]>;
  private readonly where: Statement<[], { position: string }>;

  private constructor(path: string) {
    this.database = openDatabase(path, { timeout: BUSY_TIMEOUT_MS });
    try {
      this.database.pragma('journal_mode = WAL');
      this.database.pragma('synchronous = NORMAL');
      this.database
        .transaction(() => {
          if (this.database.pragma('user_version', { simple: true }) !== LAYOUT) this.database.exec(schema);
        })
        .immediate();
      refuseDamagedPages(this.database);
      this.put = this.database.prepare(
        `INSERT INTO recharges VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
         revision = excluded.revision, count = excluded.count, largest = excluded.largest, cumulative = excluded.cumulative`,
      );
      this.move = this.database.prepare('UPDATE progress SET position = ?');
      this.where = this.database.prepare('SELECT position FROM progress');
      if (this.where.get() === undefined) throw new DamagedFile('it has no position');
    } catch (error) {
      this.database.close();
      throw error;
    }
  }

  /**
   * Opens the file, for the loop that owns its directory. A missing one is made; one that cannot be read is thrown away and made
   * anew, to be filled from the first event.
   *
   * @param thrownAway told of that, with the path
   */
  static open(directory: string, thrownAway: (path: string, error: unknown) => void): RechargeTotalsFile {
    return openDisposable(totalsFileIn(directory), (path) => new RechargeTotalsFile(path), thrownAway);
  }

  position(): Position | 'start' {
    return this.where.get()?.position ?? 'start';
  }

  /** Takes in what accounts have recharged up to a position, rows and position at once. */
  save(recharges: readonly AccountRecharges[], position: Position): void {
    this.database.transaction(() => {
      for (const { account, revision, totals } of recharges)
        this.put.run(account, revision, totals.count, toText(totals.largest), toText(totals.cumulative));
      this.move.run(position);
    })();
  }

  close(): void {
    this.database.close();
  }
}
