import { mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase, type Database, type Statement } from '@meterbook/runtime/sqlite';
import { toText } from '@meterbook/domain/amount/decimal';
import type { RechargeTotals } from '@meterbook/domain/tier/tier';
import type { Position } from '@meterbook/event-store/event-store';
import { sqliteCode } from '@meterbook/runtime/sqlite-failure';

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
      if (this.database.pragma('quick_check(1)', { simple: true }) !== 'ok') throw new DamagedFile();
      this.put = this.database.prepare(
        `INSERT INTO recharges VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
         revision = excluded.revision, count = excluded.count, largest = excluded.largest, cumulative = excluded.cumulative`,
      );
      this.move = this.database.prepare('UPDATE progress SET position = ?');
      this.where = this.database.prepare('SELECT position FROM progress');
      if (this.where.get() === undefined) throw new DamagedFile();
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
    mkdirSync(directory, { recursive: true });
    const path = totalsFileIn(directory);
    // What was never written to cannot be prepared while somebody has it open.
    if (statSync(path, { throwIfNoEntry: false })?.size === 0) remove(path);
    try {
      return new RechargeTotalsFile(path);
    } catch (error) {
      if (!isDamage(error)) throw error;
      thrownAway(path, error);
      remove(path);
      return new RechargeTotalsFile(path);
    }
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

function remove(path: string): void {
  for (const part of ['', '-wal', '-shm']) rmSync(`${path}${part}`, { force: true });
}

class DamagedFile extends Error {
  constructor() {
    super('the pages of the file contradict each other');
  }
}

/** Pages that make no sense, or tables that are not those of this layout. */
function isDamage(error: unknown): boolean {
  if (error instanceof DamagedFile) return true;
  const code = sqliteCode(error);
  return code === 'SQLITE_ERROR' || code === 'SQLITE_NOTADB' || (code?.startsWith('SQLITE_CORRUPT') ?? false);
}
