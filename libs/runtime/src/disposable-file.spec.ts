import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DamagedFile, openDisposable, refuseDamagedPages } from './disposable-file';
import { DisposableReader } from './disposable-reader';
import { openDatabase, type Database } from './sqlite';
import { sqliteFailure } from './sqlite-failure';

describe('a file that holds nothing which has to be kept', () => {
  const folder = mkdtempSync(join(tmpdir(), 'meterbook-disposable-'));
  const path = join(folder, 'deep', 'words.db');
  afterAll(() => rmSync(folder, { recursive: true }));
  beforeEach(() => rmSync(join(folder, 'deep'), { recursive: true, force: true }));

  const open = (file: string): Database => {
    const database = openDatabase(file);
    try {
      database.pragma('journal_mode = WAL');
      refuseDamagedPages(database);
      database.exec('CREATE TABLE IF NOT EXISTS words (word TEXT)');
      database.prepare('SELECT word FROM words').all();
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  };
  const thrown: unknown[] = [];
  const keep = (word: string): void => {
    thrown.length = 0;
    const database = openDisposable(path, open, (_path, error) => thrown.push(error));
    database.prepare('INSERT INTO words VALUES (?)').run(word);
    database.close();
  };
  const words = (database: Database) => database.prepare<[], { word: string }>('SELECT word FROM words');
  const reader = new DisposableReader(path, words);
  const read = (): string[] | undefined => reader.ask((all) => all.all().map(({ word }) => word));

  it('is made where it is missing, and goes on where it is there', () => {
    expect(read()).toBeUndefined();
    keep('one');
    keep('two');
    expect([read(), thrown]).toEqual([['one', 'two'], []]);
  });

  it.each([
    ['is no database', () => writeFileSync(path, 'nothing of the kind'.repeat(400))],
    ['is cut short', () => writeFileSync(path, readFileSync(path).subarray(0, 4096))],
    ['has other tables', () => openDatabase(path).exec('DROP TABLE words; CREATE TABLE words (letter TEXT)').close()],
  ])('is thrown away and made anew where it %s, and whoever read it reads the new one', (_what, damage) => {
    keep('old');
    expect(read()).toEqual(['old']);
    damage();
    keep('new');
    expect(thrown).toHaveLength(1);
    expect(read()).toEqual(['new']);
  });

  it('that was never written to is no damage', () => {
    keep('one');
    writeFileSync(path, '');
    keep('two');
    expect([read(), thrown]).toEqual([['two'], []]);
  });

  it('is not thrown away for what says nothing about it', () => {
    keep('kept');
    const locked = (): never => {
      throw sqliteFailure('it is locked', 'SQLITE_BUSY');
    };
    expect(() => openDisposable(path, locked)).toThrow('it is locked');
    expect([existsSync(path), read()]).toEqual([true, ['kept']]);
  });

  it('is thrown away once: where the new one is of no use either, that is an error', () => {
    const useless = (): never => {
      throw new DamagedFile('it makes no sense');
    };
    expect(() => openDisposable(path, useless)).toThrow('it makes no sense');
  });
});
