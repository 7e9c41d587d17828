import { positionRemark, type Position } from '../event-store';

/** Digits of the largest 64-bit position. */
const DIGITS = 20;
/** What the server says where it does not know a position. */
const unknownPosition = '18446744073709551615';

/** Stands before every event of the store. */
export const zeroPosition: Position = positionText('0', '0');

export interface LogPosition {
  readonly commit: string;
  readonly prepare: string;
}

/** `commit/prepare`, both in 20 digits, so that the text's order is the store's order. */
export function positionText(commit: string, prepare: string): Position {
  return `${commit.padStart(DIGITS, '0')}/${prepare.padStart(DIGITS, '0')}`;
}

/** The position of a recorded event. A server before 23.10 leaves it out of what it reads from a stream. */
export function recordedPosition(commit: string, prepare: string): Position {
  if (commit === unknownPosition || prepare === unknownPosition)
    throw new Error('the event store does not say where an event stands: it must be EventStoreDB 23.10 or later');
  return positionText(commit, prepare);
}

/**
 * The position with *booked at* there, milliseconds: a subscription that begins after it goes on from the same running maximum as
 * one that has come there by itself.
 */
export function withBookedAt(position: Position, bookedAt: number): Position {
  return position.includes(positionRemark) ? position : `${position}${positionRemark}${bookedAt}`;
}

/** *Booked at* as a position carries it, milliseconds; undefined where it carries none. */
export function bookedAtOf(position: Position): number | undefined {
  const match = /;(\d{1,16})$/.exec(position);
  return match ? Number(match[1]) : undefined;
}

export function logPosition(position: Position): LogPosition {
  const match = /^(\d{20})\/(\d{20})(?:;\d{1,16})?$/.exec(position);
  if (!match) throw new Error(`"${position}" is not a position of this event store`);
  return { commit: BigInt(match[1] as string).toString(), prepare: BigInt(match[2] as string).toString() };
}
