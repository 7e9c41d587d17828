import { join } from 'node:path';
import type { Position } from '@meterbook/event-store/event-store';
import { DamagedFile, openDisposable, refuseDamagedPages } from '@meterbook/runtime/disposable-file';
import { openDatabase, type Database, type Statement } from '@meterbook/runtime/sqlite';

/** Version of the tables: another one is thrown away and filled again. */
const LAYOUT = 1;
const BUSY_TIMEOUT_MS = 10_000;

const schema = `
  DROP TABLE IF EXISTS keys;
  DROP TABLE IF EXISTS progress;
  CREATE TABLE keys (secret_hash TEXT PRIMARY KEY, account TEXT NOT NULL, key_id TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE progress (position TEXT NOT NULL);
  INSERT INTO progress VALUES ('start');
  PRAGMA user_version = ${LAYOUT};`;

/** An API key, and the account that it was issued to. */
export interface IndexedKey {
  /** SHA-256 of its secret, base64url. */
  readonly secretHash: string;
  /** `{platform}/{account}`. */
  readonly account: string;
  readonly keyId: string;
}

/** The folder of the index within the ledger's: of all processes that share it one fills it. */
export function keyIndexFolder(ledgerFolder: string): string {
  return join(ledgerFolder, 'keys');
}

export function keyIndexPath(ledgerFolder: string): string {
  return join(keyIndexFolder(ledgerFolder), 'api-keys.db');
}

/** Which account each API key is of, in one disposable file. This is the side of its one writer. */
export class KeyIndexFile {
  private readonly database: Database;
  private readonly put: Statement<[string, string, string]>;
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
      this.put = this.database.prepare('INSERT OR REPLACE INTO keys VALUES (?, ?, ?)');
      this.move = this.database.prepare('UPDATE progress SET position = ?');
      this.where = this.database.prepare('SELECT position FROM progress');
      if (this.where.get() === undefined) throw new DamagedFile('it has no position');
    } catch (error) {
      this.database.close();
      throw error;
    }
  }

  /**
   * Opens the file, for the loop that owns its folder. A missing one is made; one that cannot be read is thrown away and made
   * anew, to be filled from the first event.
   *
   * @param thrownAway told of that, with the path
   */
  static open(ledgerFolder: string, thrownAway: (path: string, error: unknown) => void): KeyIndexFile {
    return openDisposable(keyIndexPath(ledgerFolder), (path) => new KeyIndexFile(path), thrownAway);
  }

  position(): Position | 'start' {
    return this.where.get()?.position ?? 'start';
  }

  /** Takes in the keys that were issued up to a position, rows and position at once. */
  save(keys: readonly IndexedKey[], position: Position): void {
    this.database.transaction(() => {
      for (const { secretHash, account, keyId } of keys) this.put.run(secretHash, account, keyId);
      this.move.run(position);
    })();
  }

  close(): void {
    this.database.close();
  }
}
