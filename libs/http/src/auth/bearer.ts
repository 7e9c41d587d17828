/** Longest bearer token that is looked at, in characters. */
const MAX_TOKEN_LENGTH = 4096;

/** The token of an `Authorization: Bearer …` header; undefined where there is none, or one that no token can be. */
export function bearerOf(authorization: string | string[] | undefined): string | undefined {
  if (typeof authorization !== 'string') return undefined;
  const token = /^bearer +([\x21-\x7e]+) *$/i.exec(authorization)?.[1];
  return token === undefined || token.length > MAX_TOKEN_LENGTH ? undefined : token;
}
