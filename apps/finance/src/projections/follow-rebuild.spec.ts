import { Books } from '../testing/books';
import { FinanceApp } from '../testing/finance-app';

const withinMs = 30_000;

describe('GET /v1/projections/{name}/rebuilds/{rebuildId} with Accept: text/event-stream', () => {
  let books: Books;
  let app: FinanceApp;

  beforeEach(async () => {
    books = new Books('2026-11-21T10:00:00.000Z');
    await books.publish('p');
    await books.open('p/a');
    await books.recharge('p/a', 'r1', '100');
    app = await FinanceApp.start(books);
  });
  afterEach(async () => {
    await app.close();
    await books.destroy();
  });

  const asked = async (): Promise<string> => {
    for (;;) {
      const { status, json } = await app.post('/v1/projections/charges/rebuild', {});
      if (status === 202) return `/v1/projections/charges/rebuilds/${String(json['rebuildId'])}`;
    }
  };
  const follow = (path: string, signal = AbortSignal.timeout(withinMs)): Promise<Response> =>
    fetch(app.url + path, { headers: { accept: 'text/event-stream' }, signal });

  it('ends with what came of it, which is what the same address says as JSON', async () => {
    const path = await asked();
    const response = await follow(path);
    expect([response.status, response.headers.get('content-type'), response.headers.get('cache-control')]).toEqual([
      200,
      'text/event-stream',
      'no-store',
    ]);
    const told = (await response.text()).trimEnd().split('\n\n');
    const [, data] = /^event: ended\ndata: (.*)$/.exec(told.at(-1) ?? '') ?? [];
    expect(JSON.parse(data ?? '{}')).toEqual((await app.get(path)).json);
    expect(JSON.parse(data ?? '{}')).toMatchObject({ state: 'swapped', identical: true });
    for (const event of told.slice(0, -1)) expect(event).toMatch(/^(event: progress\ndata: \{.*\}|:)$/);
  });

  it('is a problem, and no stream, for a rebuild that nobody knows', async () => {
    const response = await follow('/v1/projections/charges/rebuilds/unknown');
    expect([response.status, response.headers.get('content-type')]).toEqual([
      404,
      expect.stringContaining('application/problem+json'),
    ]);
  });

  it('ends with its process, whoever still listens', async () => {
    const response = await follow(await asked());
    await app.close();
    expect(await response.text()).toMatch(/^event: /);
    app = await FinanceApp.start(books);
  });
});
