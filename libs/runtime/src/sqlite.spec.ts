import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DriverMissing, driverFor, openDatabase } from './sqlite';
import { isUnfitToStart } from './unfit-to-start';

describe('the driver of SQLite', () => {
  it.each([
    ['20.12.0', 'better-sqlite3'],
    ['20.20.2', 'better-sqlite3'],
    ['22.0.0', 'better-sqlite3-for-node-22'],
    ['24.21.0', 'better-sqlite3-for-node-22'],
    ['26.10.0', 'better-sqlite3-for-node-22'],
    ['100.0.0', 'better-sqlite3-for-node-22'],
  ])('of Node %s is %s', (version, driver) => {
    expect(driverFor(version)).toBe(driver);
  });

  it('works on this Node', () => {
    const directory = mkdtempSync(join(tmpdir(), 'meterbook-driver-'));
    const database = openDatabase(join(directory, 'a.db'), { timeout: 0 });
    expect(database.prepare<[], { one: number }>('SELECT 1 AS one').get()).toEqual({ one: 1 });
    database.close();
    rmSync(directory, { recursive: true });
  });

  it.each([
    ['is not installed', Object.assign(new Error("Cannot find module 'better-sqlite3'"), { code: 'MODULE_NOT_FOUND' })],
    ['is of another Node', Object.assign(new Error('NODE_MODULE_VERSION 115'), { code: 'ERR_DLOPEN_FAILED' })],
    ['was not compiled', new Error('Could not locate the bindings file. Tried: …')],
  ])('that %s is told in a sentence, with the remedy', (_how, error) => {
    const missing = DriverMissing.of(error);
    expect(missing?.message).toContain(`${driverFor(process.versions.node)} is not there or does not fit`);
    expect(missing?.remedy).toContain('npm ci');
    expect(isUnfitToStart(missing)).toBe(true);
  });

  it('is not blamed for a file that cannot be opened', () => {
    expect(() => openDatabase(join(tmpdir(), 'no-such-folder-of-meterbook', 'a.db'))).toThrow(TypeError);
    expect(DriverMissing.of(Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR' }))).toBeUndefined();
  });
});
