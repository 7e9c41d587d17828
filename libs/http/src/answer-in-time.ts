import type { Clock } from '@meterbook/runtime/clock';
import type { HttpReply, HttpRequest } from './http-message';
import { Problem, retryAfter } from './problem/problem';
import type { ProblemFilter } from './problem/problem-filter';
import { routeOptionsOf } from './route-options';

/** Each request is answered within this time of its body, milliseconds; a route may set another with `AnswersWithin`. */
export const ANSWER_WITHIN_MS = 20_000;
/** Requests that come within this time share a clock, so the last of them are answered so much sooner, milliseconds. */
export const SHARED_MS = 250;
/** After this many seconds it is worth asking again. */
const RETRY_AFTER_SECONDS = 1;

const reading: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Requests that are waited for by one timer, until they are over. */
interface Round {
  readonly startedAt: number;
  readonly asked: Set<{ readonly request: HttpRequest; readonly reply: HttpReply }>;
  readonly over: AbortController;
}

/**
 * Answers for a handler that has said nothing in time, whatever it waits for. What it was doing goes on, so a command may have
 * been carried out, and is carried out once however often it is sent.
 */
export class AnswerInTime {
  /** The newest of each limit. It goes on while others may join it: to begin and to end one costs more than many answers. */
  private readonly rounds = new Map<number, Round>();
  private stopped = false;

  constructor(
    private readonly clock: Clock,
    private readonly filter: ProblemFilter,
  ) {}

  watch(request: HttpRequest, reply: HttpReply): void {
    const { answerWithinMs = ANSWER_WITHIN_MS } = routeOptionsOf(request.routeOptions.config);
    const round = this.roundOf(answerWithinMs);
    const asked = { request, reply };
    round.asked.add(asked);
    reply.raw.once('close', () => {
      round.asked.delete(asked);
      if (this.stopped || round !== this.rounds.get(answerWithinMs)) endIfOver(round);
    });
  }

  /** From here on rounds end with their last request. */
  stop(): void {
    this.stopped = true;
    for (const round of this.rounds.values()) endIfOver(round);
  }

  /** Those that are asked at about the same time: a timer of its own for each request would cost more than its answer. */
  private roundOf(withinMs: number): Round {
    const now = this.clock.now();
    const known = this.rounds.get(withinMs);
    const sinceMs = known ? now - known.startedAt : SHARED_MS;
    if (known && !known.over.signal.aborted && sinceMs >= 0 && sinceMs < SHARED_MS) return known;
    const round: Round = { startedAt: now, asked: new Set(), over: new AbortController() };
    this.rounds.set(withinMs, round);
    if (known) endIfOver(known);
    void this.clock.sleep(withinMs, round.over.signal).then(() => {
      for (const { request, reply } of round.asked)
        // An answer that has begun is an answer, however long it is.
        if (!reply.raw.headersSent) this.filter.answer(tooLate(request.method), request, reply);
    });
    return round;
  }
}

function endIfOver({ asked, over }: Round): void {
  if (asked.size === 0) over.abort();
}

function tooLate(method: string): Problem {
  const headers = retryAfter(RETRY_AFTER_SECONDS);
  return reading.has(method)
    ? new Problem('unavailable', 'What this needs did not answer in time.', { headers })
    : new Problem('outcome_unknown', 'It took too long and may have been done: send the same again.', { headers });
}
