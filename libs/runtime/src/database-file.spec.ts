import { copyFileSync, mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase, type Database } from './sqlite';
import { FileDamaged, lookIntoDatabase } from './database-file';
import { DiskFull } from './disk-full';
import { PathUnfit } from './path-failure';
import { sqliteFailure } from './sqlite-failure';

describe('a look into a database file', () => {
  let directory: string;
  const [made, file] = ['made.db', 'looked-at.db'];
  const path = (name: string): string => join(directory, name);
  const rows = (): number | undefined =>
    lookIntoDatabase(path(file), (database) => database.prepare<[], number>('SELECT count(*) FROM t').pluck().get());
  let database: Database;
  const fill = (): void => {
    for (let i = 0; i < 100; i++) database.prepare('INSERT INTO t VALUES (?)').run('x'.repeat(500));
  };
  /** A copy as a process that was killed leaves it. */
  const copy = (): void => {
    for (const part of ['', '-wal']) copyFileSync(path(made + part), path(file + part));
  };

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'meterbook-look-'));
    database = openDatabase(path(made));
    database.pragma('journal_mode = WAL');
    database.exec('CREATE TABLE t (x TEXT)');
    fill();
    database.pragma('wal_checkpoint(TRUNCATE)');
    fill();
  });
  afterEach(() => {
    database.close();
    rmSync(directory, { recursive: true });
  });

  it('reads what a killed process left, its log included', () => {
    copy();
    expect(rows()).toBe(200);
  });

  it('finds nothing where there is no file, and nothing wrong with an empty one', () => {
    expect(rows()).toBeUndefined();
    writeFileSync(path(file), '');
    expect(lookIntoDatabase(path(file), () => 'fine')).toBe('fine');
  });

  it('names a file that is cut short, although its log looks whole', () => {
    copy();
    truncateSync(path(file), Math.floor(statSync(path(file)).size / 2));
    expect(rows).toThrow(`${path(file)} is damaged or not a database (it is cut short).`);
  });

  it('names a file that is cut short, although an earlier round of its log held the pages that are missing', () => {
    database.pragma('wal_checkpoint(RESTART)');
    // The first frame of the next round overwrites the first of the last; the others still stand behind it.
    database.exec('UPDATE t SET x = x WHERE rowid = 1');
    copy();
    truncateSync(path(file), Math.floor(statSync(path(file)).size / 2));
    expect(rows).toThrow('it is cut short');
  });

  it('reads a file that is short because a crash came while its log was moved into it', () => {
    database.pragma('wal_checkpoint(PASSIVE)');
    copy();
    // The log still holds the pages that the second half of the file was to get.
    truncateSync(path(file), statSync(path(file)).size - 4 * 4096);
    expect(rows()).toBe(200);
  });

  it('names a file that is no database', () => {
    writeFileSync(path(file), 'words '.repeat(1000));
    expect(rows).toThrow(/looked-at\.db is damaged or not a database \(SQLITE_NOTADB\)/);
  });

  it.each([
    ['SQLITE_FULL', DiskFull],
    ['SQLITE_IOERR_SHMSIZE', DiskFull],
    ['SQLITE_IOERR_WRITE', DiskFull],
    ['SQLITE_CANTOPEN', PathUnfit],
    ['SQLITE_READONLY_DIRECTORY', PathUnfit],
    ['SQLITE_IOERR_SHORT_READ', FileDamaged],
    ['SQLITE_CORRUPT_INDEX', FileDamaged],
    ['SQLITE_CANTOPEN_ISDIR', FileDamaged],
  ])('says by the code of SQLite what is wrong, and that a file is damaged only where it is: %s', (code, kind) => {
    copy();
    const look = (): never => {
      throw sqliteFailure('it does not go on', code);
    };
    expect(() => lookIntoDatabase(path(file), look)).toThrow(expect.objectContaining({ name: kind.name }) as Error);
  });

  it('does not call a file missing where nobody knows', () => {
    expect(lookIntoDatabase(path('none'), () => 'there')).toBeUndefined();
    expect(lookIntoDatabase(path(`${made}/none`), () => 'there')).toBeUndefined();
    expect(() => lookIntoDatabase(path('x'.repeat(300)), () => 'there')).toThrow(PathUnfit);
  });
});
