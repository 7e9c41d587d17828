import { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Clock } from '@meterbook/runtime/clock';
import type { Log } from '@meterbook/runtime/log';
import type { Random } from '@meterbook/runtime/random';
import { Seldom } from '@meterbook/runtime/seldom';
import { AnswerInTime } from './answer-in-time';
import { refusalOf } from './auth/access';
import type { Callers } from './auth/callers';
import { keepCallers } from './auth/keep-callers';
import { openCallers, type AccessConfiguration } from './auth/open-callers';
import { PRINCIPAL } from './auth/principal';
import { Arrivals } from './body/arrivals';
import { BodyRoom } from './body/body-room';
import { bodyPlaceOf } from './body/read-body';
import { addBodyParsers } from './body-parsers';
import { foreignPage, unreadable } from './door';
import type { HttpReply, HttpRequest } from './http-message';
import { HttpModule } from './http.module';
import { Metrics } from './metrics/metrics';
import { NestLog } from './nest-log';
import { describeApi } from './openapi/describe-api';
import { Problem, PROBLEM_CONTENT_TYPE } from './problem/problem';
import { ProblemFilter } from './problem/problem-filter';
import { unwrapWritten } from './request/written';
import { RequestIds } from './request-ids';
import { RouteTable } from './route-table';
import { routeOptionsOf } from './route-options';

const KIB = 1024;
const MIB = 1024 * KIB;
/**
 * Largest body of a command; a route may set another limit with `BodyLimit`. The largest that says anything is a quote with every
 * unit and field. What is read at once holds up everybody else, so there is no more room than that.
 */
export const COMMAND_BODY_LIMIT_BYTES = 128 * KIB;
/** A whole request has to arrive within this time. */
const REQUEST_TIMEOUT_MS = 120_000;
/** The headers of a request have to arrive within this time, and the first byte of a connection. */
const HEADERS_TIMEOUT_MS = 10_000;
/** How often is looked for requests that are too late. */
const LATE_LOOK_MS = 2_000;
/** Bodies of commands that a process holds at a time. Usage has a room of its own, so that neither is refused for the other. */
const COMMANDS_IN_FLIGHT_BYTES = 64 * MIB;
/** The largest body that a route of commands takes: a rulebook. */
const LARGEST_COMMAND_BYTES = 4 * MIB;
/** Longest part of a path: an account of 128 characters, each of them percent-encoded, and room for idempotency ids. */
const MAX_PATH_PART_LENGTH = 2_304;
/** How often the log tells of answers that something is down, milliseconds. */
const CROWD_LOG_EVERY_MS = 60_000;

export interface HttpAppOptions {
  readonly configuration: AccessConfiguration;
  readonly log: Log;
  readonly clock: Clock;
  readonly random: Random;
  /** For the OpenAPI document. */
  readonly title: string;
  readonly description: string;
}

@Module({})
class HttpAppModule {}

/** What Node could not read as HTTP is answered on the bare socket. */
function refuseOnSocket(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  if (!socket.writable) {
    socket.destroy(error);
    return;
  }
  const problem = socketProblem(error.code);
  const body = JSON.stringify(problem.document());
  const head = `HTTP/1.1 ${problem.status} Refused\r\nContent-Type: ${PROBLEM_CONTENT_TYPE}\r\nContent-Length: ${Buffer.byteLength(body)}`;
  socket.end(`${head}\r\nConnection: close\r\n\r\n${body}`);
}

function socketProblem(code: string | undefined): Problem {
  if (code === 'HPE_HEADER_OVERFLOW') return new Problem('headers_too_large', 'The request headers are too large.');
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new Problem('request_timeout', 'The request took too long to arrive.');
  return new Problem('bad_request', 'The request could not be read as HTTP.');
}

function createAdapter(filter: ProblemFilter, random: Random): FastifyAdapter {
  const requestIds = new RequestIds(random);
  return new FastifyAdapter({
    bodyLimit: COMMAND_BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    http: { headersTimeout: HEADERS_TIMEOUT_MS, connectionsCheckingInterval: LATE_LOOK_MS },
    // Requests that reach a connection while the server closes are still answered.
    return503OnClosing: false,
    routerOptions: { maxParamLength: MAX_PATH_PART_LENGTH },
    logger: false,
    genReqId: () => requestIds.next(),
    frameworkErrors: (error: Error, request: HttpRequest, reply: unknown) =>
      filter.answer(error, request, reply as HttpReply),
    clientErrorHandler: refuseOnSocket,
  });
}

