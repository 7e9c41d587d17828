import { rulebook } from '../testing/embedded-ledger';
import { LedgerApp, type LedgerResponse } from '../testing/ledger-app';

const minuteMs = 60_000;

describe('GET charges', () => {
  let ledger: LedgerApp;

  beforeAll(async () => {
    ledger = await LedgerApp.start();
    await ledger.publish({
      ...rulebook,
      models: [...rulebook.models, { id: 'claude', group: 'default', price: { mode: 'request', unit: '0.25' } }],
    });
    await ledger.on('POST', '/accounts', { account: 'a', occurredAt: '2026-01-01T00:00:00Z' });
    await ledger.on('POST', '/accounts/a/keys', { keyId: 'k1', name: 'k' });
    for (let i = 0; i < 230; i++)
      await ledger.use(
        'a',
        `u${i}`,
        { model: i % 2 ? 'claude' : 'gpt', ...(i % 10 === 0 && { apiKeyId: 'k1' }) },
        (230 - i) * minuteMs,
      );
    await ledger.charged('a', 'u229');
  });
  afterAll(() => ledger.close());

  const ids = ({ body }: LedgerResponse): string[] => (body['charges'] as { id: string }[]).map(({ id }) => id);
  const all = async (filter: string): Promise<string[]> => {
    const found: string[] = [];
    let next = '';
    do {
      const page = await ledger.on('GET', `/accounts/a/charges?${filter}${next === '' ? '' : `&cursor=${next}`}`);
      expect(page.status).toBe(200);
      found.push(...ids(page));
      next = (page.body['next'] as string | null) ?? '';
    } while (next !== '');
    return found;
  };

  it('shows one charge by the identity of its usage, with its price spelled out', async () => {
    expect(await ledger.on('GET', '/accounts/a/charges?source=gw&id=u1')).toMatchObject({
      status: 200,
      body: {
        charges: [
          {
            source: 'gw',
            id: 'u1',
            model: 'claude',
            amount: '0.25',
            unrounded: '0.25',
            currency: 'CNY',
            tier: 'default',
            group: 'default',
            channel: null,
            apiKeyId: null,
            rulebookVersion: 1,
            draws: [{ from: 'receivable', amount: '0.25' }],
            limitedBy: 'insufficient_credits',
            reversed: false,
            explain: expect.stringContaining('0.25') as string,
          },
        ],
        next: null,
      },
    });
  });

  it('is empty while usage is pending', async () => {
    expect(await ledger.on('GET', '/accounts/a/charges?source=gw&id=never')).toMatchObject({
      status: 200,
      body: { charges: [] },
    });
    expect(await ledger.on('GET', '/accounts/a/charges?source=other&id=u1')).toMatchObject({
      status: 200,
      body: { charges: [] },
    });
  });

  it('lists every charge once, the one booked last first, page by page', async () => {
    const first = await ledger.on('GET', '/accounts/a/charges');
    expect(ids(first)).toHaveLength(100);
    await ledger.use('a', 'late');
    await ledger.charged('a', 'late');
    const second = await ledger.on('GET', `/accounts/a/charges?cursor=${String(first.body['next'])}`);
    const third = await ledger.on('GET', `/accounts/a/charges?cursor=${String(second.body['next'])}`);
    const listed = [first, second, third].flatMap(ids);
    expect(third.body['next']).toBeNull();
    expect(listed.toSorted()).toEqual(Array.from({ length: 230 }, (_, i) => `u${i}`).toSorted());
    expect(listed[0]).toBe('u229');
  });

  it('starts with the last of all where a cursor lies behind it', async () => {
    const cursor = Buffer.from(`["charges",${Number.MAX_SAFE_INTEGER},0]`).toString('base64url');
    const page = await ledger.on('GET', `/accounts/a/charges?cursor=${cursor}`);
    expect([page.status, ids(page)[0]]).toEqual([200, 'late']);
  });

  it('lists those of a model, a key and a time', async () => {
    expect(new Set(await all('model=gpt'))).toEqual(
      new Set([...Array.from({ length: 115 }, (_, i) => `u${i * 2}`), 'late']),
    );
    expect(await all('apiKey=k1')).toHaveLength(23);
    expect(await all('apiKey=k1&model=claude')).toEqual([]);
    const occurredAt = async (id: string): Promise<string> =>
      ((await ledger.charged('a', id)) as { occurredAt: string }).occurredAt;
    const between = await all(`from=${await occurredAt('u100')}&to=${await occurredAt('u110')}`);
    expect(between.toSorted()).toEqual(Array.from({ length: 10 }, (_, i) => `u${100 + i}`).toSorted());
  });

  it('shows the same from a process that has just started', async () => {
    const process = ledger.processCount;
    await ledger.startProcess();
    const warm = await ledger.on('GET', '/accounts/a/charges?source=gw&id=u3');
    expect((await ledger.on('GET', '/accounts/a/charges?source=gw&id=u3', undefined, process)).body).toEqual(warm.body);
  });

  it.each([
    ['/accounts/a/charges?source=gw', 422, 'invalid_request'],
    ['/accounts/a/charges?id=u1', 422, 'invalid_request'],
    ['/accounts/a/charges?cursor=x', 422, 'invalid_request'],
    ['/accounts/a/charges?from=yesterday', 422, 'invalid_request'],
    ['/accounts/a/charges?page=2', 422, 'invalid_request'],
    ['/accounts/nobody/charges?source=gw&id=u1', 404, 'unknown_account'],
    ['/accounts/nobody/charges', 404, 'unknown_account'],
  ])('refuses %s', async (path, status, code) => {
    expect(await ledger.on('GET', path)).toMatchObject({ status, body: { code } });
  });
});
