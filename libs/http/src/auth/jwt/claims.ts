import type { JWTPayload } from 'jose';
import { PLATFORM_PATTERN } from '@meterbook/messages/reading/value-check';
import { isScope, Principal, type Scope } from '../principal';
import { TokenRefused } from './token-refused';

/** Where a token says what it may do. */
export interface ClaimNames {
  /** The claim with the scopes; null for the first of `USUAL_SCOPE_CLAIMS` that there is. */
  readonly scopes: string | null;
  readonly platforms: string;
}

const USUAL_SCOPE_CLAIMS = ['scope', 'scopes', 'scp'] as const;
/** Who acts, in the order of looking: a person or a program, else the program that has the token. */
const NAME_CLAIMS = ['sub', 'client_id', 'azp'] as const;
/** A name that can stand in an event: at most 255 characters, none of them a blank or a control. */
const NAME_PATTERN = /^[^\p{C}\p{Z}]{1,255}$/u;

/** The words of a claim: a list of texts, or a text with blanks between them. Undefined where it is neither. */
function wordsOf(claim: unknown): readonly string[] | undefined {
  if (typeof claim === 'string') return claim.split(' ').filter((word) => word !== '');
  const isText = (value: unknown): value is string => typeof value === 'string';
  return Array.isArray(claim) && claim.every(isText) ? claim : undefined;
}

function nameIn(payload: JWTPayload): string {
  const name = NAME_CLAIMS.map((claim) => payload[claim]).find((value) => value !== undefined);
  if (typeof name === 'string' && NAME_PATTERN.test(name)) return name;
  throw new TokenRefused('The token does not say whose it is.');
}

/** Scopes of others, such as `openid`, are passed over. */
function scopesIn(payload: JWTPayload, claim: string | null): ReadonlySet<Scope> {
  const names: readonly string[] = claim === null ? USUAL_SCOPE_CLAIMS : [claim];
  const claimed = names.map((name) => payload[name]).find((value) => value !== undefined) ?? [];
  const words = wordsOf(claimed);
  if (!words) throw new TokenRefused('The scopes of the token are no text and no list of texts.');
  return new Set(words.filter(isScope));
}

/** A limit that cannot be read must not be taken for none. */
function platformsIn(payload: JWTPayload, claim: string): ReadonlySet<string> | null {
  const claimed = payload[claim];
  if (claimed === undefined) return null;
  const words = wordsOf(claimed);
  if (words?.every((word) => PLATFORM_PATTERN.test(word)) === true) return new Set(words);
  throw new TokenRefused('The platforms of the token are no list of platform ids.');
}

/** Who the claims of a proved token say is asking. Throws `TokenRefused`. */
export const principalIn = (payload: JWTPayload, names: ClaimNames): Principal =>
  new Principal(nameIn(payload), scopesIn(payload, names.scopes), platformsIn(payload, names.platforms));
