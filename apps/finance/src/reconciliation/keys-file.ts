import type { ReconciledSum } from '@meterbook/domain/closing/events';
import {
  add,
  compare,
  decimal,
  isNegative,
  multiply,
  negate,
  subtract,
  toText,
  zero,
  type Decimal,
} from '@meterbook/domain/amount/decimal';
import { removeDatabase } from '@meterbook/runtime/disposable-file';
import { openDatabase, type Database, type Statement } from '@meterbook/runtime/sqlite';
import type { Key } from './read-bill';
import { kinds, type Kind } from './question';

/** Keys that are added up in memory before they are added to the file, and UTF-16 units of them. */
const MAX_KEYS_IN_MEMORY = 50_000;
const MAX_UNITS_IN_MEMORY = 8 * 1024 * 1024;
/** Page cache of the file, KiB. */
const CACHE_KIB = 65_536;
/** How long a reader waits for the writer, milliseconds. */
const BUSY_TIMEOUT_MS = 10_000;
/** Items that are made of keys at a time. */
const ITEMS_AT_ONCE = 5_000;

/** Whose amount it is. */
export type Side = 'theirs' | 'ours';

/** How far both sides of a key may differ. */
export interface Tolerance {
  readonly absolute: Decimal;
  /** Of ours. */
  readonly ratio: Decimal;
}

/** What both sides say of each key while they are added up: keys of any number, of which memory holds some. */
export class KeysBeingAdded {
  private readonly database: Database;
  private readonly find: Statement<[string, string], Row>;
  private readonly put: Statement<[string, string, string | null, string | null]>;
  private added = new Map<string, { readonly key: Key; theirs: Decimal | null; ours: Decimal | null }>();
  private units = 0;

  constructor(file: string) {
    removeDatabase(file);
    this.database = openDatabase(file, { timeout: BUSY_TIMEOUT_MS });
    // Nobody misses what a crash has cut off: it is made again.
    this.database.pragma('journal_mode = OFF');
    this.database.pragma('synchronous = OFF');
    this.database.pragma(`cache_size = -${CACHE_KIB}`);
    this.database.exec(`
      CREATE TABLE keys (first TEXT, second TEXT, theirs TEXT, ours TEXT, PRIMARY KEY (first, second)) WITHOUT ROWID;
      CREATE TABLE items (
        number INTEGER PRIMARY KEY, first TEXT NOT NULL, second TEXT NOT NULL, kind TEXT NOT NULL, theirs TEXT NOT NULL, ours TEXT NOT NULL
      );`);
    this.find = this.database.prepare('SELECT theirs, ours FROM keys WHERE first = ? AND second = ?');
    this.put = this.database.prepare('INSERT OR REPLACE INTO keys VALUES (?, ?, ?, ?)');
  }

  add(side: Side, key: Key, amount: Decimal): void {
    const name = JSON.stringify(key);
    let sums = this.added.get(name);
    if (!sums) {
      if (this.added.size >= MAX_KEYS_IN_MEMORY || this.units >= MAX_UNITS_IN_MEMORY) this.spill();
      sums = { key, theirs: null, ours: null };
      this.added.set(name, sums);
      this.units += name.length;
    }
    sums[side] = add(sums[side] ?? zero, amount);
  }

  /** Makes the items in the order of their keys; theirs as `converted` to our currency. */
  finish(
    converted: (theirs: Decimal) => Decimal,
    tolerance: Tolerance,
  ): Readonly<Record<Kind | 'total', ReconciledSum>> {
    this.spill();
    const sums = new KindSums();
    const some = this.database.prepare<[string, string, number], KeyRow>(
      'SELECT * FROM keys WHERE (first, second) > (?, ?) ORDER BY first, second LIMIT ?',
    );
    const insert = this.database.prepare(
      'INSERT INTO items (first, second, kind, theirs, ours) VALUES (?, ?, ?, ?, ?)',
    );
    let after: Key | undefined;
    for (;;) {
      const rows = after ? some.all(...after, ITEMS_AT_ONCE) : this.firstRows();
      const last = rows.at(-1);
      if (!last) break;
      this.database.transaction(() => {
        for (const { first, second, theirs, ours } of rows) {
          const [a, b] = [theirs === null ? null : converted(decimal(theirs)), ours === null ? null : decimal(ours)];
          const kind = kindOf(a, b, tolerance);
          sums.count(kind, a ?? zero, b ?? zero);
          insert.run(first, second, kind, toText(a ?? zero), toText(b ?? zero));
        }
      })();
      after = [last.first, last.second];
    }
    this.database.exec('DROP TABLE keys; CREATE INDEX by_kind ON items (kind, number)');
    return sums.told();
  }

