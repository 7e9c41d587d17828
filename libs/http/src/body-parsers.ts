import type { IncomingMessage } from 'node:http';
import type { Arrivals } from './body/arrivals';
import type { BodyRoom } from './body/body-room';
import { announcedBytes, bodyPlaceOf, callerOf, readBody, refuseAnnounced, setBodyPlace } from './body/read-body';
import type { HttpRequest } from './http-message';
import { Problem } from './problem/problem';
import { parseStrictJson, utf8Text } from '@meterbook/messages/reading/json-text';
import { isBinaryEvent, readBinaryEvent } from './request/binary-event';
import { readEvents } from './request/events-body';
import { RawBody } from './request/raw-body';
import { StreamedBody } from './request/streamed-body';
import { routeOptionsOf, type RouteOptions } from './route-options';

interface BodyParserHost {
  removeAllContentTypeParsers(): unknown;
  addContentTypeParser(
    type: string | string[],
    parse: (request: HttpRequest, payload: IncomingMessage) => Promise<unknown>,
  ): unknown;
}

/** What a body says; a reader that works elsewhere answers with a promise. */
type Reader = (bytes: Buffer, route: RouteOptions, headers: HttpRequest['headers']) => unknown;

const readPlainJson: Reader = (bytes, route, headers) => {
  if (route.acceptsEvents !== true || !isBinaryEvent(headers)) return readJson(bytes, route, headers);
  return bytes.length === 0 ? undefined : readBinaryEvent(utf8Text(bytes), headers);
};

const readJson: Reader = (bytes, { acceptsEvents = false, acceptsYaml = false, streamsCsv = false }) => {
  if (streamsCsv) throw notTaken();
  if (acceptsYaml) return new RawBody(bytes, false);
  // A command without a body may still name its content type.
  if (bytes.length === 0) return undefined;
  const text = utf8Text(bytes);
  return acceptsEvents ? readEvents(text) : parseStrictJson(text);
};

const notTaken = (): Problem =>
  new Problem('unsupported_media_type', 'The content type of the body is not taken here.');

const onlyWhere =
  (isTaken: (route: RouteOptions) => boolean | undefined, read: Reader): Reader =>
  (bytes, route, headers) => {
    if (isTaken(route) !== true) throw notTaken();
    return read(bytes, route, headers);
  };

const readers: readonly (readonly [string[], Reader])[] = [
  [['application/json'], readPlainJson],
  [
    ['application/cloudevents+json', 'application/cloudevents-batch+json'],
    onlyWhere((route) => route.acceptsEvents, readJson),
  ],
  [
    ['application/yaml', 'application/x-yaml', 'text/yaml'],
    onlyWhere(
      (route) => route.acceptsYaml,
      (bytes) => new RawBody(bytes, true),
    ),
  ],
];

/** The place that a request has for its body: the one it was given at the door, else one in the room of commands. */
function placeOf(request: HttpRequest, commands: BodyRoom) {
  const given = bodyPlaceOf(request);
  if (given) return given;
  const place = commands.enter(callerOf(request), announcedBytes(request));
  setBodyPlace(request, place);
  return place;
}

/** Replaces Fastify's parsers by ours, so that a bad body is one of our problems, whatever is bad about it, and no slow one fills the memory. */
export function addBodyParsers(fastify: BodyParserHost, commands: BodyRoom, arrivals: Arrivals): void {
  fastify.removeAllContentTypeParsers();
  for (const [types, read] of readers) {
    fastify.addContentTypeParser(types, async (request, payload) => {
      const { bodyLimit, config } = request.routeOptions;
      refuseAnnounced(request, bodyLimit);
      const bytes = await readBody(payload, bodyLimit, placeOf(request, commands), arrivals);
      return read(bytes, routeOptionsOf(config), request.headers);
    });
  }
  // Nobody reads it here: it may be larger than all that a process holds of bodies.
  fastify.addContentTypeParser('text/csv', async (request, payload) => {
    const { bodyLimit, config } = request.routeOptions;
    if (routeOptionsOf(config).streamsCsv !== true) throw notTaken();
    refuseAnnounced(request, bodyLimit);
    return Promise.resolve(new StreamedBody(payload, bodyLimit, arrivals));
  });
}
