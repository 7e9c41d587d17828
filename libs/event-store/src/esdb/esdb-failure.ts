import { convertToCommandError, ErrorType, isCommandError, type CommandError } from '@eventstore/db-client';
import { status } from '@grpc/grpc-js';
import { StoreUnavailable, StoreUnfit } from '../store-failure';

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

/** What Node and OpenSSL say of a certificate that nobody vouches for, that is out of date, or that is another host's. */
const certificateFault = /certificate|CERT_|altnames/i;
/** What OpenSSL says where the other side does not speak TLS. */
const noTls = /wrong version number|packet length too long/i;

/** A connection that will not come about however often it is tried, in a sentence with the remedy. */
export function unfitConnection(error: unknown): StoreUnfit | undefined {
  const text = error instanceof Error ? error.message : '';
  const [certificate, plain] = [certificateFault.exec(text), noTls.exec(text)];
  if (plain)
    return new StoreUnfit(
      'the event store does not speak TLS: start it with a certificate, or write tls=false into its connection string',
      error,
    );
  if (!certificate) return undefined;
  const said =
    /(?:Last error: )?(?:Error: )?([^.:]*(?:certificate|CERT_|altnames)[^.]*)/i.exec(text)?.[1]?.trim() ?? 'unknown';
  return new StoreUnfit(
    `the certificate of the event store is not taken (${said}): name its authority with tlsCAFile in the connection string, or give the server a certificate for the host that is named there`,
    error,
  );
}

/** An account on the server that may not do what the books need, in a sentence with the remedy. */
export function unfitCredentials(error: unknown): StoreUnfit | undefined {
  if (commandErrorOf(error)?.type !== ErrorType.ACCESS_DENIED) return undefined;
  const isUnknown = error instanceof Error && 'code' in error && error.code === status.UNAUTHENTICATED;
  return new StoreUnfit(
    isUnknown
      ? 'the event store does not take the user and the password of its connection string: correct them there, or on the server'
      : 'the user of the connection string may not read $all of the event store: put it into the group $admins, or let an ACL on $all name it',
    error,
  );
}

/** True where the call may or may not have had its effect and the same call, made again, will tell. */
export function isUnknownOutcome(error: unknown): boolean {
  if (error instanceof StoreUnavailable) return true;
  if (unfitConnection(error)) return false;
  const known = commandErrorOf(error);
  if (!known) return false;
  return (
    passing.has(known.type) || (known.type === ErrorType.UNKNOWN && passingCodes.has(known.code ?? status.UNKNOWN))
  );
}

/** What a caller is told who has asked as often as allowed and got no answer: for whatever writes nothing. */
export function unavailable(error: unknown): StoreUnavailable {
  if (error instanceof StoreUnavailable) return error;
  return new StoreUnavailable(error instanceof Error ? error.message : String(error), error);
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
