import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { rename, unlink, writeFile } from 'node:fs/promises';
import { threadId } from 'node:worker_threads';
import { StreamIndex } from './stream-index';

/** Raised whenever the file's content changes: an older one is then built anew. */
const FORMAT: number = 2;

interface SavedIndex {
  readonly index: StreamIndex;
  /** Position of the first event that it does not cover. */
  readonly next: number;
  /** Hash of the last frame that it covers. */
  readonly lastHash: string;
}

interface Header {
  readonly format: number;
  readonly count: number;
  readonly next: number;
  readonly lastHash: string;
  readonly lengths: readonly number[];
  readonly sha256: string;
}

/** Writes the index beside the store, whole or not at all. It only saves time: a failed write is left to the next one. */
export async function saveStreamIndex(path: string, index: StreamIndex, next: number, lastHash: string): Promise<void> {
  const buffers = index.toBuffers();
  const content = Buffer.concat(buffers);
  const header: Header = {
    format: FORMAT,
    count: index.size,
    next,
    lastHash,
    lengths: buffers.map((buffer) => buffer.length),
    sha256: hash('sha256', content),
  };
  const temporary = `${path}.${process.pid}.${threadId}`;
  try {
    await writeFile(temporary, [Buffer.from(`${JSON.stringify(header)}\n`), content]);
    await rename(temporary, path);
  } catch {
    await unlink(temporary).catch(() => undefined);
  }
}

/** Reads the index if it is whole and belongs to this store's frames; otherwise it is built anew from them. */
export function loadStreamIndex(
  path: string,
  hashBefore: (position: number) => string | undefined,
): SavedIndex | undefined {
  try {
    const file = readFileSync(path);
    const headerEnd = file.indexOf(10);
    const header = JSON.parse(file.toString('utf8', 0, headerEnd)) as Header;
    const content = file.subarray(headerEnd + 1);
    if (
      header.format !== FORMAT ||
      hash('sha256', content) !== header.sha256 ||
      hashBefore(header.next) !== header.lastHash
    )
      return undefined;
    let start = 0;
    const buffers = header.lengths.map((length) => content.subarray(start, (start += length)));
    return { index: StreamIndex.fromBuffers(header.count, buffers), next: header.next, lastHash: header.lastHash };
  } catch {
    return undefined;
  }
}
