import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scopes, type Scope } from '@meterbook/http/auth/principal';
import { AUDIENCE, ISSUER, signerOf, TokenIssuer, type Claims } from '@meterbook/http/testing/token-issuer';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { everyRoute, type EveryRoute, type SampleRoute } from './testing/every-route';
import { opensWithLimit, ruleOf, type Rule } from './testing/who-may-ask';

/** What each scope opens, as the specification says it. */
const opens: Readonly<Record<Scope, readonly Scope[]>> = {
  'usage:write': ['usage:write'],
  'access:write': ['access:write'],
  'ledger:read': ['ledger:read'],
  'ledger:write': ['ledger:write', 'ledger:read'],
  'rulebook:write': ['rulebook:write', 'ledger:read'],
  'finance:read': ['finance:read'],
  'finance:write': ['finance:write', 'finance:read'],
  admin: scopes,
};

/** The platform of the paths that are asked for is `apibox`. */
const limits: readonly (readonly string[] | undefined)[] = [undefined, ['apibox'], ['yunxin'], ['yunxin', 'apibox']];
const grants = scopes.flatMap((scope) => limits.map((platforms) => ({ scope, platforms })));
type Grant = (typeof grants)[number];

const nameOf = ({ scope, platforms = ['all'] }: Grant): string => `${scope}@${platforms.join('-')}`;
const day = 86_400;
/** How long the keys of the issuer may take to be there, and how often is looked, milliseconds. */
const KEYS_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 100;

/** What the access of a route comes to: `pass` where the request gets as far as the route itself. */
type Outcome = 'pass' | 'unauthenticated' | 'forbidden';

function expected(rule: Rule | undefined, { method, pattern }: SampleRoute, { scope, platforms }: Grant): Outcome {
  if (rule === 'anybody') return 'pass';
  // No token of the deployment is an API key.
  if (rule === 'api-key') return 'unauthenticated';
  if (rule === undefined || !opens[scope].includes(rule)) return 'forbidden';
  if (platforms === undefined) return 'pass';
  if (!opensWithLimit(method, pattern)) return 'forbidden';
  return platforms.includes('apibox') || !pattern.includes('/:platform') ? 'pass' : 'forbidden';
}

describe('every route', () => {
  const clock = new SystemClock();
  const directory = mkdtempSync(join(tmpdir(), 'access-'));
  let issuer: TokenIssuer;
  let service: EveryRoute;

  beforeAll(async () => {
    issuer = await TokenIssuer.start();
    const path = join(directory, 'tokens.json');
    const tokens = grants.map((grant) => ({
      name: nameOf(grant),
      sha256: createHash('sha256').update(nameOf(grant)).digest('hex'),
      scopes: [grant.scope],
      ...(grant.platforms && { platforms: grant.platforms }),
    }));
    writeFileSync(path, JSON.stringify(tokens));
    service = await everyRoute(clock, {
      METERBOOK_TOKENS: path,
      METERBOOK_JWKS_URL: issuer.url,
      METERBOOK_JWT_ISSUER: ISSUER,
      METERBOOK_JWT_AUDIENCE: AUDIENCE,
    });
    // Until the keys are there nobody can tell what a token may do, and a busy machine takes its time to fetch them.
    const headers = { authorization: `Bearer ${await issuer.sign({ scope: 'admin' }, clock.now())}` };
    const end = clock.now() + KEYS_WITHIN_MS;
    while ((await service.app.inject({ method: 'GET', url: '/v1/platforms', headers })).statusCode === 503) {
      if (clock.now() > end) throw new Error(`no keys within ${KEYS_WITHIN_MS} ms`);
      await clock.sleep(LOOK_EVERY_MS);
    }
  }, 2 * KEYS_WITHIN_MS);
  afterAll(async () => {
    await service.close();
    await issuer.stop();
    rmSync(directory, { recursive: true });
  });

  const signed = (claims: Claims): Promise<string> => issuer.sign(claims, clock.now());
  const jwtOf = ({ scope, platforms }: Grant): Promise<string> =>
    signed({ scope, ...(platforms && { platforms }), sub: nameOf({ scope, platforms }) });

  /** Asks with a query and without a body, so that hardly a route does anything. */
  async function outcomeOf({ method, path }: SampleRoute, token: string | null): Promise<Outcome> {
    const headers = token === null ? {} : { authorization: `Bearer ${token}` };
    const answer = await service.app.inject({ method: method as 'GET', url: `${path}?nobody=asks`, headers });
    if (answer.statusCode === 401) return 'unauthenticated';
    return answer.statusCode === 403 ? 'forbidden' : 'pass';
  }

  /** The routes that answer otherwise than the rules want. */
  async function wrong(token: string | null, wanted: (route: SampleRoute) => Outcome): Promise<string[]> {
    const found: string[] = [];
    for (const route of service.routes) {
      const outcome = await outcomeOf(route, token);
      if (outcome !== wanted(route)) found.push(`${route.method} ${route.pattern}: ${outcome}, not ${wanted(route)}`);
    }
    return found;
  }
  const openOnly = ({ method, pattern }: SampleRoute): Outcome =>
    ruleOf(method, pattern) === 'anybody' ? 'pass' : 'unauthenticated';

  it('has a rule that says who may ask', () => {
    expect(service.routes.length).toBeGreaterThan(45);
    const without = service.routes.filter(({ method, pattern }) => ruleOf(method, pattern) === undefined);
    expect(without.map(({ method, pattern }) => `${method} ${pattern}`)).toEqual([]);
  });

  it.each(grants.map((grant): [string, Grant] => [nameOf(grant), grant]))(
    'takes %s for what it opens, be it a static token or a JSON web token',
    async (_name, grant) => {
      const wanted = (route: SampleRoute): Outcome => expected(ruleOf(route.method, route.pattern), route, grant);
      expect(await wrong(nameOf(grant), wanted)).toEqual([]);
      expect(await wrong(await jwtOf(grant), wanted)).toEqual([]);
    },
  );

  it.each<[string, () => Promise<string | null>]>([
    ['no token', () => Promise.resolve(null)],
    ['an unknown token', () => Promise.resolve('open-sesame')],
    ['the hash of a token', () => Promise.resolve(createHash('sha256').update('admin@all').digest('hex'))],
    ['an expired token', () => issuer.sign({ scope: 'admin' }, clock.now() - day * 1000)],
    ['a token that never expires', () => signed({ scope: 'admin', exp: undefined })],
    ['a token for another audience', () => signed({ scope: 'admin', aud: 'shop' })],
    ['a token of another issuer', () => signed({ scope: 'admin', iss: 'https://evil.example' })],
    ['a token by another key', async () => issuer.sign({ scope: 'admin' }, clock.now(), await signerOf('first'))],
    [
      'a token by a key that nobody knows',
      async () => issuer.sign({ scope: 'admin' }, clock.now(), await signerOf('x')),
    ],
    ['a token whose platforms cannot be read', () => signed({ scope: 'admin', platforms: '*' })],
    ['a token that nobody signed', async () => unsigned(await signed({ scope: 'admin' }))],
  ])('is closed to %s, unless it is open to anybody', async (_name, token) => {
    expect(await wrong(await token(), openOnly)).toEqual([]);
  });
});

const unsigned = (token: string): string =>
  `${Buffer.from('{"alg":"none"}').toString('base64url')}.${token.split('.')[1]}.`;
