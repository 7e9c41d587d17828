import { closeSync, openSync, readSync } from 'node:fs';
import { isUtf8 } from 'node:buffer';

/** Bytes that are read at a time. */
const CHUNK_BYTES = 1024 * 1024;
const BYTES_PER_MIB = 1024 * 1024;

/** A file that a command was given cannot be used: what is wrong, and what to do. */
export class UnusableFile extends Error {
  override readonly name = 'UnusableFile';

  constructor(
    message: string,
    readonly remedy: string,
  ) {
    super(message);
  }
}

const causes: Readonly<Record<string, string>> = {
  ENOENT: 'it is not there',
  EACCES: 'it may not be read',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is no folder',
};

/** The text of a file of at most so many bytes, without a byte order mark; a pipe is read as far as that. Throws `UnusableFile`. */
export function boundedText(path: string, maxBytes: number): string {
  const bytes = boundedBytes(path, maxBytes);
  if (!isUtf8(bytes)) throw new UnusableFile(`${path} is not UTF-8.`, 'Save it as UTF-8.');
  return bytes.toString('utf8').replace(/^\uFEFF/, '');
}

function boundedBytes(path: string, maxBytes: number): Buffer {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    const file = openSync(path, 'r');
    try {
      for (;;) {
        const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
        const read = readSync(file, chunk);
        if (read === 0) break;
        length += read;
        if (length > maxBytes) throw tooLarge(path, maxBytes);
        chunks.push(chunk.subarray(0, read));
      }
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (error instanceof UnusableFile) throw error;
    const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'nothing';
    throw new UnusableFile(
      `${path} cannot be read: ${causes[code] ?? `the system says ${code}`}.`,
      'Name another file.',
    );
  }
  return Buffer.concat(chunks, length);
}

function tooLarge(path: string, maxBytes: number): UnusableFile {
  return new UnusableFile(
    `${path} is larger than ${maxBytes / BYTES_PER_MIB} MiB, the most that is read here.`,
    'Name the right file, or a part of it.',
  );
}
