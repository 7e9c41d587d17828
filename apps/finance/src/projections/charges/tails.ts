import type { Database, Statement } from '@meterbook/runtime/sqlite';
import { ownText } from '@meterbook/runtime/own-text';
import { fromLine, linesIn, type ChargeLine } from './charge-line';

/** Platforms whose tails are known; about 150 bytes each without its lines. */
const MAX_KNOWN_PLATFORMS = 20_000;
/** Lines of all tails that are kept in memory beside the file; one takes about 700 bytes. */
const MAX_KEPT_LINES = 65_536;

export const tailSchema = `
  CREATE TABLE platforms (platform TEXT PRIMARY KEY, charges INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE tail (platform TEXT NOT NULL, first INTEGER NOT NULL, lines TEXT NOT NULL, PRIMARY KEY (platform, first)) WITHOUT ROWID;`;

export const tailTables = [
  { name: 'platforms', key: ['platform'] },
  // How many lines stand in a row is a matter of how many were read at a time.
  { name: 'tail', key: ['platform', 'first'], contentOf: linesOfRow },
];

/** Told of charges that have become a block. */
export type BlockCut = (platform: string, block: number, lines: readonly ChargeLine[]) => void;

interface Tail {
  /** Charges of the platform that are written, those in blocks too. */
  written: number;
  /** The lines that stand in the file, as it would give them; undefined while they are not in memory. */
  kept: ChargeLine[] | undefined;
}

/** What waits for its block, platform by platform: written so that a restart has it, and kept so that it need not be read again. */
export class Tails {
  private readonly findCount: Statement<[string], number>;
  private readonly saveCount: Statement<[string, number]>;
  private readonly insert: Statement<[string, number, string]>;
  private readonly readLines: Statement<[string], string>;
  private readonly clear: Statement<[string]>;
  private readonly known = new Map<string, Tail>();
  private keptLines = 0;
  /** Lines that came since the last time, by platform. */
  private readonly taken = new Map<string, ChargeLine[]>();

  constructor(
    database: Database,
    private readonly blockRows: number,
  ) {
    this.findCount = database.prepare<[string], number>('SELECT charges FROM platforms WHERE platform = ?').pluck();
    this.saveCount = database.prepare('INSERT OR REPLACE INTO platforms VALUES (?, ?)');
    this.insert = database.prepare('INSERT INTO tail VALUES (?, ?, ?)');
    this.readLines = database
      .prepare<[string], string>('SELECT lines FROM tail WHERE platform = ? ORDER BY first')
      .pluck();
    this.clear = database.prepare('DELETE FROM tail WHERE platform = ?');
  }

  /** Where the lines of a platform are added that come next. */
  linesOf(platform: string): ChargeLine[] {
    const known = this.taken.get(platform);
    if (known) return known;
    const lines: ChargeLine[] = [];
    this.taken.set(platform, lines);
    return lines;
  }

  /** Writes what came, inside the caller's transaction, and tells of each block that it fills; what is in a block is not written as a line. */
  write(cut: BlockCut): void {
    for (const [platform, lines] of this.taken) this.writeOne(platform, lines, cut);
    this.taken.clear();
    if (this.known.size > MAX_KNOWN_PLATFORMS) this.known.clear();
    else if (this.keptLines > MAX_KEPT_LINES) for (const tail of this.known.values()) tail.kept = undefined;
    else return;
    this.keptLines = 0;
  }

  private writeOne(platform: string, lines: readonly ChargeLine[], cut: BlockCut): void {
    const tail = this.tailOf(platform);
    const before = tail.written;
    const written = before + lines.length;
    const [first, end] = [Math.floor(before / this.blockRows), Math.floor(written / this.blockRows)];
    let rest = lines;
    if (end > first) {
      const waiting = tail.kept ?? this.readLines.all(platform).flatMap(linesIn).map(fromLine);
      const all = [...waiting, ...lines];
      for (let block = first; block < end; block++)
        cut(platform, block, all.slice((block - first) * this.blockRows, (block - first + 1) * this.blockRows));
      this.clear.run(platform);
      rest = all.slice((end - first) * this.blockRows);
      this.keptLines -= tail.kept?.length ?? 0;
      tail.kept = [];
    }
    if (rest.length > 0) this.insert.run(platform, written - rest.length, rest.map(toLine).join('\n'));
    this.saveCount.run(platform, written);
    tail.written = written;
    if (!tail.kept) return;
    for (const line of rest) tail.kept.push(ofItsOwn(line));
    this.keptLines += rest.length;
  }

  private tailOf(platform: string): Tail {
    const known = this.known.get(platform);
    if (known) return known;
    const written = this.findCount.get(platform) ?? 0;
    // A platform without charges has an empty tail: nothing needs to be read to know that.
    const tail: Tail = { written, kept: written % this.blockRows === 0 ? [] : undefined };
    this.known.set(platform, tail);
    return tail;
  }
}

function toLine(line: ChargeLine): string {
  return JSON.stringify(line);
}

/** The same without the text that its account was cut out of: it stays for many batches. */
function ofItsOwn([booked, occurred, account, ...rest]: ChargeLine): ChargeLine {
  return [booked, occurred, ownText(account), ...rest];
}

function* linesOfRow(row: readonly unknown[]): Iterable<string> {
  const [platform, , lines] = row;
  for (const line of linesIn(String(lines))) yield `${String(platform)} ${line}`;
}
