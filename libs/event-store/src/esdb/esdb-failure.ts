import { convertToCommandError, ErrorType, isCommandError, type CommandError } from '@eventstore/db-client';
import { status } from '@grpc/grpc-js';
import { StoreUnavailable } from '../store-failure';

const passing: ReadonlySet<string> = new Set([
  ErrorType.TIMEOUT,
  ErrorType.DEADLINE_EXCEEDED,
  ErrorType.UNAVAILABLE,
  ErrorType.CANCELLED,
  ErrorType.NOT_LEADER,
]);
/** Of what the client has no class for: an election without a leader answers UNKNOWN, a server that stops INTERNAL or CANCELLED. */
const passingCodes: ReadonlySet<number> = new Set([
  status.UNKNOWN,
  status.INTERNAL,
  status.CANCELLED,
  status.RESOURCE_EXHAUSTED,
  status.DATA_LOSS,
]);

/** True where the call may or may not have had its effect and the same call, made again, will tell. */
export function isUnknownOutcome(error: unknown): boolean {
  if (error instanceof StoreUnavailable) return true;
  const known = commandErrorOf(error);
  if (!known) return false;
  return (
    passing.has(known.type) || (known.type === ErrorType.UNKNOWN && passingCodes.has(known.code ?? status.UNKNOWN))
  );
}

/** True where the node may be stuck, so that another connection has to be tried. */
export function isDeadline(error: unknown): boolean {
  return commandErrorOf(error)?.type === ErrorType.DEADLINE_EXCEEDED;
}

/** Said of a stream that a tombstone ends. */
export const deletedForGood = 'it was deleted for good (a tombstone stands at its end)';

/** True where a tombstone ends the stream that was asked for. */
export function isStreamDeleted(error: unknown): boolean {
  return commandErrorOf(error)?.type === ErrorType.STREAM_DELETED;
}

function commandErrorOf(error: unknown): CommandError | undefined {
  if (!(error instanceof Error) || !('code' in error || isCommandError(error))) return undefined;
  try {
    const converted = convertToCommandError(error);
    return isCommandError(converted) ? converted : undefined;
  } catch {
    // The client's own reading of an error fails where the server left a header out, as in an election.
    return unreadable;
  }
}

const unreadable = { type: ErrorType.UNKNOWN, code: status.UNKNOWN } as CommandError;
