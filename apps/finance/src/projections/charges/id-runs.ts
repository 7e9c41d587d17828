import type { Database, Statement } from '@meterbook/runtime/sqlite';
import { fromLine, idHashOf, linesIn, type ChargeLine } from './charge-line';

/** Runs of single blocks that are merged into one. */
const MERGED_BLOCKS = 16;
/** Parts of a merged run, by the first eight bits of a hash. */
const PART_SHIFT = 24;

export const idSchema = `
  CREATE TABLE id_runs (
    platform TEXT NOT NULL, merged INTEGER NOT NULL, run INTEGER NOT NULL, part INTEGER NOT NULL, entries TEXT NOT NULL,
    PRIMARY KEY (platform, merged, part, run)
  ) WITHOUT ROWID;`;

export const idTables = [{ name: 'id_runs', key: ['platform', 'merged', 'part', 'run'] }];

/** Where a charge stands whose id has a hash; `reversal` is 1 where it is the reversal of that charge. */
type Entry = readonly [idHash: number, account: string, revision: number, index: number, reversal: 0 | 1];

/** A charge that may be the one looked for: ids may have the same hash. */
export interface Whereabouts {
  readonly account: string;
  readonly revision: number;
  readonly index: number;
  readonly isReversed: boolean;
}

/** Finds charges by their ids alone: a run for each block, and of so many blocks one in parts, written one after the other. */
export class IdRuns {
  private readonly insert: Statement<[string, 0 | 1, number, number, string]>;
  private readonly single: Statement<[string], string>;
  private readonly clearSingle: Statement<[string]>;

  constructor(database: Database) {
    this.insert = database.prepare('INSERT INTO id_runs VALUES (?, ?, ?, ?, ?)');
    this.single = database
      .prepare<[string], string>('SELECT entries FROM id_runs WHERE platform = ? AND merged = 0 ORDER BY run')
      .pluck();
    this.clearSingle = database.prepare('DELETE FROM id_runs WHERE platform = ? AND merged = 0');
  }

  /** Adds the charges of the next block of a platform, given as they waited for it. */
  add(platform: string, block: number, lines: readonly ChargeLine[]): void {
    this.insert.run(platform, 0, block, 0, JSON.stringify(lines.map(entryOf)));
    if ((block + 1) % MERGED_BLOCKS !== 0) return;
    const parts = new Map<number, Entry[]>();
    for (const entries of this.single.all(platform))
      for (const entry of JSON.parse(entries) as Entry[]) {
        const part = entry[0] >>> PART_SHIFT;
        const known = parts.get(part);
        if (known) known.push(entry);
        else parts.set(part, [entry]);
      }
    this.clearSingle.run(platform);
    for (const [part, entries] of [...parts].sort(([a], [b]) => a - b))
      this.insert.run(platform, 1, block, part, JSON.stringify(entries));
  }
}

/** Where the charges of a platform stand whose id has the hash of this one, by account and place. */
export function whereaboutsOf(database: Database, platform: string, id: string): readonly Whereabouts[] {
  const hash = idHashOf(id);
  const texts = database
    .prepare<[string, string, number], string>(
      `SELECT entries FROM id_runs WHERE platform = ? AND merged = 0
       UNION ALL SELECT entries FROM id_runs WHERE platform = ? AND merged = 1 AND part = ?`,
    )
    .pluck()
    .all(platform, platform, hash >>> PART_SHIFT);
  const tail = database.prepare<[string], string>('SELECT lines FROM tail WHERE platform = ?').pluck().all(platform);
  const entries = [
    ...texts.flatMap((text) => (JSON.parse(text) as Entry[]).filter((entry) => entry[0] === hash)),
    ...tail
      .flatMap((lines) => linesIn(lines).map((line) => entryOf(fromLine(line))))
      .filter((entry) => entry[0] === hash),
  ];
  const placeOf = ([, account, revision, index]: Entry): string => `${account} ${revision}/${index}`;
  const reversed = new Set(entries.filter((entry) => entry[4] === 1).map(placeOf));
  return entries
    .filter((entry) => entry[4] === 0)
    .map((entry) => ({
      ...{ account: entry[1], revision: entry[2], index: entry[3] },
      isReversed: reversed.has(placeOf(entry)),
    }))
    .sort((a, b) =>
      a.account === b.account ? a.revision - b.revision || a.index - b.index : a.account < b.account ? -1 : 1,
    );
}

function entryOf(line: ChargeLine): Entry {
  const [idHash, revision, index] = line[7];
  return [idHash, line[2], revision, index, line[6][1] > 0 ? 1 : 0];
}
