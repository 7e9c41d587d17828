import { hash } from 'node:crypto';
import { canonicalJson } from '@meterbook/domain/rulebook/canonical-json';

/** 132 bits: two bodies that differ never share it, and it is short enough to be kept with every command. */
const DIGEST_LENGTH = 22;

/** The content of a command's body, whatever its key order and spacing: SHA-256 of its canonical JSON, base64url, 22 characters. */
export function bodyDigest(body: unknown): string {
  return hash('sha256', canonicalJson(body ?? null), 'base64url').slice(0, DIGEST_LENGTH);
}
