import type { AppendResp } from '@eventstore/db-client/generated/streams_pb';
import { status, type sendUnaryData, type ServiceError } from '@grpc/grpc-js';
import type { AppendError, AppendFault, WireState } from './wire-faults';
import type { ProposedRecord, WireLog } from './wire-log';
import { appendAnswer, failure, streamDeleted } from './wire-messages';

/** One append as it has arrived. */
export interface WireAppend {
  readonly stream: string;
  readonly expected: number;
  readonly proposed: readonly ProposedRecord[];
}

/** Writes and answers as a server does that works. */
export function answerAppend(log: WireLog, append: WireAppend, answer: sendUnaryData<AppendResp>): void {
  const result = log.append(append.stream, append.expected, append.proposed);
  if (result.kind === 'deleted') answer(streamDeleted(append.stream));
  else answer(null, appendAnswer(append.expected, result));
}

/** Does with an append what the fault says. */
export function spoilAppend(
  log: WireLog,
  append: WireAppend,
  fault: AppendFault,
  answer: sendUnaryData<AppendResp>,
): void {
  switch (fault.kind) {
    case 'late':
      setTimeout(() => answerAppend(log, append, answer), fault.ms);
      return;
    case 'silent':
      return;
    case 'silent-written':
      log.append(append.stream, append.expected, append.proposed);
      return;
    case 'refused-written': {
      log.append(append.stream, append.expected, append.proposed);
      const current = log.head(append.stream);
      answer(null, appendAnswer(append.expected, { kind: 'wrong-expected-version', current }));
      return;
    }
    case 'partial':
      log.append(append.stream, append.expected, append.proposed.slice(0, fault.events));
      return answer(unavailable());
    case 'overtaken':
      fault.write();
      return answer(unavailable());
    case 'failed-written':
      log.append(append.stream, append.expected, append.proposed);
      return answer(errorOf(fault.error));
    case 'failed':
      return answer(errorOf(fault.error));
    case 'not-leader':
      return answer(
        notLeader({ 'leader-endpoint-host': '127.0.0.1', 'leader-endpoint-port': String(fault.leaderPort) }),
      );
  }
}

export const unavailable = (): ServiceError => failure(status.UNAVAILABLE, 'Server Is Not Ready');

/** What a node in a state answers; undefined where it works, or says nothing. */
export function stateFailure(state: WireState): ServiceError | undefined {
  switch (state) {
    case 'works':
    case 'silent':
      return undefined;
    case 'not-ready':
      return unavailable();
    case 'unauthenticated':
      return failure(status.UNAUTHENTICATED, 'Unauthenticated');
    case 'access-denied':
      return failure(status.PERMISSION_DENIED, 'Access Denied', { exception: 'access-denied' });
  }
}

const notLeader = (headers: Record<string, string>): ServiceError =>
  failure(status.NOT_FOUND, 'Leader info', { exception: 'not-leader', ...headers });

function errorOf(error: AppendError): ServiceError {
  switch (error) {
    case 'timeout':
      return failure(status.ABORTED, 'Operation timed out: the commit took too long');
    case 'unavailable':
      return unavailable();
    case 'cancelled':
      return failure(status.CANCELLED, 'the call was cancelled by the server');
    case 'access-denied':
      return failure(status.PERMISSION_DENIED, 'Access Denied', { exception: 'access-denied' });
    case 'no-leader':
      return notLeader({});
    case 'election':
      return failure(status.UNKNOWN, 'No leader info available in response');
  }
}
