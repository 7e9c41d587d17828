import { bytesOf } from './embedded/text-bytes';

const SEED = 0x9747b28c;
const MULTIPLIER = 0x5bd1e995;
const SHIFT = 24;

/** Keys up to this many bytes are hashed without allocating. */
const SCRATCH_BYTES = 1024;
const scratch = new Uint8Array(SCRATCH_BYTES);

/** The partition of a key: murmur2 made positive, modulo the number of partitions, as Kafka's default partitioner has it. */
export function partitionOf(key: string, partitions: number): number {
  return (murmur2(key) & 0x7fffffff) % partitions;
}

/** murmur2 of the key's UTF-8 bytes with Kafka's seed, as a signed 32-bit integer (org.apache.kafka.common.utils.Utils). */
export function murmur2(key: string): number {
  if (key.length > SCRATCH_BYTES) return hash(bytesOf(key));
  for (let i = 0; i < key.length; i += 1) {
    const code = key.charCodeAt(i);
    if (code > 0x7f) return hash(bytesOf(key));
    scratch[i] = code;
  }
  return hash(scratch, key.length);
}

function hash(bytes: Uint8Array, length = bytes.length): number {
  const at = (index: number): number => bytes[index] ?? 0;
  let h = SEED ^ length;
  let i = 0;
  for (; i + 4 <= length; i += 4) {
    let k = at(i) | (at(i + 1) << 8) | (at(i + 2) << 16) | (at(i + 3) << 24);
    k = Math.imul(k, MULTIPLIER);
    k ^= k >>> SHIFT;
    h = Math.imul(h, MULTIPLIER) ^ Math.imul(k, MULTIPLIER);
  }
  const rest = length - i;
  if (rest === 3) h ^= at(i + 2) << 16;
  if (rest >= 2) h ^= at(i + 1) << 8;
  if (rest >= 1) h = Math.imul(h ^ at(i), MULTIPLIER);
  h = Math.imul(h ^ (h >>> 13), MULTIPLIER);
  return h ^ (h >>> 15);
}
