import type { Clock } from '@meterbook/runtime/clock';
import type { HttpReply, HttpRequest } from './http-message';
import { Problem, retryAfter } from './problem/problem';
import type { ProblemFilter } from './problem/problem-filter';
import { routeOptionsOf } from './route-options';

/** Each request is answered within this time of its body, milliseconds; a route may set another with `AnswersWithin`. */
export const ANSWER_WITHIN_MS = 20_000;
/** After this many seconds it is worth asking again. */
const RETRY_AFTER_SECONDS = 1;

const reading: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Answers for a handler that has said nothing in time, whatever it waits for. What it was doing goes on, so a command may have
 * been carried out, and is carried out once however often it is sent.
 */
export class AnswerInTime {
  constructor(
    private readonly clock: Clock,
    private readonly filter: ProblemFilter,
  ) {}

  watch(request: HttpRequest, reply: HttpReply): void {
    const { answerWithinMs = ANSWER_WITHIN_MS } = routeOptionsOf(request.routeOptions.config);
    const closed = new AbortController();
    reply.raw.once('close', () => closed.abort());
    void this.clock.sleep(answerWithinMs, closed.signal).then(() => {
      // An answer that has begun is an answer, however long it is.
      if (closed.signal.aborted || reply.raw.headersSent) return;
      this.filter.answer(tooLate(request.method), request, reply);
    });
  }
}

function tooLate(method: string): Problem {
  const headers = retryAfter(RETRY_AFTER_SECONDS);
  return reading.has(method)
    ? new Problem('unavailable', 'What this needs did not answer in time.', { headers })
    : new Problem('outcome_unknown', 'It took too long and may have been done: send the same again.', { headers });
}
