import { removeDatabase } from '@meterbook/runtime/disposable-file';
import { openDatabase, type Database, type Statement } from '@meterbook/runtime/sqlite';
import { Compared, SideSum } from './compared';
import type { GroupValues } from './group-of';
import type { WhatIfSummary } from './question';

/** Groups that are added up in memory before they are added to the file; about 1 KiB each. */
const MAX_GROUPS_IN_MEMORY = 20_000;
/** Page cache of the file, KiB. */
const CACHE_KIB = 16_384;
/** How long a reader waits for the writer, milliseconds. */
const BUSY_TIMEOUT_MS = 10_000;
/** Items that are put into their order at a time. */
const ITEMS_AT_ONCE = 5_000;

const schema = `
  CREATE TABLE items (number INTEGER PRIMARY KEY, item TEXT NOT NULL);
  CREATE TABLE summary (summary TEXT NOT NULL);`;

/** The result of a what-if while it is made: groups of any number, of which memory holds some. */
export class ResultBeingMade {
  private readonly database: Database;
  private readonly columns: readonly string[];
  private readonly find: Statement<[string], { actual: string; simulated: string }>;
  private readonly put: Statement;
  private readonly totals = new Compared();
  private groups = new Map<string, { readonly values: GroupValues; readonly compared: Compared }>();

  constructor(
    file: string,
    private readonly groupBy: readonly string[],
    private readonly maxInMemory = MAX_GROUPS_IN_MEMORY,
  ) {
    removeDatabase(file);
    this.database = openDatabase(file, { timeout: BUSY_TIMEOUT_MS });
    // Nobody misses a result that a crash has cut off: it is made again.
    this.database.pragma('journal_mode = OFF');
    this.database.pragma('synchronous = OFF');
    this.database.pragma(`cache_size = -${CACHE_KIB}`);
    this.database.exec(schema);
    this.columns = groupBy.map((_, at) => `value${at}`);
    const named = ['key', ...this.columns, 'actual', 'simulated'];
    this.database.exec(
      `CREATE TABLE groups (key TEXT PRIMARY KEY, ${this.columns.map((column) => `${column} TEXT, `).join('')}
       actual TEXT NOT NULL, simulated TEXT NOT NULL) WITHOUT ROWID`,
    );
    this.find = this.database.prepare('SELECT actual, simulated FROM groups WHERE key = ?');
    this.put = this.database.prepare(
      `INSERT OR REPLACE INTO groups (${named.join(', ')}) VALUES (${named.map(() => '?').join(', ')})`,
    );
  }

  /** What is added up for a group. It is to be used at once: it does not stay in memory. */
  of(values: GroupValues): Compared {
    const key = JSON.stringify(values);
    const known = this.groups.get(key);
    if (known) return known.compared;
    if (this.groups.size >= this.maxInMemory) this.spill();
    const compared = new Compared();
    this.groups.set(key, { values, compared });
    return compared;
  }

  /** Puts the items into their order, and says the rest. */
  finish(rest: Omit<WhatIfSummary, 'totals'>): void {
    this.spill();
    const order = this.columns.length > 0 ? `ORDER BY ${this.columns.join(', ')}` : '';
    this.database.exec(`CREATE TABLE sorted AS SELECT * FROM groups ${order}; DROP TABLE groups;`);
    const some = this.database.prepare<[number, number], SortedRow>(
      'SELECT rowid AS number, * FROM sorted WHERE rowid > ? ORDER BY rowid LIMIT ?',
    );
    const insert = this.database.prepare('INSERT INTO items (item) VALUES (?)');
    for (let last = 0; ;) {
      const rows = some.all(last, ITEMS_AT_ONCE);
      this.database.transaction(() => {
        for (const row of rows) {
          const item = this.itemOf(row);
          if (item) insert.run(JSON.stringify(item));
        }
      })();
      const end = rows.at(-1);
      if (!end) break;
      last = end.number;
    }
    this.database.exec('DROP TABLE sorted');
    const summary: WhatIfSummary = { ...rest, totals: this.totals.told() };
    this.database.prepare('INSERT INTO summary VALUES (?)').run(JSON.stringify(summary));
  }

  close(): void {
    this.database.close();
  }

  /** Undefined for a group that comes to nothing on either side. */
  private itemOf(row: SortedRow): object | undefined {
    const compared = new Compared(SideSum.kept(row.actual), SideSum.kept(row.simulated));
    if (compared.isNothing) return undefined;
    const values = this.groupBy.map((dimension, at): [string, unknown] => [dimension, row[`value${at}`]]);
    return { ...Object.fromEntries(values), ...compared.told() };
  }

  private spill(): void {
    this.database.transaction(() => {
      for (const [key, { values, compared }] of this.groups) {
        this.totals.addAll(compared);
        const before = this.find.get(key);
        if (before) compared.addAll(new Compared(SideSum.kept(before.actual), SideSum.kept(before.simulated)));
        this.put.run(key, ...values, compared.actual.toKeep(), compared.simulated.toKeep());
      }
    })();
    this.groups = new Map();
  }
}

interface SortedRow {
  readonly number: number;
  readonly actual: string;
  readonly simulated: string;
  readonly [column: `value${number}`]: string | null;
}

/** A page of a result. */
export interface ResultPage {
  /** JSON texts, in the order of their groups. */
  readonly items: readonly string[];
  /** The place after the last of them; null where nothing follows. */
  readonly next: number | null;
  readonly summary: WhatIfSummary;
}

/** A page of a finished result, after a place; undefined where the file is not there, or of no use. */
export function readResult(file: string, after: number, limit: number): ResultPage | undefined {
  let database: Database | undefined;
  try {
    database = openDatabase(file, { fileMustExist: true, readonly: true, timeout: BUSY_TIMEOUT_MS });
    const summary = database.prepare<[], { summary: string }>('SELECT summary FROM summary').get();
    if (!summary) return undefined;
    const rows = database
      .prepare<[number, number], { number: number; item: string }>(
        'SELECT number, item FROM items WHERE number > ? ORDER BY number LIMIT ?',
      )
      .all(after, limit + 1);
    const told = rows.slice(0, limit);
    return {
      items: told.map(({ item }) => item),
      next: rows.length > limit ? (told.at(-1)?.number ?? null) : null,
      summary: JSON.parse(summary.summary) as WhatIfSummary,
    };
  } catch {
    // Results are disposable: one that cannot be read is one that is not there.
    return undefined;
  } finally {
    database?.close();
  }
}
