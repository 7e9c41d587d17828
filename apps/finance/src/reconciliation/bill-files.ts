import { createHash, hash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { removeDatabase } from '@meterbook/runtime/disposable-file';

/** What the items of all reconciliations may take on disk, bytes; those that were made first go first. */
const MAX_ITEMS_BYTES = 4 * 1024 ** 3;

/** A bill as it was put down, and what it is. */
export interface SpooledBill {
  readonly file: string;
  /** Hexadecimal. */
  readonly sha256: string;
}

/**
 * Bills while they are compared, and the items that came of them. All of it is disposable: what a process left behind of a bill is
 * removed by the next, and items that are gone are made again when the same bill is sent again.
 */
export class BillFiles {
  private lastBill = 0;

  constructor(private readonly directory: string) {}

  /** Removes what an earlier process left of bills. */
  removeBills(): void {
    if (!existsSync(this.directory)) return;
    for (const name of readdirSync(this.directory))
      if (name.startsWith('bill-')) rmSync(join(this.directory, name), { force: true });
  }

  /** Puts a bill down as it arrives. Nothing is left of one that does not arrive whole. */
  async spool(chunks: AsyncIterable<Uint8Array>): Promise<SpooledBill> {
    mkdirSync(this.directory, { recursive: true });
    const file = join(this.directory, `bill-${++this.lastBill}.csv`);
    const sha256 = createHash('sha256');
    let handle: FileHandle | undefined;
    let isWhole = false;
    try {
      handle = await open(file, 'w');
      for await (const chunk of chunks) {
        sha256.update(chunk);
        await handle.write(chunk);
      }
      isWhole = true;
      return { file, sha256: sha256.digest('hex') };
    } finally {
      await handle?.close();
      if (!isWhole) this.remove(file);
    }
  }

  remove(file: string): void {
    rmSync(file, { force: true });
  }

  /** The file of a reconciliation's items. */
  itemsOf(platform: string, reconciliationId: string): string {
    const name = hash('sha256', `${platform}/${reconciliationId}`, 'hex');
    return join(this.directory, `items-${name}.db`);
  }

  hasItems(platform: string, reconciliationId: string): boolean {
    return existsSync(this.itemsOf(platform, reconciliationId));
  }

  /** Lets go of the oldest items where all of them take too much room. */
  keepWithinBounds(): void {
    const kept = readdirSync(this.directory)
      .filter((name) => /^items-[0-9a-f]{64}\.db$/.test(name))
      .map((name) => join(this.directory, name))
      .map((file) => ({ file, stat: statSync(file, { throwIfNoEntry: false }) }))
      .sort((a, b) => (b.stat?.mtimeMs ?? 0) - (a.stat?.mtimeMs ?? 0));
    let bytes = 0;
    for (const { file, stat } of kept) {
      bytes += stat?.size ?? 0;
      if (bytes > MAX_ITEMS_BYTES) removeDatabase(file);
    }
  }
}
