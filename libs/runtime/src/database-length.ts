import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';

const HEADER_BYTES = 100;
const WAL_HEADER_BYTES = 32;
const WAL_FRAME_HEADER_BYTES = 24;
/** Where the log and each of its frames keep the numbers that were drawn when the log began. */
const SALTS = { inHeader: 16, inFrame: 8, bytes: 8 };
/** What stands for 65,536 in the two bytes of the page size. */
const LARGEST_PAGE = { written: 1, bytes: 65_536 };

/**
 * True where an SQLite file ends before the last page that its header tells of, and the missing pages are not in its write-ahead log
 * either. SQLite itself does not notice while there is a log, and fails in the middle of the work. A crash while the log is moved
 * into the file leaves it short as well, but then the log has the rest.
 */
export function isCutShort(file: string): boolean {
  const header = Buffer.alloc(HEADER_BYTES);
  const size = readAt(file, header, 0);
  const isCounted = header.readUInt32BE(24) === header.readUInt32BE(92);
  const written = header.readUInt16BE(16);
  const pageBytes = written === LARGEST_PAGE.written ? LARGEST_PAGE.bytes : written;
  // An empty file is a beginning, and whatever has no header that counts its pages is for SQLite to judge.
  if (size < HEADER_BYTES || !isCounted || pageBytes === 0) return false;
  const missing = new Set<number>();
  for (let page = Math.floor(size / pageBytes) + 1; page <= header.readUInt32BE(28); page++) missing.add(page);
  if (missing.size > 0) takeLogged(`${file}-wal`, pageBytes, missing);
  return missing.size > 0;
}

/** Takes the pages that a write-ahead log holds out of a set. What stands behind its end is left over from before it began anew. */
function takeLogged(log: string, pageBytes: number, pages: Set<number>): void {
  if (!existsSync(log)) return;
  const [header, frame] = [Buffer.alloc(WAL_HEADER_BYTES), Buffer.alloc(WAL_FRAME_HEADER_BYTES)];
  const frameBytes = WAL_FRAME_HEADER_BYTES + pageBytes;
  const descriptor = openSync(log, 'r');
  try {
    const { size } = fstatSync(descriptor);
    readSync(descriptor, header, 0, header.length, 0);
    for (let at = WAL_HEADER_BYTES; at + frameBytes <= size && pages.size > 0; at += frameBytes) {
      readSync(descriptor, frame, 0, frame.length, at);
      if (
        frame.compare(
          header,
          SALTS.inHeader,
          SALTS.inHeader + SALTS.bytes,
          SALTS.inFrame,
          SALTS.inFrame + SALTS.bytes,
        ) !== 0
      )
        return;
      pages.delete(frame.readUInt32BE(0));
    }
  } finally {
    closeSync(descriptor);
  }
}

/** Fills a buffer from a place of a file, and says how large the file is. */
function readAt(file: string, into: Buffer, position: number): number {
  const descriptor = openSync(file, 'r');
  try {
    readSync(descriptor, into, 0, into.length, position);
    return fstatSync(descriptor).size;
  } finally {
    closeSync(descriptor);
  }
}
