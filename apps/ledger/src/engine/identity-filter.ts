import type { IdentityKey } from './identity-key';

/** Bits of one segment's filter; at a thousand identities a segment, about six look-ups in a million find it for nothing. */
const FILTER_BITS = 32_768;
const PROBES = 8;
const SEGMENTS_PER_GROUP = 8;

/**
 * Bloom filters of many segments, bit-sliced: bit s of byte i is bit i of the filter of segment s, so that eight bytes answer
 * for 8 segments at once. It takes four bytes of memory an identity and only ever says "perhaps" or "no".
 */
export class IdentityFilter {
  private readonly groups = new Map<number, Uint8Array>();

  /** Bytes of memory it takes. */
  get bytes(): number {
    return this.groups.size * FILTER_BITS;
  }

  add(segment: number, { c, d }: IdentityKey): void {
    const bytes = this.groupOf(segment);
    const mask = 1 << (segment % SEGMENTS_PER_GROUP);
    for (let probe = 0; probe < PROBES; probe++) {
      const bit = bitOf(c, d, probe);
      bytes[bit] = (bytes[bit] ?? 0) | mask;
    }
  }

  /** The segments that perhaps hold the key. */
  perhaps({ c, d }: IdentityKey): number[] {
    const segments: number[] = [];
    for (const [group, bytes] of this.groups) {
      let candidates = 0xff;
      for (let probe = 0; probe < PROBES && candidates !== 0; probe++) candidates &= bytes[bitOf(c, d, probe)] ?? 0;
      for (let bit = 0; candidates !== 0 && bit < SEGMENTS_PER_GROUP; bit++)
        if (((candidates >>> bit) & 1) === 1) segments.push(group * SEGMENTS_PER_GROUP + bit);
    }
    return segments;
  }

  private groupOf(segment: number): Uint8Array {
    const group = Math.floor(segment / SEGMENTS_PER_GROUP);
    let bytes = this.groups.get(group);
    if (!bytes) {
      bytes = new Uint8Array(FILTER_BITS);
      this.groups.set(group, bytes);
    }
    return bytes;
  }
}

function bitOf(c: number, d: number, probe: number): number {
  return (Math.imul(d | 1, probe) + c) & (FILTER_BITS - 1);
}
