import { timingSafeEqual } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { isScope, Principal, scopes } from './principal';
import { whyNotThere } from '@meterbook/runtime/path-failure';
import { PLATFORM_PATTERN, isPlainObject } from '@meterbook/messages/reading/value-check';

/** Largest file of tokens that is read, bytes: thousands of them. */
const MAX_FILE_BYTES = 1024 * 1024;

interface StoredToken {
  readonly sha256: Buffer;
  readonly principal: Principal;
}

/** The file of tokens is not what it should be. The message holds no value of it. */
export class AccessTokensError extends Error {
  override readonly name = 'AccessTokensError';
  readonly remedy =
    'Write the file of tokens as "Access" in docs/operating.md says, and set METERBOOK_TOKENS to its path.';
}

const isPlatform = (value: unknown): value is string => typeof value === 'string' && PLATFORM_PATTERN.test(value);

function setOf<T>(values: unknown, isMember: (value: unknown) => value is T): ReadonlySet<T> | undefined {
  return Array.isArray(values) && values.length > 0 && values.every(isMember) ? new Set(values) : undefined;
}

function readToken(entry: unknown, at: number): StoredToken {
  const bad = (what: string): AccessTokensError => new AccessTokensError(`Token ${at} (counted from 0) ${what}.`);
  if (!isPlainObject(entry)) throw bad('is no object');
  const { name, sha256, scopes: scopeNames, platforms, ...rest } = entry;
  if (Object.keys(rest).length > 0) throw bad('has a key that is not known');
  if (typeof name !== 'string' || !/^[\w.:@-]{1,128}$/.test(name))
    throw bad('needs a name of letters, digits and _.:@-');
  if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/i.test(sha256)) throw bad('needs sha256, 64 hexadecimal digits');
  const granted = setOf(scopeNames, isScope);
  if (!granted) throw bad(`needs scopes, some of ${scopes.join(', ')}`);
  const limits = platforms === undefined ? null : setOf(platforms, isPlatform);
  if (limits === undefined) throw bad('has platforms that are no list of platform ids');
  return { sha256: Buffer.from(sha256, 'hex'), principal: new Principal(name, granted, limits) };
}

const named = (path: string, { message }: AccessTokensError): AccessTokensError =>
  new AccessTokensError(`${resolve(path)}, which METERBOOK_TOKENS names: ${message}`);

function readTokens(text: string): readonly StoredToken[] {
  let entries: unknown;
  try {
    entries = JSON.parse(text);
  } catch {
    throw new AccessTokensError('The file of tokens is not JSON.');
  }
  if (!Array.isArray(entries) || entries.length === 0)
    throw new AccessTokensError('The file of tokens holds no list of tokens.');
  const tokens = entries.map(readToken);
  if (new Set(tokens.map(({ principal }) => principal.name)).size < tokens.length) {
    throw new AccessTokensError('Two tokens have the same name.');
  }
  return tokens;
}

/** The static tokens of a deployment. Only their hashes are known here. */
export class AccessTokens {
  private constructor(private readonly tokens: readonly StoredToken[]) {}

  /** From `[{"name", "sha256", "scopes", "platforms"?}]`. Throws an `AccessTokensError`. */
  static parse(text: string): AccessTokens {
    return new AccessTokens(readTokens(text));
  }

  /** Reads the file at a path. Throws an `AccessTokensError`. */
  static read(path: string): AccessTokens {
    let text: string;
    try {
      if (statSync(path).size > MAX_FILE_BYTES) throw new AccessTokensError('The file of tokens is larger than 1 MiB.');
      text = readFileSync(path, 'utf8');
    } catch (error) {
      if (error instanceof AccessTokensError) throw named(path, error);
      throw new AccessTokensError(
        `The file of tokens ${resolve(path)}, which METERBOOK_TOKENS names, cannot be read: ${whyNotThere(error)}.`,
      );
    }
    try {
      return AccessTokens.parse(text);
    } catch (error) {
      throw error instanceof AccessTokensError ? named(path, error) : error;
    }
  }

  /** Whose token has this SHA-256; undefined where nobody's has. */
  principalOf(digest: Buffer): Principal | undefined {
    let found: Principal | undefined;
    // Without a way out at the first match, so that the time tells nothing about which one it was.
    for (const { sha256, principal } of this.tokens) if (timingSafeEqual(sha256, digest)) found = principal;
    return found;
  }
}

/** Whether only this machine can reach a server that listens there. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^(::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}
