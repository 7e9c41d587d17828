import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import type { ErrorCode } from '../problem/error-catalogue';
import { answerHeaders, headersOf } from './answer-headers';
import { placeExample } from './example';
import { describeParameters } from './path-words';
import { problemResponse, problemResponses } from './problem-responses';
import { referredSchemas } from './shared-schemas';
import { describedTags } from './tags';
import { publicName, toOpenApi31 } from './to-openapi-31';

const OPENAPI_VERSION = '3.1.0';
/** Classes of what is sent are called so; what they do not know is refused. */
const BODY = 'Body';

interface ApiTexts {
  readonly title: string;
  readonly description: string;
}

interface Media {
  schema?: unknown;
}

interface Content {
  content?: Record<string, Media>;
}

interface DescribedParameter {
  readonly name: string;
  readonly in: string;
  schema?: { readonly examples?: readonly unknown[] };
}

interface DescribedOperation {
  readonly tags?: readonly string[];
  readonly parameters?: DescribedParameter[];
  readonly responses: Record<string, (Content & { description?: string; headers?: object }) | undefined>;
  readonly security?: readonly object[];
  readonly requestBody?: Content;
}

const always: readonly ErrorCode[] = ['bad_request', 'internal_error', 'unavailable'];
const withToken: readonly ErrorCode[] = ['unauthenticated', 'forbidden'];
const withBody: readonly ErrorCode[] = [
  'invalid_json',
  'payload_too_large',
  'unsupported_media_type',
  'invalid_request',
];

const methods = ['get', 'put', 'post', 'delete', 'patch'] as const;

/** Adds the refusals that every handler of its kind has to those it describes itself. */
function addProblems(operation: DescribedOperation): void {
  const isOpen = operation.security?.some((requirement) => Object.keys(requirement).length === 0) ?? false;
  const codes = [...always, ...(isOpen ? [] : withToken), ...(operation.requestBody ? withBody : [])];
  for (const [status, general] of Object.entries(problemResponses(codes))) {
    const described = operation.responses[status];
    // What answers something of its own with this status describes it itself, as the health check does.
    if (described?.content && !('application/problem+json' in described.content)) continue;
    const special = described?.description ?? '';
    operation.responses[status] = problemResponse(special === '' ? general : `${special}\n\n${general}`);
  }
}

function addHeaders({ responses }: DescribedOperation): void {
  const statuses = Object.keys(responses);
  for (const status of statuses) {
    const response = responses[status];
    if (response) response.headers = { ...response.headers, ...headersOf(status, statuses) };
  }
}

/** Bodies and answers in OpenAPI 3.1. What is neither JSON nor YAML is text, whatever class it was made from. */
function convertContent({ content = {} }: Content): void {
  for (const [type, media] of Object.entries(content))
    media.schema = /json|yaml/.test(type) ? toOpenApi31(media.schema) : { type: 'string' };
}

function describeOperation(operation: DescribedOperation): void {
  addProblems(operation);
  addHeaders(operation);
  for (const parameter of operation.parameters ?? []) parameter.schema = toOpenApi31(parameter.schema) as object;
  describeParameters(operation.parameters ?? []);
  if (operation.requestBody) convertContent(operation.requestBody);
  for (const response of Object.values(operation.responses)) if (response) convertContent(response);
  placeExample(operation);
}

/** The same schemas by the names that others know them by. Throws where two classes would share a name. */
function publicSchemas(schemas: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const names = Object.keys(schemas).map(publicName);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw new Error(`two schemas of the document would be called ${twice}`);
  const converted = Object.entries(schemas).map(([name, schema]) => [
    publicName(name),
    name.endsWith(BODY) ? { ...(toOpenApi31(schema) as object), additionalProperties: false } : toOpenApi31(schema),
  ]);
  return Object.fromEntries(converted) as Record<string, unknown>;
}

const bearer = {
  type: 'http',
  scheme: 'bearer',
  description: 'A token of the deployment. An operation names the scopes of which the token needs one.',
} as const;

const apiKey = {
  type: 'http',
  scheme: 'bearer',
  description: 'The secret of an API key that an account was issued; it is no token of the deployment.',
} as const;

/** The OpenAPI document of an application. */
export function openApiOf(app: NestFastifyApplication, { title, description }: ApiTexts): OpenAPIObject {
  const base = new DocumentBuilder()
    .setOpenAPIVersion(OPENAPI_VERSION)
    .setTitle(title)
    .setDescription(description)
    .setVersion('1')
    .setLicense('Apache 2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addServer('/', 'This server')
    .addBearerAuth(bearer)
    .addSecurity('apiKey', apiKey)
    .build();
  const document = SwaggerModule.createDocument(app, base, { operationIdFactory: (_controller, handler) => handler });
  const operations = Object.values(document.paths).flatMap((path) =>
    methods.flatMap((method) => (path[method] ? [path[method] as unknown as DescribedOperation] : [])),
  );
  operations.forEach(describeOperation);
  const schemas = publicSchemas(document.components?.schemas ?? {});
  const shared = referredSchemas([document.paths, schemas]);
  const taken = Object.keys(shared).find((name) => Object.hasOwn(schemas, name));
  if (taken !== undefined) throw new Error(`a class of the document bears the name of the shared schema ${taken}`);
  document.components = {
    ...document.components,
    schemas: { ...schemas, ...shared } as Record<string, object>,
    headers: { ...answerHeaders },
  };
  document.tags = [...describedTags(new Set(operations.flatMap(({ tags = [] }) => tags)))];
  return document;
}

/** Serves the document at `/openapi.json` and a page to read and try it at `/docs`; neither needs a network. */
export function describeApi(app: NestFastifyApplication, texts: ApiTexts): void {
  SwaggerModule.setup('docs', app, () => openApiOf(app, texts), {
    jsonDocumentUrl: 'openapi.json',
    raw: ['json'],
    customSiteTitle: texts.title,
  });
}
