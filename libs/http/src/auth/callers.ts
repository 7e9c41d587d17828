import { createHash } from 'node:crypto';
import { Problem, retryAfter } from '../problem/problem';
import { bearerOf } from './bearer';
import { KeysAway } from './jwt/issuer-keys';
import type { JsonWebTokens } from './jwt/json-web-tokens';
import { TokenRefused } from './jwt/token-refused';
import { Principal, type Scope } from './principal';
import type { TokenFile } from './token-file';

/** Three parts in base64url, as a signed JSON web token has them. */
const JWT_PATTERN = /^[\w-]+\.[\w-]+\.[\w-]+$/;

const everyone = new Principal('anonymous', new Set<Scope>(['admin']), null, true);

/** A principal, or why there is none. */
export type Identity = Principal | Problem;

const noToken = (): Problem =>
  new Problem('unauthenticated', 'Send a known token as `Authorization: Bearer …`.', {
    headers: { 'www-authenticate': 'Bearer' },
  });

const badToken = (detail: string): Problem =>
  new Problem('unauthenticated', detail, { headers: { 'www-authenticate': 'Bearer error="invalid_token"' } });

/** Finds out who sends a request: by the file of static tokens, by the tokens of an issuer, or by both. */
export class Callers {
  constructor(
    readonly file: TokenFile | null,
    readonly jwts: JsonWebTokens | null,
  ) {}

  /** Where nothing is configured, everybody may do everything: for loopback addresses only. */
  get areConfigured(): boolean {
    return this.file !== null || this.jwts !== null;
  }

  /** Whose token the `Authorization` header holds, or why it is refused. At once, unless a token has to be proved first. */
  identify(authorization: string | undefined): Identity | Promise<Identity> {
    const { file, jwts } = this;
    if (!this.areConfigured) return everyone;
    const token = bearerOf(authorization);
    if (token === undefined) return noToken();
    const digest = createHash('sha256').update(token).digest();
    const known = file?.principalOf(digest);
    if (known) return known;
    if (!jwts || !JWT_PATTERN.test(token)) return badToken('Send a known token as `Authorization: Bearer …`.');
    const principal = jwts.principalOf(token, digest);
    return principal instanceof Principal ? principal : principal.catch(problemOf);
  }
}

function problemOf(error: unknown): Problem {
  if (error instanceof TokenRefused) return badToken(error.message);
  if (error instanceof KeysAway)
    return new Problem('unavailable', 'Tokens cannot be checked just now: their issuer does not answer.', {
      headers: retryAfter(error.retryAfterSeconds),
    });
  throw error;
}
