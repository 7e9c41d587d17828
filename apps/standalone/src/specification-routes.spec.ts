import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { everyRoute, type EveryRoute } from './testing/every-route';

interface Operation {
  readonly summary: string;
  readonly security?: readonly { readonly bearer?: readonly string[]; readonly apiKey?: readonly string[] }[];
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
}

type Paths = Readonly<Record<string, Readonly<Record<string, Operation>>>>;

const specification = readFileSync(resolve(__dirname, '../../../docs/specification.md'), 'utf8');
/** Method and path of a route, whatever its path calls what it holds. */
const withoutNames = (route: string): string => route.replace(/\{\w+\}/g, '{}');
const promised = [...specification.matchAll(/^\| \*\(not built yet\)\* `([A-Z]+ \/[^`]*)`/gm)].map(
  ([, route = '']) => route,
);
const isRow = (line: string): boolean => /^\| `(GET|PUT|POST|PATCH|DELETE) \//.test(line);

/** The row of a route as it has to stand in the specification. */
function rowOf(route: string, { summary, security = [], parameters = [] }: Operation): string {
  const scopes = security.flatMap(({ bearer = [] }) => bearer.map((scope) => `\`${scope}\``));
  const others = security.some(({ apiKey }) => apiKey) ? 'an API key' : 'anybody';
  const query = parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name);
  const named = query.length > 0 ? ` \`${query.join(' ')}\` ` : ' ';
  return `| \`${route}\` | ${summary} | ${scopes.join(' or ') || others} |${named}|`;
}

describe('the table of routes in the specification', () => {
  let service: EveryRoute;
  const pathsOf = async (): Promise<Paths> =>
    (await service.app.inject({ method: 'GET', url: '/openapi.json' })).json<{ paths: Paths }>().paths;
  beforeAll(async () => {
    service = await everyRoute(new SystemClock());
  });
  afterAll(() => service.close());

  it('has one row for each route, as the code has it, by path', async () => {
    const rows = Object.entries(await pathsOf()).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => rowOf(`${method.toUpperCase()} ${path}`, operation)),
    );
    const pathIn = (row: string): string => row.split('`')[1]?.split(' ')[1] ?? '';
    const sorted = rows.sort((a, b) => (pathIn(a) === pathIn(b) ? (a < b ? -1 : 1) : pathIn(a) < pathIn(b) ? -1 : 1));
    expect(specification.split('\n').filter(isRow)).toEqual(sorted);
  });

  it('promises, a row each, only what is not built', async () => {
    const built = Object.entries(await pathsOf()).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => withoutNames(`${method.toUpperCase()} ${path}`)),
    );
    expect(promised.filter((route) => built.includes(withoutNames(route)))).toEqual([]);
  });
});
