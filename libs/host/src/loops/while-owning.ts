import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { isSqliteBusy } from '@meterbook/runtime/sqlite-failure';
import type { Loop } from './loop-host';

/**
 * The loop, in a folder that only one process or thread works in at a time: it fails while another one does. The lock is a
 * transaction on a file that the system ends with its process, so that nobody has to clean up after a crash.
 */
export function whileOwning(folder: string, loop: Loop): Loop {
  return async (signal) => {
    const lock = takeLock(folder);
    try {
      await loop(signal);
    } finally {
      lock.close();
    }
  };
}

function takeLock(folder: string): SQLite.Database {
  mkdirSync(folder, { recursive: true });
  const lock = new SQLite(join(folder, 'owner.db'), { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    throw isSqliteBusy(error) ? new Error(`another process works in ${folder}`, { cause: error }) : error;
  }
}
