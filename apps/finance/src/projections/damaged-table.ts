import type { Database, Statement } from '@meterbook/runtime/sqlite';
import { comparePositions, type Position } from '@meterbook/event-store/event-store';
import type { Damage } from './event-reader';

export const damagedSchema = `
  CREATE TABLE damaged (
    stream TEXT PRIMARY KEY, position TEXT NOT NULL, revision INTEGER, type TEXT, detail TEXT NOT NULL
  ) WITHOUT ROWID;`;

const columns = 'stream, position, revision, type, detail';

/** The streams that a file's rows stand without from some position on. They are kept with the rows, so that a restart knows them. */
export class DamagedTable {
  private readonly find: Statement<[string], Position>;
  private known: number;

  constructor(private readonly database: Database) {
    this.find = database.prepare<[string], Position>('SELECT position FROM damaged WHERE stream = ?').pluck();
    this.known = this.countRows();
  }

  get count(): number {
    return this.known;
  }

  /** True where a stream was damaged at a position or before it. */
  holds(stream: string, position: Position): boolean {
    if (this.known === 0) return false;
    const since = this.find.get(stream);
    return since !== undefined && comparePositions(since, position) <= 0;
  }

  /** Adds a damage, the first of a stream only; true where it was new. */
  add({ stream, position, revision, type, detail }: Damage): boolean {
    const insert = this.database.prepare(`INSERT OR IGNORE INTO damaged (${columns}) VALUES (?, ?, ?, ?, ?)`);
    const isNew = insert.run(stream, position, revision, type, detail).changes > 0;
    if (isNew) this.known += 1;
    return isNew;
  }

  /** After a transaction that was taken back. */
  recount(): void {
    this.known = this.countRows();
  }

  /** Those whose names begin with a prefix, by name, at most so many. */
  list(prefix: string, limit: number): Damage[] {
    return this.database
      .prepare<[string, string, number], Damage>(
        `SELECT ${columns} FROM damaged WHERE stream >= ? AND stream < ? ORDER BY stream LIMIT ?`,
      )
      .all(prefix, afterAll(prefix), limit);
  }

  /** How many names begin with a prefix. */
  countOf(prefix: string): number {
    return (
      this.database
        .prepare<[string, string], number>('SELECT count(*) FROM damaged WHERE stream >= ? AND stream < ?')
        .pluck()
        .get(prefix, afterAll(prefix)) ?? 0
    );
  }

  private countRows(): number {
    return this.database.prepare<[], number>('SELECT count(*) FROM damaged').pluck().get() ?? 0;
  }
}

/** A text that sorts behind every name with a prefix. Names of streams are plain ASCII. */
function afterAll(prefix: string): string {
  return `${prefix}\x7f`;
}
