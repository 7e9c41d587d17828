import { statSync } from 'node:fs';
import { openDatabase, type Database } from './sqlite';

/** How long a question waits for the one who keeps the file, milliseconds. */
const BUSY_TIMEOUT_MS = 1_000;

/**
 * A disposable file as those read it who do not keep it. Its keeper may make it anew at any time: it is opened when it is there, and
 * again when it is another one.
 */
export class DisposableReader<Statements> {
  private opened: { readonly inode: bigint; readonly database: Database; readonly statements: Statements } | undefined;

  constructor(
    private readonly path: string,
    private readonly prepare: (database: Database) => Statements,
  ) {}

  /** The answer to a question; undefined while there is no file, or none that can be read. */
  ask<Answer>(question: (statements: Statements) => Answer): Answer | undefined {
    try {
      const statements = this.open();
      return statements && question(statements);
    } catch {
      this.close();
      return undefined;
    }
  }

  close(): void {
    this.opened?.database.close();
    this.opened = undefined;
  }

  private open(): Statements | undefined {
    const inode = statSync(this.path, { bigint: true, throwIfNoEntry: false })?.ino;
    if (this.opened && this.opened.inode === inode) return this.opened.statements;
    this.close();
    if (inode === undefined) return undefined;
    const database = openDatabase(this.path, { readonly: true, timeout: BUSY_TIMEOUT_MS });
    try {
      const statements = this.prepare(database);
      this.opened = { inode, database, statements };
      return statements;
    } catch (error) {
      database.close();
      throw error;
    }
  }
}
