import 'reflect-metadata';
import { FASTIFY_ROUTE_CONFIG_METADATA } from '@nestjs/platform-fastify/constants';
import type { Scope } from './auth/principal';

/** What our hooks and parsers know of a route. It is Fastify's route `config`, so it holds before a body is read. */
export interface RouteOptions {
  /** One of these scopes is needed. A route without scopes that is not open is refused. */
  readonly scopes?: readonly Scope[];
  /** The handler itself keeps a token with a limit to its platforms. */
  readonly limitedInHandler?: boolean;
  /** Anybody may ask, or the handler finds out for itself who may. */
  readonly open?: boolean;
  /** Largest body, in bytes. */
  readonly bodyLimitBytes?: number;
  /** How long its answer may take to begin, milliseconds. */
  readonly answerWithinMs?: number;
  /** The body may also be YAML, and reaches the handler as a `RawBody`. */
  readonly acceptsYaml?: boolean;
  /** The body is CSV and nothing else, and reaches the handler as a `StreamedBody`. */
  readonly streamsCsv?: boolean;
  /** CloudEvents content types are taken; the JSON is one event or a list of them. */
  readonly acceptsEvents?: boolean;
}

/** Adds to the options of a handler's route. */
export const withRouteOptions =
  (options: RouteOptions): MethodDecorator =>
  (_target, _key, descriptor) => {
    const handler = descriptor.value as object;
    const known = Reflect.getMetadata(FASTIFY_ROUTE_CONFIG_METADATA, handler) as RouteOptions | undefined;
    Reflect.defineMetadata(FASTIFY_ROUTE_CONFIG_METADATA, { ...known, ...options }, handler);
  };

/** The options of a route, from Fastify's route config. */
export const routeOptionsOf = (config: unknown): RouteOptions =>
  typeof config === 'object' && config !== null ? config : {};

/** A body may be this large. */
export const BodyLimit = (bytes: number): MethodDecorator => withRouteOptions({ bodyLimitBytes: bytes });

/** The answer may take this long to begin, milliseconds: for what reads far more than one account. */
export const AnswersWithin = (ms: number): MethodDecorator => withRouteOptions({ answerWithinMs: ms });

/** The body may also be YAML. JSON or YAML, it reaches the handler as a `RawBody`: reading it may take seconds. */
export const AcceptsYaml = (): MethodDecorator => withRouteOptions({ acceptsYaml: true });

/** The body is CSV of any size up to the limit: it reaches the handler as a `StreamedBody`, unread. */
export const StreamsCsv = (): MethodDecorator => withRouteOptions({ streamsCsv: true });

/** The body may also be a CloudEvent or a batch of them. */
export const AcceptsEvents = (): MethodDecorator => withRouteOptions({ acceptsEvents: true });
