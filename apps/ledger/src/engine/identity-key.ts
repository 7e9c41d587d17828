import { hash } from 'node:crypto';

/** 128 bits of SHA-256 over whose usage it is, who reported it and under which id: an identity's key in the index. */
export interface IdentityKey {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
}

/** The key of a usage identity (`source`, `id`) within its account (SPEC §9). */
export function identityKey(stream: string, source: string, id: string): IdentityKey {
  const digest = hash('sha256', `${stream}\n${source.length} ${source}\n${id}`, 'buffer');
  return { a: digest.readInt32LE(0), b: digest.readInt32LE(4), c: digest.readInt32LE(8), d: digest.readInt32LE(12) };
}

/** 60 bits of a content digest as two numbers. */
export function digestBits(digest: string): readonly [number, number] {
  return [sextets(digest, 0), sextets(digest, 5)];
}

function sextets(digest: string, from: number): number {
  let bits = 0;
  for (let i = from; i < from + 5; i++) bits = (bits << 6) | (sextet[digest.charCodeAt(i)] ?? 0);
  return bits;
}

/** The letters of base64url, by their value. */
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const sextet = new Uint8Array(128);
for (let value = 0; value < letters.length; value++) sextet[letters.charCodeAt(value)] = value;
