import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '@meterbook/runtime/sqlite';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { EmbeddedEventStore } from './embedded-event-store';
import type { StoreAudit } from '../event-store';
import { chained } from '../event-store-contract';
import { chainStart } from '../hash-chain';

/** Where the bytes of a frame's row stand in the database file, its body last. */
interface StoredRow {
  readonly position: number;
  readonly events: number;
  readonly body: Buffer;
  readonly start: number;
  readonly bodyStart: number;
  readonly end: number;
}

describe('the audit of the embedded event store', () => {
  const clock = new SystemClock();
  let directory: string;
  let file: string;
  /** The database file as it was written: a few frames of a few streams, in one page. */
  let bytes: Buffer;
  let rows: StoredRow[];

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'meterbook-audit-'));
    file = join(directory, 'events.db');
    const store = new EmbeddedEventStore(directory, clock);
    const [a = [], b = [], c = []] = ['a', 'b', 'c'].map((name) =>
      chained(`account-p/${name}`, 0, chainStart, `first ${name}`, `ü \ufffd ${name}`, 'third'),
    );
    await store.append([
      { stream: 'account-p/a', expectedRevision: 'no-stream', events: a.slice(0, 2) },
      { stream: 'account-p/b', expectedRevision: 'no-stream', events: b.slice(0, 1) },
    ]);
    await store.append([{ stream: 'account-p/c', expectedRevision: 'no-stream', events: c }]);
    await store.append([
      { stream: 'account-p/b', expectedRevision: 0, events: b.slice(1) },
      { stream: 'account-p/a', expectedRevision: 1, events: a.slice(2) },
    ]);
    await store.close();
    bytes = readFileSync(file);
    rows = rowsOf(file, bytes);
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  const auditOf = async (changed: Buffer): Promise<StoreAudit> => {
    rmSync(join(directory, 'events.index'), { force: true });
    writeFileSync(file, changed);
    const store = new EmbeddedEventStore(directory, clock);
    try {
      return await store.audit(() => undefined);
    } finally {
      await store.close();
    }
  };

  it('finds nothing in the file as it was written', async () => {
    expect(await auditOf(bytes)).toEqual({ streams: 3, events: 9, faults: [] });
    expect(rows.map(({ position, events }) => [position, events])).toEqual([
      [6, 3],
      [3, 3],
      [0, 3],
    ]);
  });

  it('names the event, whichever byte of its row in the file was changed', async () => {
    const silent: string[] = [];
    const misnamed: string[] = [];
    for (const row of rows) {
      for (let at = row.start; at < row.end; at += 1) {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ (at % 9 === 8 ? 0xff : 1 << (at % 9));
        const { faults } = await auditOf(changed);
        const what = `byte ${at - row.bodyStart} of the row at ${row.position}: ${JSON.stringify(faults)}`;
        if (faults.length === 0) silent.push(what);
        else if (!faults.some(({ position }) => isIn(row, at, Number(position)))) misnamed.push(what);
      }
    }
    expect(silent).toEqual([]);
    expect(misnamed).toEqual([]);
  });

  it('finds bytes that are no UTF-8 where the text before read the same', async () => {
    const changed = Buffer.from(bytes);
    const at = changed.indexOf(Buffer.from('\ufffd c'));
    // A cut-off sequence of four bytes also reads as one replacement character.
    changed[at] = 0xf0;
    expect(changed.toString('utf8', at, at + 5)).toBe('\ufffd c');
    expect((await auditOf(changed)).faults).toMatchObject([{ position: '4', stream: 'account-p/c', revision: 1 }]);
  });

  it.each([
    ['the hash of a frame', `UPDATE frames SET hash = 'changed' WHERE position = 3`, '3'],
    ['the time of a frame', 'UPDATE frames SET booked_at = booked_at + 1 WHERE position = 6', '6'],
    [
      'an event',
      `UPDATE frames SET body = CAST(replace(CAST(body AS TEXT), 'third', 'THIRD') AS BLOB) WHERE position = 3`,
      '5',
    ],
    [
      'a type',
      `UPDATE frames SET body = CAST(replace(CAST(body AS TEXT), 'third', 'THIRD') AS TEXT) WHERE position = 6`,
      '6',
    ],
  ])('blames %s and nothing that stands behind it', async (_what, sql, position) => {
    writeFileSync(file, bytes);
    const database = openDatabase(file);
    database.prepare(sql).run();
    database.close();
    const { faults } = await auditOf(readFileSync(file));
    expect(faults.map((fault) => fault.position)).toEqual([position]);
  });
});

/** True where a fault at a position names what stands at a byte: the one event of a line, or any of the frame for what they share. */
function isIn(row: StoredRow, at: number, position: number): boolean {
  if (at < row.bodyStart) return position >= row.position && position < row.position + row.events;
  const linesBefore =
    row.body
      .subarray(0, at - row.bodyStart)
      .toString('latin1')
      .split('\n').length - 1;
  return position === row.position + linesBefore;
}

/** The rows in the order of the file: SQLite fills a page from its end. */
function rowsOf(file: string, bytes: Buffer): StoredRow[] {
  const database = openDatabase(file, { readonly: true });
  const frames = database
    .prepare<[], Pick<StoredRow, 'position' | 'events' | 'body'>>(
      'SELECT position, events, body FROM frames ORDER BY position DESC',
    )
    .all();
  const page =
    database.prepare<[], number>(`SELECT rootpage FROM sqlite_schema WHERE name = 'frames'`).pluck().get() ?? 0;
  const pageBytes = database.pragma('page_size', { simple: true }) as number;
  database.close();
  const pageStart = (page - 1) * pageBytes;
  let start = pageStart + bytes.readUInt16BE(pageStart + 5);
  return frames.map((frame) => {
    const bodyStart = bytes.indexOf(frame.body);
    const row = { ...frame, start, bodyStart, end: bodyStart + frame.body.length };
    start = row.end;
    return row;
  });
}
