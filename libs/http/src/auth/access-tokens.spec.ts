import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AccessTokens, AccessTokensError, isLoopback } from './access-tokens';
import { scopes, type Scope } from './principal';

const sha256 = (token: string): string => createHash('sha256').update(token).digest('hex');
const good = { name: 'gateway', sha256: sha256('open-sesame'), scopes: ['usage:write'] };
const tokensOf = (...entries: object[]): AccessTokens => AccessTokens.parse(JSON.stringify(entries));

describe('bearer tokens', () => {
  it('are known by their hash and say whose they are', () => {
    const tokens = tokensOf(good, { ...good, name: 'console', sha256: sha256('sim-sala-bim').toUpperCase() });
    expect(tokens.areConfigured).toBe(true);
    expect(tokens.authenticate('Bearer open-sesame')?.name).toBe('gateway');
    expect(tokens.authenticate('bearer  sim-sala-bim ')?.name).toBe('console');
  });

  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    'Bearer open-sesam',
    'Bearer open-sesame2',
    'Bearer open sesame',
    'Bearer OPEN-SESAME',
    'Basic open-sesame',
    'open-sesame',
    `Bearer ${sha256('open-sesame')}`,
    `Bearer ${'x'.repeat(5000)}`,
    'Bearer open-sesame, Bearer open-sesame',
    'Bearer \u0000',
  ])('refuse %j', (authorization) => {
    expect(tokensOf(good).authenticate(authorization)).toBeUndefined();
  });

  it.each<[Scope, readonly Scope[]]>([
    ['usage:write', []],
    ['access:write', []],
    ['ledger:read', []],
    ['ledger:write', ['ledger:read']],
    ['rulebook:write', ['ledger:read']],
    ['finance:read', []],
    ['finance:write', ['finance:read']],
    ['admin', scopes.filter((scope) => scope !== 'admin')],
  ])('with the scope %s may do that and %j, and nothing else', (scope, included) => {
    const principal = tokensOf({ ...good, scopes: [scope] }).authenticate('Bearer open-sesame');
    expect(scopes.filter((wanted) => principal?.may(wanted)).sort()).toEqual([scope, ...included].sort());
  });

  it('are for every platform unless they are limited', () => {
    expect(tokensOf(good).authenticate('Bearer open-sesame')?.mayUse('creditpool')).toBe(true);
    const limited = tokensOf({ ...good, platforms: ['apibox', 'yunxin'] }).authenticate('Bearer open-sesame');
    expect(['apibox', 'yunxin', 'creditpool'].map((platform) => limited?.mayUse(platform))).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('let everybody do everything where none are configured', () => {
    const anyone = AccessTokens.none().authenticate(undefined);
    expect(scopes.every((scope) => anyone?.may(scope))).toBe(true);
    expect(anyone?.name).toBe('anonymous');
    expect(AccessTokens.read(null).areConfigured).toBe(false);
  });

  it.each<[string, unknown]>([
    ['no list', { gateway: good }],
    ['an empty list', []],
    ['a list of texts', ['open-sesame']],
    ['a token without a name', [{ ...good, name: undefined }]],
    ['a bad name', [{ ...good, name: 'a b' }]],
    ['two tokens of one name', [good, good]],
    ['a token instead of its hash', [{ ...good, sha256: 'open-sesame' }]],
    ['an unknown scope', [{ ...good, scopes: ['usage:write', 'everything'] }]],
    ['no scopes', [{ ...good, scopes: [] }]],
    ['scopes that are a text', [{ ...good, scopes: 'admin' }]],
    ['no platforms at all', [{ ...good, platforms: [] }]],
    ['platforms that are null', [{ ...good, platforms: null }]],
    ['a bad platform', [{ ...good, platforms: ['ApiBox'] }]],
    ['an unknown key', [{ ...good, platform: 'apibox' }]],
  ])('are not read from %s, and the message holds no secret', (_name, content) => {
    const parse = (): AccessTokens => AccessTokens.parse(JSON.stringify(content));
    expect(parse).toThrow(AccessTokensError);
    expect(parse).not.toThrow('sesame');
  });

  it('are read from a file, and a file that is missing or broken stops the start', () => {
    const directory = mkdtempSync(join(tmpdir(), 'tokens-'));
    const path = join(directory, 'tokens.json');
    expect(() => AccessTokens.read(path)).toThrow(AccessTokensError);
    writeFileSync(path, '[');
    expect(() => AccessTokens.read(path)).toThrow(AccessTokensError);
    writeFileSync(path, JSON.stringify([good]));
    expect(AccessTokens.read(path).authenticate('Bearer open-sesame')?.name).toBe('gateway');
    rmSync(directory, { recursive: true });
  });
});

describe('a loopback address', () => {
  it.each(['127.0.0.1', '127.8.8.8', '::1', 'localhost', '::ffff:127.0.0.1'])('is %s', (host) => {
    expect(isLoopback(host)).toBe(true);
  });

  it.each([
    '0.0.0.0',
    '::',
    '10.0.0.1',
    '127.example.com',
    '127.0.0.1.example.com',
    'localhost.example.com',
    '1127.0.0.1',
    '',
  ])('is not %j', (host) => {
    expect(isLoopback(host)).toBe(false);
  });
});
