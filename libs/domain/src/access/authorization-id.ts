/** Where a hold stands in its stream and until when it lives: what an `authorizationId` says, so that nobody needs a list of them. */
export interface AuthorizationIdParts {
  /** Revision of the `HoldPlaced`. */
  readonly hold: number;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** Characters of the content digest that make an id one of its own account and request. */
const TAG_LENGTH = 11;
const spelling = /^auth_([0-9a-z]{1,10})_([0-9a-z]{1,10})_[A-Za-z0-9_-]{11}$/;

/** The id of the hold at a revision. The digest is that of the command, account included. */
export function authorizationId({ hold, expiresAt }: AuthorizationIdParts, digest: string): string {
  return `auth_${hold.toString(36)}_${expiresAt.toString(36)}_${digest.slice(0, TAG_LENGTH)}`;
}

/** What an id says; undefined where it is none. Whether there is such a hold only its stream knows. */
export function parseAuthorizationId(id: string): AuthorizationIdParts | undefined {
  const [, hold, expiresAt] = spelling.exec(id) ?? [];
  if (hold === undefined || expiresAt === undefined) return undefined;
  const parts = { hold: parseInt(hold, 36), expiresAt: parseInt(expiresAt, 36) };
  return Number.isSafeInteger(parts.hold) && Number.isSafeInteger(parts.expiresAt) ? parts : undefined;
}

/** Whether an id is of a command with this digest. */
export function hasTagOf(id: string, digest: string): boolean {
  return id.endsWith(`_${digest.slice(0, TAG_LENGTH)}`);
}
