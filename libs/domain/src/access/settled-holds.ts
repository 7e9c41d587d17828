import type { Charge } from '../account/charging/events';
import { storedInstant } from '../time/instant';
import { parseAuthorizationId } from './authorization-id';

/** A hold that an event of the account has settled. */
export interface SettledHold {
  readonly id: string;
  /** Revision of its `HoldPlaced`. */
  readonly hold: number;
  /** When it would have expired, milliseconds since 1970. */
  readonly expiresAt: number;
  /** Revision of the account's event that settled it. */
  readonly at: number;
}

interface SettlesHolds {
  settledHolds: SettledHold[] | null;
}

/** The longest that a hold can live, milliseconds: an id that claims more is none. */
export const LONGEST_HOLD_MS = 86_400_000;
/** How far the clocks of two processes may be apart, milliseconds. */
const CLOCK_TOLERANCE_MS = 300_000;
/**
 * Settled holds that one account remembers. Of more the oldest are forgotten: as long as nobody has asked since, those count as
 * live until they expire, so that less can be reserved and never more.
 */
export const MAX_SETTLED_HOLDS = 10_000;

/**
 * Notes the holds that charges settle. One that has expired, or that could not live so long, changes nothing; so the account keeps
 * no more than what can still be live. `decidedAt` is when the charges were decided; without it they settle nothing.
 */
export function noteCharged(
  owner: SettlesHolds,
  charges: readonly Charge[],
  decidedAt: string | undefined,
  revision: number,
): void {
  for (const { authorizationId } of charges) {
    if (authorizationId === undefined || decidedAt === undefined) continue;
    const now = storedInstant(decidedAt);
    const parts = parseAuthorizationId(authorizationId);
    if (parts === undefined || parts.expiresAt <= now) continue;
    if (parts.expiresAt > now + LONGEST_HOLD_MS + CLOCK_TOLERANCE_MS) continue;
    forgetExpired(owner, now);
    remember(owner, authorizationId, revision);
  }
}

/** Notes the hold that a refund had set aside for itself. */
export function noteSettled(owner: SettlesHolds, id: string | undefined, revision: number): void {
  if (id !== undefined && parseAuthorizationId(id) !== undefined) remember(owner, id, revision);
}

function remember(owner: SettlesHolds, id: string, at: number): void {
  const parts = parseAuthorizationId(id);
  if (parts === undefined) return;
  owner.settledHolds ??= [];
  owner.settledHolds.push({ id, ...parts, at });
  if (owner.settledHolds.length > MAX_SETTLED_HOLDS) owner.settledHolds.shift();
}

/** Those in front that have expired: settled in the order of their placing, they nearly expire in it too. */
function forgetExpired({ settledHolds }: SettlesHolds, nowMs: number): void {
  if (settledHolds === null) return;
  let expired = 0;
  for (const { expiresAt } of settledHolds) {
    if (expiresAt > nowMs) break;
    expired += 1;
  }
  if (expired > 0) settledHolds.splice(0, expired);
}