function addHooks(adapter: FastifyAdapter, callers: Callers, routes: RouteTable, inTime: AnswerInTime): void {
  const fastify = adapter.getInstance();
  fastify.addHook('onRoute', (route) => {
    routes.add(route.url, route.method);
    const { bodyLimitBytes } = routeOptionsOf(route.config);
    if (bodyLimitBytes !== undefined) route.bodyLimit = bodyLimitBytes;
  });
  fastify.decorateRequest(PRINCIPAL, undefined);
  fastify.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id);
    const door = (callers.areConfigured ? undefined : foreignPage(request)) ?? unreadable(request);
    const refusal = door ?? (request.is404 ? undefined : refusalOf(request, callers));
    if (refusal instanceof Promise) refusal.then(done, done);
    else done(refusal);
  });
  fastify.addHook('onClose', (_instance, done) => {
    inTime.stop();
    done();
  });
  // Guards and pipes wait for engines as handlers do, so the time begins before all of them.
  fastify.addHook('preHandler', (request, reply, done) => {
    inTime.watch(request, reply);
    done();
  });
  fastify.addHook('preSerialization', (_request, reply, payload, done) => done(null, unwrapWritten(payload, reply)));
}

/** Gives places in rooms back once a request is over, and gives up connections whose body does not move on, read or not. */
function watchBodies(adapter: FastifyAdapter, arrivals: Arrivals): void {
  const fastify = adapter.getInstance();
  fastify.addHook('onClose', (_instance, done) => {
    arrivals.stop();
    done();
  });
  fastify.addHook('onRequest', (request, reply, done) => {
    // The response closes in the end, whatever becomes of the request.
    reply.raw.once('close', () => bodyPlaceOf(request)?.leave());
    done();
  });
  fastify.addHook('onResponse', ({ raw }, _reply, done) => {
    // What was answered before its body was there is passed over by Node, however slowly it comes.
    const { socket } = raw;
    if (raw instanceof IncomingMessage && !raw.complete)
      arrivals.watch(
        () => (raw.complete || socket.destroyed ? null : socket.bytesRead),
        () => socket.destroy(),
      );
    done();
  });
}

/** Counts every answer, and writes it to the log where it was our fault: those of 503, which come in crowds, as one line with their number. */
function watchAnswers(app: NestFastifyApplication, log: Log, clock: Clock): void {
  const metrics = app.get(Metrics);
  const crowds = new Seldom(clock, CROWD_LOG_EVERY_MS);
  let unavailable = 0;
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onResponse', (request, reply, done) => {
      const { method } = request;
      const route = request.is404 ? 'none' : (request.routeOptions.url ?? 'none');
      const [status, durationMs] = [reply.statusCode, reply.elapsedTime];
      metrics.observe({ method, route, status, durationMs });
      const line = { requestId: request.id, method, route, status, durationMs: Math.round(durationMs * 10) / 10 };
      if (status === 503) {
        unavailable += 1;
        crowds.say(() => {
          log.warn({ ...line, answers: unavailable }, 'answered');
          unavailable = 0;
        });
      } else if (status >= 500) log.warn(line, 'answered');
      else log.debug(line, 'answered');
      done();
    });
}

/**
 * Builds the application of a service: problem+json, access, validation, health, metrics and OpenAPI around a module.
 * It does not listen yet. Throws an `AccessTokensError` where the configuration would leave it open to others.
 */
export async function createHttpApp(
  module: Type | DynamicModule,
  options: HttpAppOptions,
): Promise<NestFastifyApplication> {
  const { log, clock, random, title, description } = options;
  const callers = openCallers(options.configuration, clock, log);
  const routes = new RouteTable();
  const filter = new ProblemFilter(log, routes, clock);
  const adapter = createAdapter(filter, random);
  const arrivals = new Arrivals(clock);
  addBodyParsers(adapter.getInstance(), new BodyRoom(COMMANDS_IN_FLIGHT_BYTES, LARGEST_COMMAND_BYTES), arrivals);
  addHooks(adapter, callers, routes, new AnswerInTime(clock, filter));
  watchBodies(adapter, arrivals);
  const root: DynamicModule = {
    module: HttpAppModule,
    imports: [HttpModule.with(clock, log, routes, callers), module],
  };
  const app = await NestFactory.create<NestFastifyApplication>(root, adapter, {
    bodyParser: false,
    abortOnError: false,
    logger: new NestLog(log),
  });
  app.useGlobalFilters(filter);
  watchAnswers(app, log, clock);
  keepCallers(app, callers);
  // Node would answer an expectation that it does not know by itself, and without a problem.
  const server = app.getHttpServer();
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  describeApi(app, { title, description });
  return app;
}
