import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase, type Database } from '@meterbook/runtime/sqlite';
import type { Clock } from '@meterbook/runtime/clock';
import { isSqliteBusy } from '@meterbook/runtime/sqlite-failure';
import type { Loop } from './loop-host';

/** How often a process that stands by looks whether the folder is free. */
const LOOK_EVERY_MS = 1_000;
/** Locked while somebody works in the folder. */
const OWNER_FILE = 'owner.db';

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

/** The same for a loop that any of several processes may run: while another one works in the folder, it waits for its turn. */
export function standingBy(folder: string, loop: Loop, clock: Clock): Loop {
  const owning = whileOwning(folder, loop);
  return async (signal) => {
    while (!signal.aborted)
      try {
        await owning(signal);
        return;
      } catch (error) {
        if (!(error instanceof FolderTaken)) throw error;
        await clock.sleep(LOOK_EVERY_MS, signal);
      }
  };
}

/** Whether a process or thread works in the folder just now. */
export function isOwned(folder: string): boolean {
  if (!existsSync(join(folder, OWNER_FILE))) return false;
  const lock = openDatabase(join(folder, OWNER_FILE), { timeout: 0 });
  try {
    // Whoever works there lets nobody read either.
    lock.prepare('SELECT count(*) FROM sqlite_master').get();
    return false;
  } catch (error) {
    if (isSqliteBusy(error)) return true;
    throw error;
  } finally {
    lock.close();
  }
}

function takeLock(folder: string): Database {
  mkdirSync(folder, { recursive: true });
  const lock = openDatabase(join(folder, OWNER_FILE), { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    throw isSqliteBusy(error) ? new FolderTaken(folder, error) : error;
  }
}
