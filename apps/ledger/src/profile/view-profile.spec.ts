import { rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LedgerApp, type LedgerResponse } from '../testing/ledger-app';
import { rulebook } from '../testing/embedded-ledger';
import { IndexKeys } from './index-keys';
import { KeyIndex } from './key-index';
import { keyIndexPath } from './key-index-file';
import { createLog } from '@meterbook/runtime/log';

const path = '/api/auth/me';
const nobodys = `mb_${'x'.repeat(43)}`;
const tiers = [
  { id: 'default', rank: 1, limits: { requestsPerMinute: 10, requestsPerDay: 1000 } },
  { id: 'pro', rank: 2, priority: { level: 3, name: 'high' }, limits: { requestsPerMinute: 99 }, webhooks: true },
];
const groups = [
  { id: 'default', models: ['*'] },
  { id: 'fast', models: ['*'], limits: { requestsPerMinute: null } },
];
const plans = [{ id: 'starter', price: '10', baseCredits: '1000', models: ['*'], limits: { requestsPerDay: 5 } }];
const rules = { ...rulebook, tiers, groups, creditsPerUnit: '100', plans };

describe('the profile of an account', () => {
  let ledger: LedgerApp;
  beforeAll(async () => {
    ledger = await LedgerApp.start();
    await ledger.publish(rules);
  });
  afterAll(() => ledger.close());

  let accounts = 0;
  /** A new account with 100 in its wallet, and a key of it. */
  const withKey = async (group: string | null = null): Promise<{ account: string; secret: string }> => {
    const account = `a${(accounts += 1)}`;
    const recharge = { rechargeId: 'r1', provider: 'manual', amount: '100', currency: 'CNY' };
    await ledger.on('POST', `/accounts/${account}/recharges`, recharge);
    return { account, secret: await issue(account, 'k1', group) };
  };
  const issue = async (account: string, keyId: string, group: string | null = null): Promise<string> => {
    const { status, body } = await ledger.on('POST', `/accounts/${account}/keys`, { keyId, group });
    expect(status).toBe(201);
    return String(body['secret']);
  };
  const ask = (authorization?: string, process = 0): Promise<LedgerResponse> =>
    ledger.send('GET', path, undefined, { process, headers: authorization === undefined ? {} : { authorization } });
  const me = (secret: string, process = 0): Promise<LedgerResponse> => ask(`Bearer ${secret}`, process);

  it('is shown to whoever holds a key of it, at once', async () => {
    const { account, secret } = await withKey();
    const noPool = { granted: '0', used: '0', remaining: '0' };
    expect(await me(secret)).toMatchObject({
      status: 200,
      body: {
        platform: 'apibox',
        account,
        tier: 'default',
        priority: { level: 1, name: 'default' },
        limits: { requestsPerMinute: 10, requestsPerDay: 1000 },
        group: null,
        webhooks: false,
        currency: 'CNY',
        wallet: '100',
        available: '100',
        pools: { main: noPool, backup: noPool },
        subscription: null,
      },
    });
  });

  it('has the tier that counts, the key’s group and the limits that hold for its requests', async () => {
    const { account, secret } = await withKey('fast');
    await ledger.on('PATCH', `/accounts/${account}`, { tier: 'pro' });
    const start = { paymentRef: 'p1', plan: 'starter', kind: 'one-time', provider: 'manual' };
    expect((await ledger.on('POST', `/accounts/${account}/subscription`, start)).status).toBe(201);
    const { body } = await me(secret);
    expect(body).toMatchObject({
      tier: 'pro',
      priority: { level: 3, name: 'high' },
      webhooks: true,
      group: 'fast',
      limits: { requestsPerMinute: null, requestsPerDay: 5 },
      subscription: { plan: 'starter' },
      pools: { main: { remaining: '1200' } },
    });
    await ledger.on('PATCH', `/accounts/${account}/keys/k1`, { group: null });
    await ledger.on('PATCH', `/accounts/${account}`, { limits: { requestsPerDay: 7 } });
    expect((await me(secret)).body).toMatchObject({
      group: null,
      limits: { requestsPerMinute: 99, requestsPerDay: 7 },
    });
  });

  it('is shown of a suspended account too', async () => {
    const { account, secret } = await withKey();
    await ledger.on('PATCH', `/accounts/${account}`, { suspended: true });
    expect(await me(secret)).toMatchObject({ status: 200, body: { account } });
  });

  it('is not shown for a key that was revoked, from that moment on', async () => {
    const { account, secret } = await withKey();
    const other = await issue(account, 'k2');
    expect((await me(secret)).status).toBe(200);
    await ledger.on('DELETE', `/accounts/${account}/keys/k1`);
    expect(await me(secret)).toMatchObject({ status: 401, body: { code: 'invalid_api_key' } });
    expect((await me(other)).status).toBe(200);
  });

  it.each<[string, string | undefined, string]>([
    ['nothing', undefined, 'unauthenticated'],
    ['another scheme', `Basic ${nobodys}`, 'unauthenticated'],
    ['a key that nobody has', `Bearer ${nobodys}`, 'invalid_api_key'],
    ['what is no key', 'Bearer open-sesame', 'invalid_api_key'],
    ['more than a key', `Bearer ${nobodys}x`, 'invalid_api_key'],
  ])('is not shown to who shows %s', async (_what, authorization, code) => {
    const answer = await ask(authorization);
    expect([answer.status, answer.body['code'], answer.headers['www-authenticate']]).toEqual([401, code, 'Bearer']);
    expect(JSON.stringify(answer.body)).not.toContain('mb_');
  });

  it('is found by any process, by one that has just started too', async () => {
    const { account, secret } = await withKey();
    await ledger.startProcess();
    expect(await me(secret, ledger.processCount - 1)).toMatchObject({ status: 200, body: { account } });
  });

  it('is asked for by many that have no key, who wait together for one look at the store', async () => {
    const { store } = await ledger.startProcess();
    await ask(`Bearer ${nobodys}`, ledger.processCount - 1);
    let looks = 0;
    const end = store.end.bind(store);
    store.end = () => {
      looks += 1;
      return end();
    };
    const wrong = Array.from({ length: 2000 }, (_, i) => `mb_${String(i).padStart(43, 'w')}`);
    const answers = await Promise.all(wrong.map((secret) => me(secret, ledger.processCount - 1)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
    expect(looks).toBeLessThan(wrong.length / 10);
  });
});

describe('the index of API keys', () => {
  let ledger: LedgerApp;
  let folder: string;
  let secrets: string[];
  beforeAll(async () => {
    ledger = await LedgerApp.start();
    await ledger.publish(rules);
    folder = join(ledger.directory, 'index');
    secrets = [];
  });
  afterAll(() => ledger.close());

  it.each<[string, () => void]>([
    ['is missing', () => rmSync(join(folder, 'keys'), { recursive: true, force: true })],
    ['is empty', () => truncateSync(keyIndexPath(folder), 0)],
    ['is garbage', () => writeFileSync(keyIndexPath(folder), 'garbage'.repeat(5_000))],
    ['is there', () => undefined],
  ])('is filled from the store where its file %s, also for a reader that has it open', async (_what, spoil) => {
    const account = `b${secrets.length}`;
    await ledger.on('POST', '/accounts', { account });
    const { body } = await ledger.on('POST', `/accounts/${account}/keys`, { keyId: 'k1' });
    secrets.push(String(body['secret']));
    const reader = new KeyIndex(folder);
    reader.position();
    spoil();
    const { store } = await ledger.startProcess();
    const loop = new IndexKeys(store, ledger.clock, folder, createLog('fatal'));
    const stop = new AbortController();
    const running = loop.run(stop.signal);
    const end = await store.end();
    while (reader.position() !== end) await ledger.clock.sleep(5);
    const issued = await ledger.stored(`account-apibox/${account}`);
    const { secretHash } = JSON.parse(issued[1]?.data ?? '') as { secretHash: string };
    expect(reader.of(secretHash)).toEqual({ secretHash, account: `apibox/${account}`, keyId: 'k1' });
    stop.abort();
    await running;
    expect(loop.progress()).toBeNull();
    reader.close();
  });
});
