import { hash } from 'node:crypto';

/** What the first event of a stream is chained to. */
export const chainStart = '';

/**
 * SHA-256, base64url, over the previous event's hash and the stored texts of this one (SPEC §10).
 * A changed byte in any of them gives another hash, and so does an event that was left out before it.
 */
export function chainHash(
  previousHash: string,
  stream: string,
  revision: number,
  type: string,
  metadata: string,
  data: string,
): string {
  return hash('sha256', `${previousHash}\n${stream} ${revision}\t${type}\t${metadata}\t${data}`, 'base64url');
}
