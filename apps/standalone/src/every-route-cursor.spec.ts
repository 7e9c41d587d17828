import { readFileSync } from 'node:fs';
import { Cursor } from '@meterbook/http/request/cursor';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { everyRoute, type EveryRoute } from './testing/every-route';

interface Operation {
  readonly parameters?: readonly { readonly in: string; readonly name: string }[];
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const values: Readonly<Record<string, string>> = { platform: 'apibox', account: 'acct-1' };
const pathOf = (pattern: string): string => pattern.replace(/\{(\w+)\}/g, (_all, name: string) => values[name] ?? 'x');

/** The paths of every list that goes on by a cursor, as the API describes itself. */
async function listsOf({ app }: EveryRoute): Promise<string[]> {
  const { paths } = (await app.inject({ method: 'GET', url: '/openapi.json' })).json<Document>();
  return (
    Object.entries(paths)
      .filter(([, { get }]) => get?.parameters?.some(({ in: place, name }) => place === 'query' && name === 'cursor'))
      .map(([pattern]) => pathOf(pattern))
      // A journal is one text, and goes on after the number of an entry.
      .filter((path) => !path.endsWith('/finance/journal'))
  );
}

describe('every list', () => {
  let service: EveryRoute;
  beforeAll(async () => {
    service = await everyRoute(new SystemClock());
    const payload = readFileSync('rulebooks/apibox.yaml');
    const headers = { 'content-type': 'application/yaml' };
    await service.app.inject({ method: 'PUT', url: '/v1/platforms/apibox/rulebook', headers, payload });
  });
  afterAll(() => service.close());

  it.each([
    ['that none has given', 'x'],
    ['that is a number', '100'],
    ['of another list', new Cursor('another list', { at: 'number' }).write({ at: 1 })],
  ])('refuses a cursor %s, by the same code', async (_what, cursor) => {
    const lists = await listsOf(service);
    expect(lists.length).toBeGreaterThanOrEqual(4);
    const answers = await Promise.all(
      lists.map(async (list) => {
        const answer = await service.app.inject({ method: 'GET', url: `${list}?cursor=${cursor}` });
        const { code, errors } = answer.json<{ code: string; errors?: { pointer: string }[] }>();
        return [list, answer.statusCode, code, errors?.[0]?.pointer];
      }),
    );
    expect(answers).toEqual(lists.map((list) => [list, 422, 'invalid_request', '/cursor']));
  });
});
