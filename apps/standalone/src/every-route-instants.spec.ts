import { SystemClock } from '@meterbook/runtime/system-clock';
import { everyRoute, type EveryRoute } from './testing/every-route';

interface Shape {
  readonly $ref?: string;
  readonly format?: string;
  readonly properties?: Readonly<Record<string, Shape>>;
}

interface Operation {
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly example?: string | number;
    readonly schema: Shape;
  }[];
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: Shape; readonly example?: object }>>;
  };
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Shape>> };
}

/** An instant that some route takes: in its query, or a member of its body. */
interface Place {
  readonly method: string;
  readonly path: string;
  readonly name: string;
  readonly body?: object;
  /** What else the query has to name. */
  readonly beside?: string;
}

const rulebook = {
  platform: 'apibox',
  effectiveFrom: '2025-01-01T00:00:00Z',
  currency: 'CNY',
  tiers: [{ id: 'default', rank: 1 }],
  groups: [{ id: 'default' }],
  models: [{ id: 'claude-sonnet', group: 'default', price: { mode: 'request', unit: '1' } }],
};
/** Where instants belong to another question than the one of the examples: what the query names for it. */
const asked: Readonly<Record<string, string>> = { '/v1/platforms/apibox/finance/charges': 'format=focus&' };
const values: Readonly<Record<string, string>> = { platform: 'apibox', account: 'acct-42', keyId: 'key-1' };

describe('every instant that a route takes', () => {
  let service: EveryRoute;
  let places: readonly Place[];

  const send = (method: string, url: string, body?: object): ReturnType<EveryRoute['app']['inject']> =>
    service.app.inject({ method: method as 'GET', url, ...(body && { payload: body }) });

  /** The answer where the text stands for an instant; in a query it stands as it is, unless it is `encoded`. */
  const answerTo = async (place: Place, text: string, encoded = true): Promise<{ status: number; body: string }> => {
    const { method, path, name, body, beside = '' } = place;
    const query = body ? '' : `?${beside}${name}=${encoded ? encodeURIComponent(text) : text}`;
    const answer = await send(method, path + query, body && { ...body, [name]: text });
    return { status: answer.statusCode, body: answer.body };
  };

  beforeAll(async () => {
    service = await everyRoute(new SystemClock());
    expect((await send('PUT', '/v1/platforms/apibox/rulebook', rulebook)).statusCode).toBe(201);
    expect((await send('POST', '/v1/platforms/apibox/accounts', { account: 'acct-42' })).statusCode).toBe(201);
    const { paths, components } = (await send('GET', '/openapi.json')).json<Document>();
    const inBody = ({ requestBody }: Operation): { name: string; body: object }[] => {
      const { schema, example = {} } = requestBody?.content['application/json'] ?? {};
      const name = schema?.$ref?.split('/').at(-1) ?? '';
      // A rulebook is read by a reader of its own.
      const { properties = {} } = name === 'Rulebook' ? {} : (components.schemas[name] ?? {});
      return Object.keys(properties)
        .filter((key) => properties[key]?.format === 'date-time')
        .map((key) => ({ name: key, body: example }));
    };
    places = Object.entries(paths).flatMap(([pattern, methods]) =>
      Object.entries(methods).flatMap(([method, operation]) => {
        const path = pattern.replace(/\{(\w+)\}/g, (_all, name: string) => values[name] ?? 'x');
        const beside = (one: string): string =>
          (operation.parameters ?? [])
            .filter(({ name, in: place }) => place === 'query' && name !== one)
            .filter(
              ({ required, example, schema }) =>
                required === true || (example !== undefined && schema.format !== 'date-time'),
            )
            .map(({ name, example }) => `${name}=${example ?? 'x'}&`)
            .join('');
        const inQuery = (operation.parameters ?? [])
          .filter((parameter) => parameter.in === 'query' && parameter.schema.format === 'date-time')
          .map(({ name }) => ({ name, beside: asked[path] ?? beside(name) }));
        return [...inQuery, ...inBody(operation)].map((place) => ({ method: method.toUpperCase(), path, ...place }));
      }),
    );
  });
  afterAll(() => service.close());

  it('is found', () => {
    const names = places.map(({ name }) => name);
    expect(new Set(names)).toEqual(new Set(['asOf', 'from', 'to', 'at', 'expiresAt', 'occurredAt']));
    expect(places.length).toBeGreaterThan(12);
  });

  it('may have an offset', async () => {
    for (const place of places) {
      const { body } = await answerTo(place, '2026-02-01T08:00:00+08:00');
      expect([place, body]).toEqual([place, expect.not.stringContaining('invalid_request')]);
    }
  });

  it.each([
    ['a date alone', '2026-02-01', '2026-02-01T00:00:00Z'],
    ['a time without a zone', '2026-02-01T08:00:00', '2026-02-01T08:00:00Z'],
    ['an offset whose + was read as a blank', '2026-02-01T08:00:00 08:00', '2026-02-01T08:00:00%2B08:00'],
  ])('is never %s, and the answer says how to write it', async (_what, text, hint) => {
    for (const place of places) {
      const { status, body } = await answerTo(place, text);
      expect([place, status, body]).toEqual([place, 422, expect.stringContaining(hint)]);
    }
  });

  it('is not misread where a + stands raw in a query', async () => {
    for (const place of places.filter(({ body }) => !body)) {
      const { status, body } = await answerTo(place, '2026-02-01T08:00:00+08:00', false);
      expect([place, status, body]).toEqual([place, 422, expect.stringContaining('2026-02-01T08:00:00%2B08:00')]);
    }
  });
});
