import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, existsSync } from 'node:fs';
import { LedgerApp } from '../testing/ledger-app';

const content = (platform: string, more: Readonly<Record<string, unknown>> = {}) => ({
  platform,
  currency: 'CNY',
  tiers: [{ id: 'default', rank: 1 }],
  groups: [{ id: 'default', models: ['*'] }],
  models: [{ id: 'gpt', group: 'default', price: { mode: 'request', unit: '1' } }],
  ...more,
});

describe('rulebooks', () => {
  let ledger: LedgerApp;

  beforeAll(async () => {
    ledger = await LedgerApp.start();
  });
  afterAll(() => ledger.close());

  const put = (platform: string, body: unknown, process = 0) =>
    ledger.send('PUT', `/v1/platforms/${platform}/rulebook`, body, { process });
  const get = (platform: string, query = '') => ledger.send('GET', `/v1/platforms/${platform}/rulebook${query}`);

  it('are versions 1, 2, 3 … that can all be read', async () => {
    const first = await put('p1', content('p1', { effectiveFrom: '2026-01-01T00:00:00Z' }));
    expect(first).toMatchObject({ status: 201, body: { version: 1, effectiveFrom: '2026-01-01T00:00:00.000Z' } });
    expect(await put('p1', content('p1', { refund: { windowDays: 14 } }))).toMatchObject({
      status: 201,
      body: { version: 2 },
    });
    expect(await get('p1')).toMatchObject({
      status: 200,
      body: { version: 2, rulebook: content('p1', { refund: { windowDays: 14 } }) },
    });
    expect((await get('p1', '?version=1')).body).toEqual({ ...first.body, rulebook: content('p1') });
    expect(await get('p1', '?version=3')).toMatchObject({ status: 404, body: { code: 'unknown_rulebook_version' } });
    expect(await get('p1', '?version=0')).toMatchObject({ status: 422, body: { code: 'invalid_request' } });
  });

  it('have the SHA-256 of their canonical JSON, whatever the order of keys', async () => {
    const sorted =
      '{"currency":"CNY","groups":[{"id":"default","models":["*"]}],"models":[{"group":"default","id":"gpt","price":{"mode":"request","unit":"1"}}],"platform":"p2","tiers":[{"id":"default","rank":1}]}';
    const published = await put('p2', content('p2', { effectiveFrom: '2026-01-01T00:00:00Z' }));
    expect(published.body['sha256']).toBe(createHash('sha256').update(sorted).digest('hex'));
    expect(await put('p2', sorted)).toMatchObject({ status: 200, body: published.body });
  });

  it('stay the same when the latest is published again, unless another instant is asked for', async () => {
    const instant = '2026-01-01T00:00:00Z';
    const first = await put('p3', content('p3', { effectiveFrom: instant }));
    for (const effectiveFrom of [instant, '2026-01-01T01:00:00+01:00', undefined])
      expect(await put('p3', content('p3', { effectiveFrom }))).toMatchObject({ status: 200, body: first.body });
    expect(await put('p3', content('p3', { effectiveFrom: '2998-01-01T00:00:00Z' }))).toMatchObject({
      status: 201,
      body: { version: 2, effectiveFrom: '2998-01-01T00:00:00.000Z' },
    });
    expect(await put('p3', content('p3'))).toMatchObject({ status: 200, body: { version: 2 } });
  });

  it('may come back to what they were before the latest', async () => {
    await put('p4', content('p4'));
    await put('p4', content('p4', { refund: { windowDays: 14 } }));
    expect(await put('p4', content('p4'))).toMatchObject({ status: 201, body: { version: 3 } });
  });

  it('never lie before the one in force, but may precede one that is still to come', async () => {
    await put('p5', content('p5', { effectiveFrom: '2026-01-01T00:00:00Z' }));
    await put('p5', content('p5', { effectiveFrom: '2998-01-01T00:00:00Z', refund: { windowDays: 1 } }));
    expect(
      await put('p5', content('p5', { effectiveFrom: '2997-01-01T00:00:00Z', refund: { windowDays: 2 } })),
    ).toMatchObject({ status: 201, body: { version: 3 } });
    const early = content('p5', { effectiveFrom: '2025-12-31T23:59:59.999Z', refund: { windowDays: 3 } });
    expect(await put('p5', early)).toMatchObject({
      status: 422,
      body: { code: 'invalid_rulebook', errors: [{ pointer: '/effectiveFrom', code: 'invalid_value' }] },
    });
    const before = ledger.clock.now();
    const now = await put('p5', content('p5', { refund: { windowDays: 4 } }));
    expect(now).toMatchObject({ status: 201, body: { version: 4 } });
    expect(Date.parse(String(now.body['effectiveFrom']))).toBeGreaterThanOrEqual(before);
    expect(Date.parse(String(now.body['effectiveFrom']))).toBeLessThanOrEqual(ledger.clock.now());
  });

  it('are refused with every fault and where it stands', async () => {
    const faulty = {
      ...content('p6'),
      tiers: [],
      models: [{ id: 'gpt', group: 'nope', price: { mode: 'request', unit: 1 } }],
      colour: 'red',
    };
    const answer = await put('p6', faulty);
    expect(answer).toMatchObject({ status: 422, body: { code: 'invalid_rulebook' } });
    const pointers = (answer.body['errors'] as { pointer: string }[]).map(({ pointer }) => pointer);
    expect(pointers).toEqual(expect.arrayContaining(['/tiers', '/models/0/price/unit', '/colour']));
    expect(await get('p6')).toMatchObject({ status: 404, body: { code: 'unknown_platform' } });
    const checked = await ledger.send('POST', '/v1/platforms/p6/rulebook/validate', faulty);
    expect(checked).toMatchObject({ status: 200, body: { valid: false, errors: answer.body['errors'] } });
  });

  it('belong to the platform of the path, and keep its currency', async () => {
    expect(await put('p7', content('other'))).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/platform' }] },
    });
    await put('p7', content('p7'));
    expect(await put('p7', { ...content('p7'), currency: 'USD' })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/currency' }] },
    });
  });

  it('can be validated before there is one', async () => {
    expect(await ledger.send('POST', '/v1/platforms/p8/rulebook/validate', content('p8'))).toMatchObject({
      status: 200,
      body: { valid: true, errors: [] },
    });
    expect(await get('p8')).toMatchObject({ status: 404 });
  });

  it('may be YAML', async () => {
    const yaml =
      'platform: p9\ncurrency: CNY\ntiers: [{ id: default, rank: 1 }]\ngroups: [{ id: default, models: ["*"] }]\nmodels: []\n';
    for (const type of ['application/yaml', 'text/yaml']) {
      const answer = await ledger.send('PUT', '/v1/platforms/p9/rulebook', yaml, { headers: { 'content-type': type } });
      expect([200, 201]).toContain(answer.status);
    }
    expect((await get('p9')).body).toMatchObject({ version: 1, rulebook: { platform: 'p9', models: [] } });
    const broken = await ledger.send('PUT', '/v1/platforms/p9/rulebook', 'a: [', {
      headers: { 'content-type': 'text/yaml' },
    });
    expect(broken).toMatchObject({ status: 400, body: { code: 'invalid_yaml' } });
    const lone = await ledger.send(
      'PUT',
      '/v1/platforms/p9/rulebook',
      `${yaml}starterGrant: { amount: "1", reason: "\\uD800" }`,
      {
        headers: { 'content-type': 'text/yaml' },
      },
    );
    expect(lone.status).toBeLessThan(500);
  });

  it('are one version each, however many publish at once through two processes', async () => {
    await ledger.startProcess();
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, i) => put('race', content('race', { refund: { windowDays: i + 1 } }), i % 2)),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(12).fill(201));
    expect(answers.map(({ body }) => Number(body['version'])).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 12 }, (_, i) => i + 1),
    );
    const same = await Promise.all(Array.from({ length: 12 }, (_, i) => put('same', content('same'), i % 2)));
    expect(same.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(same.filter(({ status }) => status === 200)).toHaveLength(11);
  });

  it('make platforms, which are listed page by page', async () => {
    for (let i = 0; i < 101; i++) await put(`many-${i}`, content(`many-${i}`));
    const names: string[] = [];
    let next: string | null = null;
    do {
      const page = await ledger.send('GET', `/v1/platforms${next === null ? '' : `?cursor=${next}`}`);
      names.push(...(page.body['items'] as { platform: string }[]).map(({ platform }) => platform));
      next = page.body['next'] as string | null;
    } while (next !== null);
    expect(names).toEqual(expect.arrayContaining(['p1', 'p5', 'race', 'many-0', 'many-100']));
    expect(names).not.toContain('p6');
    expect(new Set(names).size).toBe(names.length);
  });

  it('take every preset', async () => {
    const presets = existsSync('rulebooks') ? readdirSync('rulebooks').filter((name) => name.endsWith('.yaml')) : [];
    expect(presets.length).toBeGreaterThan(0);
    for (const preset of presets) {
      const platform = preset.replace('.yaml', '');
      const answer = await ledger.send(
        'PUT',
        `/v1/platforms/${platform}/rulebook`,
        readFileSync(`rulebooks/${preset}`, 'utf8'),
        {
          headers: { 'content-type': 'application/yaml' },
        },
      );
      expect([preset, answer.status]).toEqual([preset, 201]);
    }
  });
});
