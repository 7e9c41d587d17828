import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Log } from '@meterbook/runtime/log';
import { openDatabase, type Database } from '@meterbook/runtime/sqlite';
import { sqliteCode } from '@meterbook/runtime/sqlite-failure';

/** Accounts that are remembered; the promotions of more are passed over until their next one. */
const MAX_WAITING = 10_000;

const schema = 'CREATE TABLE IF NOT EXISTS waiting (account TEXT PRIMARY KEY) WITHOUT ROWID';

/**
 * Accounts, `{platform}/{account}`, that could not take a promotion and have to be asked again. They stand in a file of their own,
 * which is there from the first of them on and outlives a restart; losing it loses no promotion, since those stand in the store.
 */
export class WaitingPromotions {
  private readonly accounts = new Set<string>();

  constructor(
    /** Null where they are remembered in memory alone. */
    private readonly path: string | null,
    private readonly log: Log,
  ) {
    if (path === null || !existsSync(path)) return;
    this.inFile((database) => {
      for (const account of database.prepare<[], string>('SELECT account FROM waiting').pluck().all())
        this.accounts.add(account);
    });
  }

  list(): readonly string[] {
    return [...this.accounts];
  }

  /** Durable once it returns. */
  add(account: string): void {
    if (this.accounts.has(account) || this.accounts.size >= MAX_WAITING) return;
    this.inFile((database) => database.prepare('INSERT OR IGNORE INTO waiting VALUES (?)').run(account));
    this.accounts.add(account);
  }

  remove(account: string): void {
    if (!this.accounts.has(account)) return;
    this.inFile((database) => database.prepare('DELETE FROM waiting WHERE account = ?').run(account));
    this.accounts.delete(account);
  }

  private inFile(work: (database: Database) => void): void {
    if (this.path === null) return;
    mkdirSync(dirname(this.path), { recursive: true });
    try {
      this.opened(this.path, work);
    } catch (error) {
      if (sqliteCode(error) !== 'SQLITE_CORRUPT' && sqliteCode(error) !== 'SQLITE_NOTADB') throw error;
      this.log.warn({ err: error, file: this.path }, 'The list of waiting promotions is damaged: it is begun anew.');
      rmSync(this.path, { force: true });
      this.opened(this.path, work);
    }
  }

  /** Damage is rare and so is this: nothing is kept open for it. */
  private opened(path: string, work: (database: Database) => void): void {
    const database = openDatabase(path);
    try {
      database.pragma('synchronous = FULL');
      database.exec(schema);
      work(database);
    } finally {
      database.close();
    }
  }
}
