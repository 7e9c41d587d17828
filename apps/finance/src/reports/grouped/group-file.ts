import { openDatabase, type Database, type Statement } from '@meterbook/runtime/sqlite';
import { decimal, toText } from '@meterbook/domain/amount/decimal';
import type { Measure } from './declaration';
import type { GroupValues } from './question';
import { Sums, type Group } from './sums';

type KeptSums = readonly (number | string | readonly (readonly [name: string, amount: string])[])[];

interface Row {
  readonly values: string;
  readonly sums: string;
}

/** Groups that were put away in a file of nobody, so that a report of very many takes no more memory than one of some. */
export class GroupFile {
  private readonly database: Database;
  private readonly insert: Statement<[Buffer, number, string, string]>;
  private runs = 0;

  constructor(private readonly measures: readonly Measure[]) {
    this.database = openDatabase('');
    this.database.exec(`CREATE TABLE groups (
      key BLOB NOT NULL, run INTEGER NOT NULL, group_values TEXT NOT NULL, sums TEXT NOT NULL, PRIMARY KEY (key, run)) WITHOUT ROWID`);
    this.insert = this.database.prepare('INSERT INTO groups VALUES (?, ?, ?, ?)');
  }

  /** Puts groups away, each of them once; they come in the order of an answer. */
  put(groups: readonly Group[]): void {
    this.runs += 1;
    this.database.transaction(() => {
      for (const { values, sums } of groups)
        this.insert.run(keyOf(values), this.runs, JSON.stringify(values), JSON.stringify(this.kept(sums)));
    })();
  }

  /** All of them in the order of an answer, those of one group added up. */
  *inOrder(): Iterable<Group> {
    const rows = this.database.prepare<[], Row>('SELECT group_values AS "values", sums FROM groups ORDER BY key, run');
    let last: { readonly text: string; readonly group: Group } | undefined;
    for (const { values, sums } of rows.iterate()) {
      if (last?.text !== values) {
        if (last) yield last.group;
        last = { text: values, group: { values: JSON.parse(values) as GroupValues, sums: new Sums() } };
      }
      this.addKept(last.group.sums, JSON.parse(sums) as KeptSums);
    }
    if (last) yield last.group;
  }

  close(): void {
    this.database.close();
  }

  private kept(sums: Sums): KeptSums {
    return this.measures.map(({ kind }, at) => {
      if (kind === 'count') return sums.countOf(at);
      if (kind === 'amount') return toText(sums.amountOf(at));
      return sums.amountsOf(at).map(([name, amount]) => [name, toText(amount)] as const);
    });
  }

  private addKept(sums: Sums, kept: KeptSums): void {
    for (const [at, value] of kept.entries()) {
      if (typeof value === 'number') sums.count(at, value);
      else if (typeof value === 'string') sums.addText(at, value);
      else for (const [name, amount] of value) sums.addTo(at, name, decimal(amount));
    }
  }
}

/** Bytes that sort as groups do: null first, then by code point. No text holds a zero byte. */
function keyOf(values: GroupValues): Buffer {
  return Buffer.from(values.map((value) => (value === null ? '\0' : `\u0001${value}\0`)).join(''));
}
