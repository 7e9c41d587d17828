import { digestBits, type IdentityKey } from './identity-key';

/** Where a usage was charged: revision of its `UsageCharged` in the account's stream, index in it, and its content's digest. */
export interface ChargedAt {
  readonly revision: number;
  readonly index: number;
  readonly digestBits: readonly [number, number];
}

/** Words of an entry: four of the key, revision, index, two of the digest. */
const WORDS = 8;
const INITIAL_ENTRIES = 2;

/** The usage identities that an account was charged for since its last checkpoint: 32 bytes each, looked through in order. */
export class RecentIdentities {
  private entries = new Int32Array(INITIAL_ENTRIES * WORDS);
  private count = 0;

  get size(): number {
    return this.count;
  }

  /** Bytes of memory it takes. */
  get bytes(): number {
    return this.entries.length * 4;
  }

  find(key: IdentityKey): ChargedAt | undefined {
    return findIn(this.entries, this.count, key);
  }

  add(key: IdentityKey, revision: number, index: number, digest: string): void {
    if (this.count * WORDS === this.entries.length) {
      const grown = new Int32Array(this.entries.length * 2);
      grown.set(this.entries);
      this.entries = grown;
    }
    const [high, low] = digestBits(digest);
    this.entries.set([key.a, key.b, key.c, key.d, revision, index, high, low], this.count * WORDS);
    this.count += 1;
  }

  clear(): void {
    this.entries = new Int32Array(INITIAL_ENTRIES * WORDS);
    this.count = 0;
  }

  /** The entries of a range, 32 bytes each, base64. */
  pack(from = 0, to = this.count): string {
    const bytesPerEntry = WORDS * 4;
    const length = (Math.min(to, this.count) - from) * bytesPerEntry;
    return Buffer.from(this.entries.buffer, this.entries.byteOffset + from * bytesPerEntry, length).toString('base64');
  }
}

/** The entries that `pack` wrote. */
export class PackedIdentities {
  private readonly entries: Int32Array;

  constructor(packed: string) {
    const bytes = Buffer.from(packed, 'base64');
    this.entries = new Int32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  }

  find(key: IdentityKey): ChargedAt | undefined {
    return findIn(this.entries, this.entries.length / WORDS, key);
  }

  *keys(): Iterable<IdentityKey> {
    const { entries } = this;
    for (let at = 0; at < entries.length; at += WORDS)
      yield { a: word(entries, at), b: word(entries, at + 1), c: word(entries, at + 2), d: word(entries, at + 3) };
  }
}

function findIn(entries: Int32Array, count: number, key: IdentityKey): ChargedAt | undefined {
  for (let at = (count - 1) * WORDS; at >= 0; at -= WORDS)
    if (entries[at] === key.a && entries[at + 1] === key.b && entries[at + 2] === key.c && entries[at + 3] === key.d)
      return {
        revision: word(entries, at + 4),
        index: word(entries, at + 5),
        digestBits: [word(entries, at + 6), word(entries, at + 7)],
      };
  return undefined;
}

function word(entries: Int32Array, at: number): number {
  return entries[at] ?? 0;
}
