import { formatInstant } from '@meterbook/domain/time/instant';
import { LedgerApp } from '../testing/ledger-app';

const hourMs = 3_600_000;

describe('a version that is withdrawn', () => {
  let ledger: LedgerApp;

  beforeAll(async () => {
    ledger = await LedgerApp.start();
  });
  afterAll(() => ledger.close());

  const content = (platform: string, price: string, more: Readonly<Record<string, unknown>> = {}) => ({
    platform,
    currency: 'CNY',
    tiers: [{ id: 'default', rank: 1 }],
    groups: [{ id: 'default', models: ['*'] }],
    providers: { manual: {} },
    models: [{ id: 'gpt', group: 'default', price: { mode: 'request', unit: price } }],
    ...more,
  });
  const inHours = (hours: number) => formatInstant(ledger.clock.now() + hours * hourMs);
  const on = (method: 'GET' | 'PUT' | 'POST' | 'DELETE', platform: string, path: string, body?: unknown, process = 0) =>
    ledger.send(method, `/v1/platforms/${platform}${path}`, body, { process });
  const publish = (platform: string, price: string, more: Readonly<Record<string, unknown>> = {}) =>
    on('PUT', platform, '/rulebook', content(platform, price, more));
  const withdraw = (platform: string, version: number | string, process = 0) =>
    on('DELETE', platform, `/rulebook/versions/${version}`, undefined, process);
  const quote = async (platform: string, at?: string) =>
    (await on('POST', platform, '/quotes', { model: 'gpt', units: {}, at })).body;

  it('is no version any more, as often as it is withdrawn, and its number is not used again', async () => {
    await publish('w1', '1');
    const effectiveFrom = inHours(2);
    expect(await publish('w1', '2', { effectiveFrom })).toMatchObject({ status: 201, body: { version: 2 } });
    expect((await withdraw('w1', 2)).status).toBe(204);
    expect((await withdraw('w1', 2)).status).toBe(204);
    expect(await on('GET', 'w1', '/rulebook?version=2')).toMatchObject({
      status: 404,
      body: { code: 'unknown_rulebook_version' },
    });
    expect((await on('GET', 'w1', '/rulebook')).body).toMatchObject({ version: 1 });
    expect(await publish('w1', '2', { effectiveFrom })).toMatchObject({ status: 201, body: { version: 3 } });
    expect((await on('GET', 'w1', '/rulebook?version=1')).body).toMatchObject({ version: 1 });
  });

  it('was not in force, and is one that was published', async () => {
    await publish('w2', '1');
    expect(await withdraw('w2', 1)).toMatchObject({ status: 409, body: { code: 'version_in_force' } });
    for (const version of [2, 99, 0, 'x', '1e0'])
      expect(await withdraw('w2', version)).toMatchObject({ status: 404, body: { code: 'unknown_rulebook_version' } });
    expect(await withdraw('nowhere', 1)).toMatchObject({ status: 404, body: { code: 'unknown_platform' } });
    await publish('w2', '2', { effectiveFrom: inHours(1) });
    ledger.clock.aheadMs += hourMs;
    expect(await withdraw('w2', 2)).toMatchObject({ status: 409, body: { code: 'version_in_force' } });
    expect((await quote('w2'))['rulebookVersion']).toBe(2);
  });

  it('takes no part in what is rated, shown or decided, in any process', async () => {
    await ledger.startProcess();
    await publish('w3', '1', { effectiveFrom: '2020-01-01T00:00:00Z' });
    const tiers = [{ id: 'basic', rank: 1 }];
    await publish('w3', '7', { tiers, providers: { other: {} }, effectiveFrom: inHours(1) });
    const recharge = (rechargeId: string, process = 0) =>
      on(
        'POST',
        'w3',
        '/accounts/a/recharges',
        { rechargeId, provider: 'manual', amount: '100', currency: 'CNY' },
        process,
      );
    expect((await recharge('r1', 1)).status).toBe(201);
    expect(await quote('w3', inHours(1))).toMatchObject({ amount: '7', rulebookVersion: 2 });
    expect((await withdraw('w3', 2)).status).toBe(204);
    expect(await quote('w3', inHours(1))).toMatchObject({ amount: '1', rulebookVersion: 1 });
    ledger.clock.aheadMs += 2 * hourMs;
    await ledger.use('a', 'u1', {}, 1000, 'w3');
    const charges = await ledger.eventually(
      () => on('GET', 'w3', '/accounts/a/charges?source=gw&id=u1'),
      ({ body }) => (body['charges'] as unknown[]).length > 0,
    );
    expect(charges.body).toMatchObject({ charges: [{ amount: '1', rulebookVersion: 1, tier: 'default' }] });
    for (const process of [0, 1]) {
      expect((await recharge(`late-${process}`, process)).status).toBe(201);
      expect((await on('GET', 'w3', '/accounts/a', undefined, process)).body).toMatchObject({ tier: 'default' });
    }
  });

  it('leaves commands without a rulebook where it was the only one, and another currency may come', async () => {
    await publish('w4', '1', { effectiveFrom: inHours(5) });
    expect((await withdraw('w4', 1)).status).toBe(204);
    expect(await on('GET', 'w4', '/rulebook')).toMatchObject({
      status: 404,
      body: { code: 'unknown_rulebook_version' },
    });
    const open = () => on('POST', 'w4', '/accounts', { account: 'a' });
    expect(await open()).toMatchObject({ status: 422, body: { code: 'no_rulebook' } });
    expect(await on('POST', 'w4', '/quotes', { model: 'gpt', units: {} })).toMatchObject({
      status: 422,
      body: { code: 'no_rulebook' },
    });
    expect(await on('GET', 'w4', '/accounts/a')).toMatchObject({ status: 404, body: { code: 'unknown_account' } });
    expect(await publish('w4', '1', { currency: 'USD' })).toMatchObject({ status: 201, body: { version: 2 } });
    expect((await open()).status).toBe(201);
  });

  it('is withdrawn once, however many ask at once through two processes while others publish', async () => {
    await publish('w5', '1');
    await publish('w5', '2', { effectiveFrom: inHours(3) });
    const answers = await Promise.all([
      ...Array.from({ length: 8 }, (_, i) => withdraw('w5', 2, i % 2)),
      ...Array.from({ length: 8 }, (_, i) => publish('w5', `${i + 3}`, { effectiveFrom: inHours(4) })),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([
      ...answers.slice(0, 8).map(() => 204),
      ...answers.slice(8).map(() => 201),
    ]);
    const events = (await ledger.stored('rulebook-w5')).map(({ type }) => type);
    expect(events.filter((type) => type === 'RulebookWithdrawn')).toHaveLength(1);
    expect((await on('GET', 'w5', '/rulebook')).body).toMatchObject({ version: 10 });
  });
});