  close(): void {
    this.database.close();
  }

  private firstRows(): KeyRow[] {
    return this.database
      .prepare<[number], KeyRow>('SELECT * FROM keys ORDER BY first, second LIMIT ?')
      .all(ITEMS_AT_ONCE);
  }

  private spill(): void {
    this.database.transaction(() => {
      for (const { key, theirs, ours } of this.added.values()) {
        const before = this.find.get(...key);
        this.put.run(...key, sumText(before?.theirs, theirs), sumText(before?.ours, ours));
      }
    })();
    this.added = new Map();
    this.units = 0;
  }
}

interface Row {
  readonly theirs: string | null;
  readonly ours: string | null;
}

interface KeyRow extends Row {
  readonly first: string;
  readonly second: string;
}

function sumText(before: string | null | undefined, more: Decimal | null): string | null {
  if (more === null) return before ?? null;
  return toText(before === null || before === undefined ? more : add(decimal(before), more));
}

function kindOf(theirs: Decimal | null, ours: Decimal | null, { absolute, ratio }: Tolerance): Kind {
  if (ours === null) return 'onlyTheirs';
  if (theirs === null) return 'onlyOurs';
  const difference = magnitude(subtract(theirs, ours));
  const matches = compare(difference, absolute) <= 0 || compare(difference, multiply(magnitude(ours), ratio)) <= 0;
  return matches ? 'matched' : 'different';
}

function magnitude(amount: Decimal): Decimal {
  return isNegative(amount) ? negate(amount) : amount;
}

class KindSums {
  private readonly sums = new Map<Kind, { keys: number; theirs: Decimal; ours: Decimal }>();

  count(kind: Kind, theirs: Decimal, ours: Decimal): void {
    const sum = this.sums.get(kind) ?? { keys: 0, theirs: zero, ours: zero };
    this.sums.set(kind, { keys: sum.keys + 1, theirs: add(sum.theirs, theirs), ours: add(sum.ours, ours) });
  }

  told(): Readonly<Record<Kind | 'total', ReconciledSum>> {
    const total = { keys: 0, theirs: zero, ours: zero };
    for (const sum of this.sums.values()) {
      total.keys += sum.keys;
      total.theirs = add(total.theirs, sum.theirs);
      total.ours = add(total.ours, sum.ours);
    }
    const text = ({ keys, theirs, ours }: typeof total): ReconciledSum => ({
      keys,
      theirs: toText(theirs),
      ours: toText(ours),
    });
    const [matched, different, onlyTheirs, onlyOurs] = kinds.map((kind) =>
      text(this.sums.get(kind) ?? { keys: 0, theirs: zero, ours: zero }),
    );
    if (!matched || !different || !onlyTheirs || !onlyOurs) throw new Error('there are four kinds');
    return { matched, different, onlyTheirs, onlyOurs, total: text(total) };
  }
}

/** A key, and what both sides say of it. */
export interface ReconciledItem {
  readonly number: number;
  readonly first: string;
  readonly second: string;
  readonly kind: Kind;
  readonly theirs: string;
  readonly ours: string;
}

/** A page of the items of a file, of one kind or of all, after a place; undefined where the file is not there, or of no use. */
export function readItems(
  file: string,
  kind: Kind | null,
  after: number,
  limit: number,
): readonly ReconciledItem[] | undefined {
  let database: Database | undefined;
  try {
    database = openDatabase(file, { fileMustExist: true, readonly: true, timeout: BUSY_TIMEOUT_MS });
    const where = kind === null ? '' : 'kind = ? AND ';
    return database
      .prepare<unknown[], ReconciledItem>(`SELECT * FROM items WHERE ${where}number > ? ORDER BY number LIMIT ?`)
      .all(...(kind === null ? [] : [kind]), after, limit);
  } catch {
    // Items are disposable: what cannot be read is not there.
    return undefined;
  } finally {
    database?.close();
  }
}
