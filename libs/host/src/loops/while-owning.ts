import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase, type Database } from '@meterbook/runtime/sqlite';
import { isSqliteBusy } from '@meterbook/runtime/sqlite-failure';
import type { Loop } from './loop-host';

/** Another process or thread works in a folder that only one may work in. */
export class FolderTaken extends Error {
  override readonly name = 'FolderTaken';

  constructor(folder: string, cause: unknown) {
    super(`another process works in ${folder}`, { cause });
  }
}

/**
 * The loop, in a folder that only one process or thread works in at a time: it fails with `FolderTaken` while another one does. The lock is a
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

function takeLock(folder: string): Database {
  mkdirSync(folder, { recursive: true });
  const lock = openDatabase(join(folder, 'owner.db'), { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    throw isSqliteBusy(error) ? new FolderTaken(folder, error) : error;
  }
}
