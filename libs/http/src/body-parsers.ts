import { Problem } from './problem/problem';
import { parseJson, parseStrictJson, utf8Text } from '@meterbook/messages/reading/json-text';
import { parseYaml } from './request/yaml-text';
import { routeOptionsOf, type RouteOptions } from './route-options';

interface ParsedRequest {
  readonly routeOptions: { readonly config?: unknown };
}

type Done = (error: Error | null, body?: unknown) => void;

interface BodyParserHost {
  removeAllContentTypeParsers(): unknown;
  addContentTypeParser(
    type: string | string[],
    options: { readonly parseAs: 'buffer' },
    parse: (request: ParsedRequest, body: Buffer, done: Done) => void,
  ): unknown;
}

type Reader = (bytes: Buffer, route: RouteOptions) => unknown;

const readJson: Reader = (bytes, { acceptsEvents = false }) => {
  // A command without a body may still name its content type.
  if (bytes.length === 0) return undefined;
  const text = utf8Text(bytes);
  return acceptsEvents ? parseJson(text) : parseStrictJson(text);
};

const onlyWhere =
  (isTaken: (route: RouteOptions) => boolean | undefined, read: Reader): Reader =>
  (bytes, route) => {
    if (isTaken(route) !== true)
      throw new Problem('unsupported_media_type', 'The content type of the body is not taken here.');
    return read(bytes, route);
  };

const readers: readonly (readonly [string[], Reader])[] = [
  [['application/json'], readJson],
  [
    ['application/cloudevents+json', 'application/cloudevents-batch+json'],
    onlyWhere((route) => route.acceptsEvents, readJson),
  ],
  [
    ['application/yaml', 'application/x-yaml', 'text/yaml'],
    onlyWhere(
      (route) => route.acceptsYaml,
      (bytes) => parseYaml(utf8Text(bytes)),
    ),
  ],
];

/** Replaces Fastify's parsers by ours, so that a bad body is one of our problems, whatever is bad about it. */
export function addBodyParsers(fastify: BodyParserHost): void {
  fastify.removeAllContentTypeParsers();
  for (const [types, read] of readers) {
    fastify.addContentTypeParser(types, { parseAs: 'buffer' }, (request, bytes, done) => {
      try {
        done(null, read(bytes, routeOptionsOf(request.routeOptions.config)));
      } catch (error) {
        done(error instanceof Error ? error : new Error(String(error)));
      }
    });
  }
}
