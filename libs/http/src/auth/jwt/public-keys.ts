import { createPublicKey, type JsonWebKey } from 'node:crypto';
import type { JSONWebKeySet, JWK } from 'jose';
import { isPlainObject } from '@meterbook/messages/reading/value-check';

/** Most keys of one document that are used; an issuer has two or three. */
const MAX_KEYS = 100;
/** Shorter RSA keys prove nothing, bits. */
const MIN_RSA_BITS = 2048;

/** A key that signatures can be checked with. What others must not know has no place in a public document: it proves nothing. */
function isPublicKey(key: unknown): key is JWK {
  if (!isPlainObject(key) || 'd' in key || 'k' in key) return false;
  try {
    const { type, asymmetricKeyDetails } = createPublicKey({ key: key as JsonWebKey, format: 'jwk' });
    const bits = asymmetricKeyDetails?.modulusLength;
    return type === 'public' && (bits === undefined || bits >= MIN_RSA_BITS);
  } catch {
    return false;
  }
}

/** The keys of a JWKS that signatures can be checked with; those of other kinds are passed over. Throws where it is no JWKS. */
export function publicKeysOf(document: string): JSONWebKeySet {
  let content: unknown;
  try {
    content = JSON.parse(document);
  } catch {
    throw new Error('it is not JSON');
  }
  if (!isPlainObject(content) || !Array.isArray(content['keys'])) throw new Error('it is no JWKS');
  return { keys: content['keys'].slice(0, MAX_KEYS).filter(isPublicKey) };
}
