import type { Database, Statement } from '@meterbook/runtime/sqlite';
import type { BookedEvent } from '../projection';

export const accountsSchema = `
  CREATE TABLE accounts (platform TEXT NOT NULL, account TEXT NOT NULL, PRIMARY KEY (platform, account)) WITHOUT ROWID;`;

/** Notes every account by its first event, since a store cannot be asked for its streams. */
export class OpenedAccounts {
  private readonly save: Statement<[string, string]>;
  private opened: [platform: string, account: string][] = [];

  constructor(database: Database) {
    this.save = database.prepare('INSERT OR IGNORE INTO accounts VALUES (?, ?)');
  }

  take({ platform, account, revision }: BookedEvent): void {
    if (revision === 0) this.opened.push([platform, account]);
  }

  /** Inside the caller's transaction. */
  write(): void {
    for (const row of this.opened) this.save.run(...row);
    this.opened = [];
  }
}

/** The accounts of a platform, in the order of their bytes. */
export function accountsOf(database: Database, platform: string): Iterable<string> {
  return database
    .prepare<[string], string>('SELECT account FROM accounts WHERE platform = ? ORDER BY account')
    .pluck()
    .iterate(platform);
}
