import { ApiExtension } from '@nestjs/swagger';

/** A request and what it is answered with. They stand in the document, and a test sends the one and receives the other. */
export interface Example {
  /** Parameters of the query, by name. */
  readonly query?: Readonly<Record<string, string>>;
  /** The JSON body. */
  readonly body?: unknown;
  readonly status: number;
  /** The JSON of the answer; absent where there is none. */
  readonly answer?: unknown;
}

/** Where the example of an operation stands until it is put into its places. */
export const EXAMPLE_EXTENSION = 'x-example';

/** Shows a handler by an example. */
export const ShownBy = (example: Example): MethodDecorator => ApiExtension(EXAMPLE_EXTENSION, example);

interface Shown {
  parameters?: { name?: string; in?: string; example?: unknown; schema?: { type?: unknown } }[];
  requestBody?: unknown;
  responses: Record<string, unknown>;
  [EXAMPLE_EXTENSION]?: Example;
}

interface Media {
  example?: unknown;
}

const JSON_TYPE = 'application/json';

function mediaOf(place: unknown): Media | undefined {
  const content = (place as { content?: Readonly<Record<string, Media>> } | undefined)?.content;
  return content?.[JSON_TYPE];
}

/** A value of a query as its schema has it. */
function exampleOf(type: unknown, value: string): unknown {
  if (type === 'integer') return Number(value);
  return type === 'array' ? [value] : value;
}

/** Puts the example of an operation beside its parameters, its body and its answer. */
export function placeExample(operation: object): void {
  const shown = operation as Shown;
  const example = shown[EXAMPLE_EXTENSION];
  Reflect.deleteProperty(shown, EXAMPLE_EXTENSION);
  if (!example) return;
  for (const parameter of shown.parameters ?? []) {
    if (parameter.in === 'query') delete parameter.example;
    const value = parameter.in === 'query' ? example.query?.[parameter.name ?? ''] : undefined;
    if (value !== undefined) parameter.example = exampleOf(parameter.schema?.type, value);
  }
  const [body, answer] = [mediaOf(shown.requestBody), mediaOf(shown.responses[example.status])];
  if (body && example.body !== undefined) body.example = example.body;
  if (answer && example.answer !== undefined) answer.example = example.answer;
}
