import { statSync } from 'node:fs';
import type { Position } from '@meterbook/event-store/event-store';
import { openDatabase, type Database, type Statement } from '@meterbook/runtime/sqlite';
import { keyIndexPath, type IndexedKey } from './key-index-file';

const BUSY_TIMEOUT_MS = 1_000;

interface Row {
  readonly account: string;
  readonly key_id: string;
}

interface Open {
  readonly inode: bigint;
  readonly database: Database;
  readonly find: Statement<[string], Row>;
  readonly where: Statement<[], { position: string }>;
}

/**
 * Which account an API key is of, as the HTTP side reads it. The file is the loop's, which may make it anew at any time: it is
 * opened when it is there, and again when it is another one. While it cannot be read, no key is known.
 */
export class KeyIndex {
  private readonly path: string;
  private opened: Open | undefined;

  /** @param ledgerFolder the same as the loop's */
  constructor(ledgerFolder: string) {
    this.path = keyIndexPath(ledgerFolder);
  }

  /** The key of a secret, by its hash; undefined where it was not issued, or the index does not know it yet. */
  of(secretHash: string): IndexedKey | undefined {
    const row = this.reading(({ find }) => find.get(secretHash));
    return row && { secretHash, account: row.account, keyId: row.key_id };
  }

  /** Every key that was issued at or before this position is known. */
  position(): Position | 'start' {
    return this.reading(({ where }) => where.get()?.position) ?? 'start';
  }

  close(): void {
    this.opened?.database.close();
    this.opened = undefined;
  }

  private reading<Result>(read: (open: Open) => Result): Result | undefined {
    try {
      const open = this.open();
      return open && read(open);
    } catch {
      this.close();
      return undefined;
    }
  }

  private open(): Open | undefined {
    const inode = statSync(this.path, { bigint: true, throwIfNoEntry: false })?.ino;
    if (this.opened && this.opened.inode === inode) return this.opened;
    this.close();
    if (inode === undefined) return undefined;
    const database = openDatabase(this.path, { readonly: true, timeout: BUSY_TIMEOUT_MS });
    try {
      const find = database.prepare<[string], Row>('SELECT account, key_id FROM keys WHERE secret_hash = ?');
      const where = database.prepare<[], { position: string }>('SELECT position FROM progress');
      return (this.opened = { inode, database, find, where });
    } catch (error) {
      database.close();
      throw error;
    }
  }
}
