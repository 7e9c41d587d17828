/** Longest bearer token that is looked at, in characters. Node takes no header that is much longer. */
const MAX_TOKEN_LENGTH = 12_288;

/** The token of an `Authorization: Bearer …` header; undefined where there is none, or one that no token can be. */
export function bearerOf(authorization: string | string[] | undefined): string | undefined {
  if (typeof authorization !== 'string') return undefined;
  const token = /^bearer +([\x21-\x7e]+) *$/i.exec(authorization)?.[1];
  return token === undefined || token.length > MAX_TOKEN_LENGTH ? undefined : token;
}
