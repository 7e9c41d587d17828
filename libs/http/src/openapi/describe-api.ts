import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { errorCatalogue, type ErrorCode } from '../problem/error-catalogue';
import { problemResponse, problemResponses } from './problem-responses';
import { toOpenApi } from './json-schema';
import { faultCatalogue } from '@meterbook/messages/reading/fault';
import { usageEventSchema } from '@meterbook/messages/usage-event/usage-schema';

/** Where the schema of a usage event stands in a document that refers to it. */
export const USAGE_EVENT_REF = '#/components/schemas/UsageEvent';

interface ApiTexts {
  readonly title: string;
  readonly description: string;
}

interface DescribedOperation {
  readonly responses: Record<string, object | undefined>;
  readonly security?: readonly object[];
  readonly requestBody?: unknown;
}

const text = (description: string): object => ({ type: 'string', description });

const problemSchema = {
  type: 'object',
  description: 'An error, RFC 9457. `code` is stable; `detail` is for people.',
  required: ['type', 'title', 'status', 'code', 'detail'],
  properties: {
    type: text('urn:meterbook:problem: and the code'),
    title: text('What the code means'),
    status: { type: 'integer', description: 'The HTTP status' },
    code: { type: 'string', enum: Object.keys(errorCatalogue) },
    detail: text('What happened this time'),
    errors: {
      type: 'array',
      description: 'Every fault of the request, where there are several to tell',
      items: {
        type: 'object',
        required: ['pointer', 'code', 'detail'],
        properties: {
          index: { type: 'integer', description: 'Which item of a batch, from 0' },
          pointer: text('JSON pointer into the body or the item'),
          code: { type: 'string', enum: Object.keys(faultCatalogue) },
          detail: text('What is wrong there'),
        },
      },
    },
  },
};

const always: readonly ErrorCode[] = ['bad_request', 'internal_error', 'unavailable'];
const withToken: readonly ErrorCode[] = ['unauthenticated', 'forbidden'];
const withBody: readonly ErrorCode[] = [
  'invalid_json',
  'payload_too_large',
  'unsupported_media_type',
  'invalid_request',
];

const methods = ['get', 'put', 'post', 'delete', 'patch'] as const;

const descriptionOf = (response: object | undefined): string =>
  response && 'description' in response && typeof response.description === 'string' ? response.description : '';

/** Adds the refusals that every handler of its kind has to those it describes itself. */
function addProblems(operation: DescribedOperation): void {
  const isOpen = operation.security?.some((requirement) => Object.keys(requirement).length === 0) ?? false;
  const codes = [...always, ...(isOpen ? [] : withToken), ...(operation.requestBody ? withBody : [])];
  for (const [status, general] of Object.entries(problemResponses(codes))) {
    const special = descriptionOf(operation.responses[status]);
    const description = special === '' ? general : `${special}\n\n${general}`;
    operation.responses[status] = problemResponse(description);
  }
}

/** The OpenAPI document of an application. */
export function openApiOf(app: NestFastifyApplication, { title, description }: ApiTexts): OpenAPIObject {
  const base = new DocumentBuilder()
    .setTitle(title)
    .setDescription(description)
    .setVersion('1')
    .addBearerAuth()
    .build();
  const document = SwaggerModule.createDocument(app, base);
  document.components = { ...document.components };
  document.components.schemas = { ...document.components.schemas, Problem: problemSchema };
  if (JSON.stringify(document.paths).includes(USAGE_EVENT_REF))
    document.components.schemas['UsageEvent'] = toOpenApi(usageEventSchema) as object;
  for (const path of Object.values(document.paths)) {
    for (const method of methods) if (path[method]) addProblems(path[method]);
  }
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
