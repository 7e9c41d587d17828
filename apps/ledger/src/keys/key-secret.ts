import type { Random } from '@meterbook/runtime/random';

const SECRET_BYTES = 32;
const secretPattern = /^mb_[\w-]{43}$/;

/** A new secret of an API key. */
export function newKeySecret(random: Random): string {
  return `mb_${Buffer.from(random.bytes(SECRET_BYTES)).toString('base64url')}`;
}

/** Whether a text can be the secret of an API key at all. */
export function isKeySecret(text: string): boolean {
  return secretPattern.test(text);
}
