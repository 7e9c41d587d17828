import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Controller, Delete, Get, Module, Post } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createLog } from '@meterbook/runtime/log';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { SystemRandom } from '@meterbook/runtime/system-random';
import { createHttpApp } from '../http-app';
import { Open, Scopes } from './access';
import { AccessTokensError } from './access-tokens';
import { CurrentPrincipal, type Principal } from './principal';

@Controller('v1')
class LedgerController {
  @Get('platforms/:platform/accounts')
  @Scopes(['ledger:read', 'finance:read'])
  read(@CurrentPrincipal() principal: Principal): string {
    return principal.name;
  }

  @Post('platforms/:platform/accounts')
  @Scopes('ledger:write')
  write(): string {
    return 'written';
  }

  @Post('verify')
  @Scopes('admin')
  verify(): string {
    return 'verified';
  }

  @Get('dead-letters')
  @Scopes('ledger:read', { platforms: 'checked-in-handler' })
  deadLetters(@CurrentPrincipal() principal: Principal): readonly string[] {
    return ['apibox', 'yunxin'].filter((platform) => principal.mayUse(platform));
  }

  @Get('open')
  @Open()
  open(): string {
    return 'open';
  }

  @Delete('forgotten')
  forgotten(): string {
    return 'nobody said who may do this';
  }
}

@Module({ controllers: [LedgerController] })
class LedgerModule {}

const lines: string[] = [];
const build = (HOST: string, METERBOOK_TOKENS: string | null): Promise<NestFastifyApplication> =>
  createHttpApp(LedgerModule, {
    configuration: { HOST, METERBOOK_TOKENS },
    log: createLog('trace', { write: (line) => void lines.push(line) }),
    clock: new SystemClock(),
    random: new SystemRandom(),
    title: 'Ledger',
    description: 'For tests.',
  });

const directory = mkdtempSync(join(tmpdir(), 'access-'));
const path = join(directory, 'tokens.json');
const entry = (name: string, scopes: string[], platforms?: string[]): object => ({
  name,
  sha256: createHash('sha256').update(`sesame-${name}`).digest('hex'),
  scopes,
  ...(platforms ? { platforms } : {}),
});
writeFileSync(
  path,
  JSON.stringify([
    entry('reader', ['ledger:read']),
    entry('finance', ['finance:read']),
    entry('writer', ['ledger:write'], ['apibox']),
    entry('publisher', ['rulebook:write']),
    entry('limited-reader', ['ledger:read'], ['apibox']),
    entry('limited-admin', ['admin'], ['apibox']),
    entry('admin', ['admin']),
  ]),
);
afterAll(() => rmSync(directory, { recursive: true }));

describe('access with tokens', () => {
  let app: NestFastifyApplication;
  beforeAll(async () => {
    app = await build('0.0.0.0', path);
    await app.init();
  });
  afterAll(() => app.close());

  const call = async (method: 'GET' | 'POST' | 'DELETE', url: string, name: string | null): Promise<string> => {
    const headers = name === null ? {} : { authorization: `Bearer sesame-${name}` };
    const { statusCode, body, headers: answered } = await app.inject({ method, url, headers });
    if (statusCode === 401)
      expect(answered['www-authenticate']).toBe(name === null ? 'Bearer' : 'Bearer error="invalid_token"');
    return statusCode < 400 ? body : `${statusCode} ${(JSON.parse(body) as { code: string }).code}`;
  };

  it.each([
    ['GET', '/v1/platforms/apibox/accounts', null, '401 unauthenticated'],
    ['GET', '/v1/platforms/apibox/accounts', 'nobody', '401 unauthenticated'],
    ['GET', '/v1/platforms/apibox/accounts', 'reader', 'reader'],
    ['GET', '/v1/platforms/apibox/accounts', 'finance', 'finance'],
    ['GET', '/v1/platforms/apibox/accounts', 'admin', 'admin'],
    ['GET', '/v1/platforms/apibox/accounts', 'writer', 'writer'],
    ['GET', '/v1/platforms/yunxin/accounts', 'writer', '403 forbidden'],
    ['GET', '/v1/platforms/apibox/accounts', 'publisher', 'publisher'],
    ['POST', '/v1/platforms/apibox/accounts', 'publisher', '403 forbidden'],
    ['GET', '/v1/platforms/yunxin/accounts', 'reader', 'reader'],
    ['GET', '/v1/platforms/apibox/accounts', 'limited-reader', 'limited-reader'],
    ['GET', '/v1/platforms/yunxin/accounts', 'limited-reader', '403 forbidden'],
    ['GET', '/v1/platforms/yun%78in/accounts', 'limited-reader', '403 forbidden'],
    ['POST', '/v1/platforms/apibox/accounts', 'reader', '403 forbidden'],
    ['POST', '/v1/platforms/apibox/accounts', 'writer', 'written'],
    ['POST', '/v1/platforms/yunxin/accounts', 'writer', '403 forbidden'],
    ['POST', '/v1/platforms/yunxin/accounts', 'limited-admin', '403 forbidden'],
    ['POST', '/v1/verify', 'admin', 'verified'],
    ['POST', '/v1/verify', 'reader', '403 forbidden'],
    ['POST', '/v1/verify', 'limited-admin', '403 forbidden'],
    ['GET', '/v1/dead-letters', 'limited-reader', '["apibox"]'],
    ['GET', '/v1/dead-letters', 'reader', '["apibox","yunxin"]'],
    ['GET', '/v1/open', null, 'open'],
    ['DELETE', '/v1/forgotten', 'admin', '403 forbidden'],
    ['DELETE', '/v1/forgotten', null, '403 forbidden'],
    ['GET', '/nowhere', null, '404 not_found'],
  ] as const)('%s %s by %s: %s', async (method, url, name, expected) => {
    expect(await call(method, url, name)).toBe(expected);
  });

  it('is needed for HEAD as for GET', async () => {
    const answer = await app.inject({ method: 'HEAD', url: '/v1/platforms/apibox/accounts' });
    expect(answer.statusCode).toBe(401);
  });

  it('is refused before a body is read', async () => {
    const answer = await app.inject({
      method: 'POST',
      url: '/v1/verify',
      payload: '{',
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.statusCode).toBe(401);
  });

  it('writes no token to the log', () => {
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.join('')).not.toContain('sesame');
  });
});

describe('access without tokens', () => {
  it('is everybody’s on loopback, and the log says so', async () => {
    lines.length = 0;
    const app = await build('127.0.0.1', null);
    await app.init();
    const answer = await app.inject({ method: 'POST', url: '/v1/verify' });
    expect(answer.statusCode).toBe(201);
    expect(
      lines.filter((line) => line.includes('No tokens are configured') && line.includes('"level":"warn"')),
    ).toHaveLength(1);
    await app.close();
  });

  it.each(['0.0.0.0', '::', '192.168.1.1', 'ledger.internal'])('is refused at the start on %s', async (host) => {
    await expect(build(host, null)).rejects.toThrow(AccessTokensError);
  });

  it('is not what a missing file of tokens means', async () => {
    await expect(build('127.0.0.1', join(directory, 'absent.json'))).rejects.toThrow(AccessTokensError);
  });
});
