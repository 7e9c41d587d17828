import * as zlib from 'node:zlib';

const SUM_BYTES = 4;

/** Node has it from 20.15 on; before, sums are neither written nor looked at. */
const crc32 = zlib.crc32 as typeof zlib.crc32 | undefined;

/** A CRC-32 of each line of a frame's body, one after the other: bytes that change on the way are noticed, whatever they are. */
export function sumsOf(body: Buffer, lineBytes: readonly number[]): Buffer | null {
  if (!crc32) return null;
  const sums = Buffer.allocUnsafe(lineBytes.length * SUM_BYTES);
  let start = 0;
  for (const [index, bytes] of lineBytes.entries()) {
    sums.writeUInt32LE(crc32(body.subarray(start, start + bytes)), index * SUM_BYTES);
    start += bytes;
  }
  return sums;
}

/** False where a line is not the one that its sum was made of. A frame without sums proves nothing. */
export function isSumOf(sums: Buffer | null, index: number, body: Buffer, start: number, end: number): boolean {
  if (!crc32 || sums === null || (index + 1) * SUM_BYTES > sums.length) return true;
  return crc32(body.subarray(start, end)) === sums.readUInt32LE(index * SUM_BYTES);
}
