import type { Position } from '@meterbook/event-store/event-store';
import { DisposableReader } from '@meterbook/runtime/disposable-reader';
import type { Database } from '@meterbook/runtime/sqlite';
import { keyIndexPath, type IndexedKey } from './key-index-file';

interface Row {
  readonly account: string;
  readonly key_id: string;
}

/** Which account an API key is of, as the HTTP side reads it: the file is the loop's. While it cannot be read, no key is known. */
export class KeyIndex {
  private readonly file: DisposableReader<ReturnType<typeof prepared>>;

  /** @param ledgerFolder the same as the loop's */
  constructor(ledgerFolder: string) {
    this.file = new DisposableReader(keyIndexPath(ledgerFolder), prepared);
  }

  /** The key of a secret, by its hash; undefined where it was not issued, or the index does not know it yet. */
  of(secretHash: string): IndexedKey | undefined {
    const row = this.file.ask(({ find }) => find.get(secretHash));
    return row && { secretHash, account: row.account, keyId: row.key_id };
  }

  /** Every key that was issued at or before this position is known. */
  position(): Position | 'start' {
    return this.file.ask(({ where }) => where.get()?.position) ?? 'start';
  }

  close(): void {
    this.file.close();
  }
}

function prepared(database: Database) {
  return {
    find: database.prepare<[string], Row>('SELECT account, key_id FROM keys WHERE secret_hash = ?'),
    where: database.prepare<[], { position: string }>('SELECT position FROM progress'),
  };
}
