import { statfs } from 'node:fs/promises';
import { Gauge, type Registry } from 'prom-client';

/** Tells how much room there is where a process keeps its files; not a number where the disk cannot be asked. */
export function watchDisk(registry: Registry, folder: string): void {
  const gauge = (name: string, help: string, read: (disk: Disk) => number): Gauge =>
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        const disk = await diskOf(folder);
        this.set(disk ? read(disk) : Number.NaN);
      },
    });
  gauge('meterbook_disk_size_bytes', 'Size of the disk that DATA_DIR is on.', ({ sizeBytes }) => sizeBytes);
  gauge('meterbook_disk_free_bytes', 'What of it is free for this process.', ({ freeBytes }) => freeBytes);
}

interface Disk {
  readonly sizeBytes: number;
  readonly freeBytes: number;
}

async function diskOf(folder: string): Promise<Disk | undefined> {
  try {
    const { blocks, bavail, bsize } = await statfs(folder);
    return { sizeBytes: blocks * bsize, freeBytes: bavail * bsize };
  } catch {
    return undefined;
  }
}
