import { createHash, createHmac } from 'node:crypto';
import { createLog } from '@meterbook/runtime/log';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { ManualClock } from '@meterbook/runtime/testing/manual-clock';
import { AUDIENCE, ISSUER, signerOf, TokenIssuer, type Claims } from '../../testing/token-issuer';
import { scopes, type Principal } from '../principal';
import { IssuerKeys, KEYS_AGAIN_AFTER_MS, KEYS_EVERY_MS, KEYS_GOOD_FOR_MS, KeysAway } from './issuer-keys';
import { JsonWebTokens } from './json-web-tokens';
import { documentAt } from './key-set-document';
import { TokenRefused } from './token-refused';

const log = createLog('fatal', { write: () => undefined });
const MOST_PROVED = 20;
const json = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('JSON web tokens', () => {
  let issuer: TokenIssuer;
  let clock: ManualClock;
  let tokens: JsonWebTokens;

  const tokensOf = (claims: object = {}, algorithms = ['ES256', 'RS256']): JsonWebTokens =>
    new JsonWebTokens(
      new IssuerKeys(documentAt(issuer.url), clock, log),
      {
        issuer: ISSUER,
        audience: [AUDIENCE, 'books'],
        algorithms,
        skewSeconds: 30,
        claims: { scopes: null, platforms: 'platforms', ...claims },
      },
      clock,
      MOST_PROVED,
    );
  const ask = (token: string): Promise<Principal> =>
    Promise.resolve(tokens.principalOf(token, createHash('sha256').update(token).digest()));
  const signed = (claims: Claims = {}): Promise<string> => issuer.sign(claims, clock.now());
  const whoIs = async (claims: Claims): Promise<Principal> => ask(await signed(claims));

  beforeEach(async () => {
    issuer = await TokenIssuer.start();
    clock = new ManualClock();
    tokens = tokensOf();
  });
  afterEach(() => issuer.stop());

  it('say who asks, with which scopes, and on which platforms', async () => {
    const claims = { sub: 'auth0|42', scope: 'openid usage:write ledger:read', platforms: ['apibox'] };
    const principal = await whoIs(claims);
    expect(principal.name).toBe('auth0|42');
    expect(scopes.filter((scope) => principal.may(scope))).toEqual(['usage:write', 'ledger:read']);
    expect(['apibox', 'yunxin'].map((platform) => principal.mayUse(platform))).toEqual([true, false]);
  });

  it.each<[string, Claims]>([
    ['a list called scope', { scope: ['usage:write'] }],
    ['a text called scopes', { scopes: 'usage:write' }],
    ['a list called scp', { scp: ['usage:write'] }],
  ])('may have their scopes in %s', async (_name, claims) => {
    const principal = await whoIs(claims);
    expect(scopes.filter((scope) => principal.may(scope))).toEqual(['usage:write']);
  });

  it('have their scopes and platforms where the configuration says, and nowhere else', async () => {
    tokens = tokensOf({ scopes: 'https://books/roles', platforms: 'tenants' });
    const principal = await whoIs({ scope: 'admin', 'https://books/roles': ['usage:write'], tenants: 'apibox' });
    expect(scopes.filter((scope) => principal.may(scope))).toEqual(['usage:write']);
    expect(['apibox', 'yunxin'].map((platform) => principal.mayUse(platform))).toEqual([true, false]);
  });

  it('without scopes may do nothing, and with an empty list of platforms nowhere', async () => {
    const principal = await whoIs({ platforms: [] });
    expect(scopes.filter((scope) => principal.may(scope))).toEqual([]);
    expect(principal.mayUse('apibox')).toBe(false);
  });

  it('may be of a program without a person', async () => {
    expect((await whoIs({ sub: undefined, client_id: 'billing-job' })).name).toBe('billing-job');
  });

  it.each<[string, Claims, RegExp]>([
    ['are of another issuer', { iss: 'https://evil.example' }, /another issuer/],
    ['have no issuer', { iss: undefined }, /another issuer/],
    ['are for another audience', { aud: 'shop' }, /another audience/],
    ['have no audience', { aud: undefined }, /another audience/],
    ['never expire', { exp: undefined }, /until when/],
    ['have expired', { exp: 1 }, /expired/],
    ['are not valid yet', { nbf: 99_999_999_999 }, /not valid yet/],
    ['are nobody’s', { sub: undefined }, /whose it is/],
    ['have a name with a line break', { sub: 'a\nb' }, /whose it is/],
    ['have a name of 256 characters', { sub: 'x'.repeat(256) }, /whose it is/],
    ['have scopes that are a number', { scope: 7 }, /scopes/],
    ['have platforms that are an object', { platforms: { apibox: true } }, /platforms/],
    ['have platforms that are no ids', { platforms: ['*'] }, /platforms/],
    ['have platforms that are null', { platforms: null }, /platforms/],
  ])('that %s are refused', async (_name, claims, why) => {
    await expect(whoIs(claims)).rejects.toThrow(TokenRefused);
    await expect(whoIs(claims)).rejects.toThrow(why);
  });

  it('expire by our clock, a little later than they say, whether they were known or not', async () => {
    const token = await signed();
    await ask(token);
    await ask(token);
    expect(tokens.known).toBe(1);
    await clock.advance(629_000);
    expect((await ask(token)).name).toBe('gateway-7');
    await clock.advance(1_000);
    await expect(ask(token)).rejects.toThrow('expired');
    expect(tokens.known).toBe(0);
  });

  it('that are signed by nobody, or by what everybody knows, are refused', async () => {
    const [, payload = ''] = (await signed()).split('.');
    const hmac = (head: string): string =>
      createHmac('sha256', issuer.document()).update(`${head}.${payload}`).digest('base64url');
    const symmetric = json({ alg: 'HS256', kid: 'first' });
    for (const forged of [
      `${json({ alg: 'none' })}.${payload}.x`,
      `${symmetric}.${payload}.${hmac(symmetric)}`,
      `${json({ alg: 'ES256', kid: 'first' })}.${payload}.AAAA`,
      `${json({ alg: 'ES256', kid: 'first', b64: false, crit: ['b64'] })}.${payload}.AAAA`,
      `${json({ alg: 'ES256', kid: 'first' })}.${json({ sub: 'root' })}.${(await signed()).split('.')[2]}`,
      'a.b.c',
    ])
      await expect(ask(forged)).rejects.toThrow(TokenRefused);
    const stranger = await signerOf('first');
    await expect(ask(await issuer.sign({}, clock.now(), stranger))).rejects.toThrow('right signature');
  });

  it('bring no key of their own along', async () => {
    const stranger = await signerOf('mine');
    const token = await issuer.sign({}, clock.now(), stranger);
    const [, payload, signature] = token.split('.');
    const header = json({ alg: 'ES256', kid: 'first', jwk: stranger.publicKey, jku: 'http://127.0.0.1:1/keys' });
    await expect(ask(`${header}.${payload}.${signature}`)).rejects.toThrow(TokenRefused);
  });

  it('of an algorithm that the configuration does not name are refused, whoever has the key', async () => {
    await issuer.newKey('rsa', 'PS256');
    await expect(ask(await signed())).rejects.toThrow('algorithm');
    tokens = tokensOf({}, ['PS256']);
    expect((await ask(await signed())).name).toBe('gateway-7');
  });

  it('that name no key are tried with those that there are', async () => {
    await issuer.newKey(undefined);
    await issuer.newKey(undefined);
    expect((await whoIs({})).name).toBe('gateway-7');
    const stranger = await signerOf(undefined);
    await expect(ask(await issuer.sign({}, clock.now(), stranger))).rejects.toThrow('names no key');
  });

  it('of any length are refused without being read', async () => {
    await expect(whoIs({ padding: 'x'.repeat(8_192) })).rejects.toThrow('longer than 8192');
    expect(issuer.asked).toBe(0);
  });

  it('are proved once and then known by their hash, as many as there is room for', async () => {
    const token = await signed();
    await ask(token);
    await ask(token);
    expect(tokens.principalOf(token, createHash('sha256').update(token).digest())).toHaveProperty('name', 'gateway-7');
    for (let at = 0; at < MOST_PROVED + 5; at += 1)
      await tokens.principalOf(token, createHash('sha256').update(String(at)).digest());
    expect(tokens.known).toBe(MOST_PROVED);
  });

  it('are taken by a key that the issuer has only now, which is asked for at most once in a while', async () => {
    await whoIs({});
    await clock.advance(KEYS_AGAIN_AFTER_MS);
    await issuer.newKey('second');
    const asked = issuer.asked;
    const answers = await Promise.all(Array.from({ length: 20 }, async () => (await whoIs({})).name));
    expect(new Set(answers)).toEqual(new Set(['gateway-7']));
    const stranger = await signerOf('third');
    for (let at = 0; at < 20; at += 1)
      await expect(ask(await issuer.sign({}, clock.now(), stranger))).rejects.toThrow('not known');
    expect(issuer.asked - asked).toBe(1);
  });

  it('are refused once their key was taken back, also those that were known', async () => {
    const token = await signed();
    await ask(token);
    const over = new AbortController();
    const running = tokens.keys.run(over.signal);
    await clock.settle();
    await issuer.newKey('second');
    issuer.takeBack('first');
    await until(async () => {
      await clock.advance(KEYS_EVERY_MS / 10);
      return tokens.keys.generation === 2;
    });
    await expect(ask(await issuer.sign({ sub: 'late' }, clock.now()))).resolves.toHaveProperty('name', 'late');
    await expect(ask(token)).rejects.toThrow(TokenRefused);
    over.abort();
    await running;
  });

  it('go on by the keys that are known while the issuer is away, up to an age, and are never called wrong for it', async () => {
    const exp = Math.floor((clock.now() + 10 * KEYS_GOOD_FOR_MS) / 1000);
    const token = await signed({ exp });
    await ask(token);
    const stranger = await signerOf('second');
    issuer.instead = (response) => response.writeHead(500).end();
    await clock.advance(KEYS_AGAIN_AFTER_MS);
    await expect(ask(await issuer.sign({ exp }, clock.now(), stranger))).rejects.toThrow(KeysAway);
    await expect(ask(await signed({ exp, sub: 'new' }))).resolves.toHaveProperty('name', 'new');
    await clock.advance(KEYS_GOOD_FOR_MS);
    await expect(ask(token)).rejects.toMatchObject({ name: 'KeysAway', retryAfterSeconds: 10 });
    issuer.instead = null;
    await clock.advance(KEYS_AGAIN_AFTER_MS);
    expect((await ask(token)).name).toBe('gateway-7');
  });
});

async function until(holds: () => Promise<boolean>): Promise<void> {
  const real = new SystemClock();
  const end = real.now() + 20_000;
  while (!(await holds())) if (real.now() > end) throw new Error('not within 20 s');
}
