import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AccessTokens, AccessTokensError, isLoopback } from './access-tokens';
import { scopes, type Principal, type Scope } from './principal';

const sha256 = (token: string): string => createHash('sha256').update(token).digest('hex');
const good = { name: 'gateway', sha256: sha256('open-sesame'), scopes: ['usage:write'] };
const tokensOf = (...entries: object[]): AccessTokens => AccessTokens.parse(JSON.stringify(entries));
const ownerOf = (tokens: AccessTokens, token = 'open-sesame'): Principal | undefined =>
  tokens.principalOf(createHash('sha256').update(token).digest());

describe('static tokens', () => {
  it('are known by their hash and say whose they are', () => {
    const tokens = tokensOf(good, { ...good, name: 'console', sha256: sha256('sim-sala-bim').toUpperCase() });
    expect(ownerOf(tokens)?.name).toBe('gateway');
    expect(ownerOf(tokens, 'sim-sala-bim')?.name).toBe('console');
  });

  it.each(['', 'open-sesam', 'open-sesame2', 'OPEN-SESAME', sha256('open-sesame')])('are not %j', (token) => {
    expect(ownerOf(tokensOf(good), token)).toBeUndefined();
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
    const principal = ownerOf(tokensOf({ ...good, scopes: [scope] }));
    expect(scopes.filter((wanted) => principal?.may(wanted)).sort()).toEqual([scope, ...included].sort());
  });

  it('are for every platform unless they are limited', () => {
    expect(ownerOf(tokensOf(good))?.mayUse('creditpool')).toBe(true);
    const limited = ownerOf(tokensOf({ ...good, platforms: ['apibox', 'yunxin'] }));
    expect(['apibox', 'yunxin', 'creditpool'].map((platform) => limited?.mayUse(platform))).toEqual([
      true,
      true,
      false,
    ]);
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
    expect(ownerOf(AccessTokens.read(path))?.name).toBe('gateway');
    writeFileSync(path, JSON.stringify([good]) + ' '.repeat(1024 * 1024));
    expect(() => AccessTokens.read(path)).toThrow('larger than 1 MiB');
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
