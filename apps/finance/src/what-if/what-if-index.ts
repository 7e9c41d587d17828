import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase, type Database } from '@meterbook/runtime/sqlite';
import { isDiskFailure, isSqliteBusy, sqliteCode } from '@meterbook/runtime/sqlite-failure';
import { removeDatabase } from '@meterbook/runtime/disposable-file';
import type { WhatIfQuestion, WhatIfTask } from './question';

/** How long one connection waits for another, milliseconds. */
const BUSY_TIMEOUT_MS = 10_000;

const schema = `
  CREATE TABLE IF NOT EXISTS what_ifs (
    number INTEGER PRIMARY KEY AUTOINCREMENT, platform TEXT NOT NULL, what_if_id TEXT NOT NULL, digest TEXT NOT NULL,
    currency TEXT NOT NULL, question TEXT NOT NULL, state TEXT NOT NULL, why TEXT, rulebook TEXT, UNIQUE (platform, what_if_id)
  );`;

const columns = 'number, platform, what_if_id, digest, currency, question, state, why';

export type WhatIfState = 'running' | 'done' | 'failed';

/** A what-if that is kept. */
export interface KeptWhatIf {
  /** In the order in which they were asked for. */
  readonly number: number;
  readonly platform: string;
  readonly whatIfId: string;
  /** Of the body that asked for it. */
  readonly digest: string;
  readonly currency: string;
  readonly question: WhatIfQuestion;
  readonly state: WhatIfState;
  /** Why it failed; null where it did not. */
  readonly why: string | null;
}

/** One that is to be kept. Its rulebook may have megabytes, so it is read for nothing but making it. */
export type AskedWhatIf = Omit<KeptWhatIf, 'number' | 'state' | 'why'> & Pick<WhatIfTask, 'rulebook'>;

export type UnfinishedWhatIf = Pick<KeptWhatIf, 'number' | 'platform'>;

/**
 * The what-ifs that are kept, with a file beside it for each result. All of it is disposable: an index that is of no use is made anew,
 * and what was kept is forgotten.
 */
export class WhatIfIndex {
  private database: Database | undefined;

  constructor(private readonly directory: string) {}

  private get path(): string {
    return join(this.directory, 'index.db');
  }

  /** The file of a result. */
  fileOf(number: number): string {
    return join(this.directory, `result-${number}.db`);
  }

  find(platform: string, whatIfId: string): KeptWhatIf | undefined {
    const row = this.open()
      .prepare<[string, string], Row>(`SELECT ${columns} FROM what_ifs WHERE platform = ? AND what_if_id = ?`)
      .get(platform, whatIfId);
    return row && keptOf(row);
  }

  add({ platform, whatIfId, digest, currency, question, rulebook }: AskedWhatIf): UnfinishedWhatIf {
    const { lastInsertRowid } = this.open()
      .prepare(
        `INSERT INTO what_ifs (platform, what_if_id, digest, currency, question, rulebook, state) VALUES (?, ?, ?, ?, ?, ?, 'running')`,
      )
      .run(platform, whatIfId, digest, currency, JSON.stringify(question), rulebook);
    return { number: Number(lastInsertRowid), platform };
  }

  end(number: number, state: WhatIfState, why: string | null = null): void {
    this.open().prepare('UPDATE what_ifs SET state = ?, why = ? WHERE number = ?').run(state, why, number);
  }

  remove(number: number): void {
    this.open().prepare('DELETE FROM what_ifs WHERE number = ?').run(number);
    removeDatabase(this.fileOf(number));
  }

  get(number: number): KeptWhatIf | undefined {
    const row = this.open().prepare<[number], Row>(`SELECT ${columns} FROM what_ifs WHERE number = ?`).get(number);
    return row && keptOf(row);
  }

  /** What making one is begun with. */
  taskOf(number: number): WhatIfTask | undefined {
    const row = this.open()
      .prepare<[number], TaskRow>('SELECT question, rulebook FROM what_ifs WHERE number = ?')
      .get(number);
    return (
      row && { question: JSON.parse(row.question) as WhatIfQuestion, rulebook: row.rulebook, file: this.fileOf(number) }
    );
  }

  /** Those that nobody has finished, in the order in which they were asked for. */
  unfinished(): readonly UnfinishedWhatIf[] {
    if (this.database === undefined && !existsSync(this.path)) return [];
    return this.open()
      .prepare<[], UnfinishedWhatIf>(`SELECT number, platform FROM what_ifs WHERE state = 'running' ORDER BY number`)
      .all();
  }

  /** Finished ones of a platform beyond so many, the oldest first. */
  beyond(platform: string, many: number): readonly number[] {
    const rows = this.open()
      .prepare<[string, number], { number: number }>(
        `SELECT number FROM what_ifs WHERE platform = ? AND state <> 'running' ORDER BY number DESC LIMIT -1 OFFSET ?`,
      )
      .all(platform, many);
    return rows.map(({ number }) => number).reverse();
  }

  close(): void {
    this.database?.close();
    this.database = undefined;
  }

  private open(): Database {
    if (this.database) return this.database;
    mkdirSync(this.directory, { recursive: true });
    const file = this.path;
    try {
      this.database = made(file);
    } catch (error) {
      if (sqliteCode(error) === undefined || isSqliteBusy(error) || isDiskFailure(error)) throw error;
      removeDatabase(file);
      this.database = made(file);
    }
    this.removeStrangers(this.database);
    return this.database;
  }

  /** Results that no row of the index names: nobody could ask for them. */
  private removeStrangers(database: Database): void {
    const rows = database.prepare<[], { number: number }>('SELECT number FROM what_ifs').all();
    const known = new Set(rows.map(({ number }) => number));
    for (const name of readdirSync(this.directory)) {
      const [, number] = /^result-(\d+)\.db$/.exec(name) ?? [];
      if (number !== undefined && !known.has(Number(number))) removeDatabase(join(this.directory, name));
    }
  }
}

interface Row {
  readonly number: number;
  readonly platform: string;
  readonly what_if_id: string;
  readonly digest: string;
  readonly currency: string;
  readonly question: string;
  readonly state: WhatIfState;
  readonly why: string | null;
}

interface TaskRow {
  readonly question: string;
  readonly rulebook: string | null;
}

function keptOf({ number, platform, what_if_id, digest, currency, question, state, why }: Row): KeptWhatIf {
  const asked = JSON.parse(question) as WhatIfQuestion;
  return { number, platform, whatIfId: what_if_id, digest, currency, question: asked, state, why };
}

function made(file: string): Database {
  const database = openDatabase(file, { timeout: BUSY_TIMEOUT_MS });
  try {
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = NORMAL');
    database.exec(schema);
    database.prepare('SELECT number, why, rulebook FROM what_ifs LIMIT 1').all();
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}
