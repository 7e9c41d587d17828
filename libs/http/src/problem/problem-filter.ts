import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Clock } from '@meterbook/runtime/clock';
import type { Log } from '@meterbook/runtime/log';
import { Seldom } from '@meterbook/runtime/seldom';
import type { HttpReply, HttpRequest } from '../http-message';
import type { RouteTable } from '../route-table';
import { Problem, PROBLEM_CONTENT_TYPE } from './problem';
import { toProblem } from './to-problem';

/** How often the log tells that something is down. */
const OUTAGE_LOG_EVERY_MS = 60_000;

/** Answers every error as problem+json. What nobody expected is logged whole and told to nobody. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly outages: Seldom;

  constructor(
    private readonly log: Log,
    private readonly routes: RouteTable,
    clock: Clock,
  ) {
    this.outages = new Seldom(clock, OUTAGE_LOG_EVERY_MS);
  }

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(error, http.getRequest<HttpRequest>(), http.getResponse<HttpReply>());
  }

  answer(error: unknown, request: HttpRequest, reply: HttpReply): void {
    const problem = this.refine(toProblem(error), request) ?? this.unexpected(error, request);
    // Of what is down every request tells: the log says it once in a while, with its cause.
    if (problem.code === 'unavailable' && error !== problem)
      this.outages.say(() => this.log.error({ err: error, requestId: request.id }, 'What a request needs is down.'));
    if (reply.sent) return;
    void reply
      .code(problem.status)
      .headers({ ...problem.headers, 'x-request-id': request.id, 'content-type': PROBLEM_CONTENT_TYPE })
      .send(JSON.stringify(problem.document()));
  }

  /** The router knows no 405: a path that takes other methods looks like no path to it. */
  private refine(problem: Problem | undefined, request: HttpRequest): Problem | undefined {
    if (problem?.code !== 'not_found') return problem;
    const methods = this.routes.methodsOf(request.url);
    if (methods.length === 0 || methods.includes(request.method)) return problem;
    const allow = methods.join(', ');
    return new Problem('method_not_allowed', `This path takes ${allow}.`, { headers: { allow } });
  }

  private unexpected(error: unknown, request: HttpRequest): Problem {
    this.log.error({ err: error, requestId: request.id, method: request.method }, 'A request failed unexpectedly.');
    return new Problem('internal_error', `The log tells more under the request id ${request.id}.`);
  }
}
