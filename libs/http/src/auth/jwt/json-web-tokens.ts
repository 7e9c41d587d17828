import { errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey, type JWTVerifyOptions } from 'jose';
import type { Clock } from '@meterbook/runtime/clock';
import type { Principal } from '../principal';
import { principalIn, type ClaimNames } from './claims';
import type { IssuerKeys } from './issuer-keys';
import { TokenRefused } from './token-refused';

/** Longest JSON web token that is looked at, in characters. */
const MAX_JWT_LENGTH = 8192;
/** Tokens that were proved and are known by their hash until they expire: the oldest is forgotten first. */
const MAX_PROVED_TOKENS = 10_000;
/** Keys that are tried for a token that does not name its own. */
const MAX_KEYS_TRIED = 4;
const MS_PER_SECOND = 1_000;

export interface TokenRules {
  readonly issuer: string;
  readonly audience: readonly string[];
  readonly algorithms: readonly string[];
  /** How far the clocks of others may be off, seconds. */
  readonly skewSeconds: number;
  readonly claims: ClaimNames;
}

interface ProvedToken {
  readonly principal: Principal;
  readonly untilMs: number;
  /** Of the keys that it was proved by. */
  readonly generation: number;
}

/** Tokens of an issuer: JSON web tokens, proved by its public keys. */
export class JsonWebTokens {
  private readonly proved = new Map<string, ProvedToken>();

  constructor(
    readonly keys: IssuerKeys,
    private readonly rules: TokenRules,
    private readonly clock: Clock,
    private readonly mostProved = MAX_PROVED_TOKENS,
  ) {}

  /** How many tokens are known without proving them again. */
  get known(): number {
    return this.proved.size;
  }

  /** Whose token it is, at once where it was proved before. Rejects with `TokenRefused` or `KeysAway`. The digest stands for the token. */
  principalOf(token: string, digest: Buffer): Principal | Promise<Principal> {
    const hash = digest.toString('base64');
    const known = this.proved.get(hash);
    if (known && this.isStillProved(known)) return known.principal;
    this.proved.delete(hash);
    return this.prove(token, hash);
  }

  private isStillProved({ generation, untilMs }: ProvedToken): boolean {
    return generation === this.keys.generation && this.clock.now() < untilMs && this.keys.areGood;
  }

  private async prove(token: string, hash: string): Promise<Principal> {
    if (token.length > MAX_JWT_LENGTH) throw new TokenRefused(`The token is longer than ${MAX_JWT_LENGTH} characters.`);
    const { issuer, audience, algorithms, skewSeconds, claims } = this.rules;
    const options: JWTVerifyOptions = {
      issuer,
      audience: [...audience],
      algorithms: [...algorithms],
      clockTolerance: skewSeconds,
      currentDate: new Date(this.clock.now()),
      requiredClaims: ['exp'],
    };
    const { generation } = this.keys;
    const payload = await provedPayload(token, this.keys.keyOf, options);
    const principal = principalIn(payload, claims);
    const untilMs = ((payload.exp ?? 0) + skewSeconds) * MS_PER_SECOND;
    // Where the keys have changed meanwhile nobody knows by which it was proved.
    if (generation === this.keys.generation) this.remember(hash, { principal, untilMs, generation });
    return principal;
  }

  private remember(hash: string, token: ProvedToken): void {
    const [oldest] = this.proved.size >= this.mostProved ? this.proved.keys() : [];
    if (oldest !== undefined) this.proved.delete(oldest);
    this.proved.set(hash, token);
  }
}

/** What `jose` names by its codes, for who sent the token. Only a token with a right signature gets as far as its claims. */
const claimSentences: Readonly<Record<string, string>> = {
  iss: 'The token is of another issuer.',
  aud: 'The token is for another audience.',
  exp: 'The token does not say until when it is valid.',
  nbf: 'The token is not valid yet.',
};

function refusalFor(error: errors.JOSEError): TokenRefused {
  if (error instanceof errors.JWTExpired) return new TokenRefused('The token has expired.');
  if (error instanceof errors.JOSEAlgNotAllowed)
    return new TokenRefused('The token has an algorithm that is not taken.');
  if (error instanceof errors.JWKSNoMatchingKey)
    return new TokenRefused('The token is signed by a key that is not known.');
  if (error instanceof errors.JWTClaimValidationFailed)
    return new TokenRefused(claimSentences[error.claim] ?? 'A claim of the token is not what it should be.');
  return new TokenRefused('The token is no JSON web token with a right signature.');
}

async function provedPayload(token: string, keyOf: JWTVerifyGetKey, options: JWTVerifyOptions): Promise<JWTPayload> {
  try {
    return (await jwtVerify(token, keyOf, options)).payload;
  } catch (error) {
    if (error instanceof errors.JWKSMultipleMatchingKeys) return provedByOneOf(token, error, options);
    throw error instanceof errors.JOSEError ? refusalFor(error) : error;
  }
}

/** A token that does not name its key is tried with a few that may be it. */
async function provedByOneOf(
  token: string,
  candidates: errors.JWKSMultipleMatchingKeys,
  options: JWTVerifyOptions,
): Promise<JWTPayload> {
  let tried = 0;
  for await (const key of candidates) {
    if ((tried += 1) > MAX_KEYS_TRIED) break;
    try {
      return (await jwtVerify(token, key, options)).payload;
    } catch (error) {
      if (error instanceof errors.JWSSignatureVerificationFailed) continue;
      throw error instanceof errors.JOSEError ? refusalFor(error) : error;
    }
  }
  throw new TokenRefused('The token names no key, and none that was tried is its own.');
}
