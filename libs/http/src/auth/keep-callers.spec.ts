import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Controller, Get, Module } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { readConfiguration } from '@meterbook/runtime/configuration';
import { createLog } from '@meterbook/runtime/log';
import { SystemRandom } from '@meterbook/runtime/system-random';
import { ManualClock } from '@meterbook/runtime/testing/manual-clock';
import { createHttpApp } from '../http-app';
import { AUDIENCE, ISSUER, TokenIssuer } from '../testing/token-issuer';
import { Scopes } from './access';
import { CurrentPrincipal, type Principal } from './principal';

@Controller('v1')
class NameController {
  @Get('name')
  @Scopes('ledger:read')
  name(@CurrentPrincipal() principal: Principal): string {
    return principal.name;
  }
}

@Module({ controllers: [NameController] })
class NameModule {}

describe('a service with tokens of its own and of an issuer', () => {
  const directory = mkdtempSync(join(tmpdir(), 'access-'));
  const path = join(directory, 'tokens.json');
  const clock = new ManualClock();
  let issuer: TokenIssuer;
  let app: NestFastifyApplication;

  const open = async (): Promise<NestFastifyApplication> => {
    const opened = await createHttpApp(NameModule, {
      configuration: readConfiguration({
        HOST: '0.0.0.0',
        METERBOOK_TOKENS: path,
        METERBOOK_JWKS_URL: issuer.url,
        METERBOOK_JWT_ISSUER: ISSUER,
        METERBOOK_JWT_AUDIENCE: AUDIENCE,
      }),
      log: createLog('fatal', { write: () => undefined }),
      clock,
      random: new SystemRandom(),
      title: 'Names',
      description: 'For tests.',
    });
    return opened.init();
  };
  const write = (...names: string[]): void =>
    writeFileSync(
      path,
      JSON.stringify(
        names.map((name) => ({
          name,
          sha256: createHash('sha256').update(`secret-${name}`).digest('hex'),
          scopes: ['admin'],
        })),
      ),
    );
  const ask = async (token: string): Promise<[number, string]> => {
    const headers = { authorization: `Bearer ${token}` };
    const { statusCode, body } = await app.inject({ method: 'GET', url: '/v1/name', headers });
    return [statusCode, statusCode === 200 ? body : (JSON.parse(body) as { code: string }).code];
  };
  const healthOf = async (name: string): Promise<{ up: boolean; detail: string } | undefined> => {
    const headers = { authorization: 'Bearer secret-root' };
    const { body } = await app.inject({ method: 'GET', url: '/health/ready', headers });
    const { indicators } = JSON.parse(body) as { indicators: { name: string; up: boolean; detail: string }[] };
    return indicators.find((indicator) => indicator.name === name);
  };
  const metrics = async (): Promise<string> => (await app.inject({ method: 'GET', url: '/metrics' })).body;

  beforeAll(async () => {
    issuer = await TokenIssuer.start('RS256');
    write('root');
    app = await open();
  });
  afterAll(async () => {
    await app.close();
    await issuer.stop();
    rmSync(directory, { recursive: true });
  });

  it('takes both, each by its name', async () => {
    expect(await ask('secret-root')).toEqual([200, 'root']);
    const token = await issuer.sign({ scope: 'ledger:read' }, clock.now());
    expect(await ask(token)).toEqual([200, 'gateway-7']);
    expect(await ask(await issuer.sign({ scope: 'finance:read' }, clock.now()))).toEqual([403, 'forbidden']);
    expect(await ask(`${token}x`)).toEqual([401, 'unauthenticated']);
    expect(await healthOf('issuer-keys')).toMatchObject({ up: true, detail: 'It has 1 keys.' });
    expect(await metrics()).toMatch(/^meterbook_issuer_keys_age_seconds 0$/m);
  });

  it('reads the file again at SIGHUP, and says so where it is faulty', async () => {
    write('root', 'other');
    process.emit('SIGHUP');
    expect(await ask('secret-other')).toEqual([200, 'other']);
    expect(await metrics()).toMatch(/^meterbook_tokens_faulty 0$/m);
    writeFileSync(path, '[');
    process.emit('SIGHUP');
    expect(await ask('secret-other')).toEqual([200, 'other']);
    expect((await healthOf('tokens'))?.up).toBe(true);
    expect((await healthOf('tokens'))?.detail).toContain('is not JSON');
    expect(await metrics()).toMatch(/^meterbook_tokens_faulty 1$/m);
    write('root');
    process.emit('SIGHUP');
    expect(await ask('secret-other')).toEqual([401, 'unauthenticated']);
  });

  it('answers 503 with Retry-After while nobody can have the keys, and is not ready; its own tokens go on', async () => {
    await app.close();
    issuer.instead = (response) => response.writeHead(500).end();
    app = await open();
    const headers = { authorization: `Bearer ${await issuer.sign({ scope: 'ledger:read' }, clock.now())}` };
    const answer = await app.inject({ method: 'GET', url: '/v1/name', headers });
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([503, 'unavailable']);
    expect(answer.headers['retry-after']).toBe('10');
    expect((await healthOf('issuer-keys'))?.up).toBe(false);
    expect((await healthOf('issuer-keys'))?.detail).toContain('answered with 500');
    expect(await ask('secret-root')).toEqual([200, 'root']);
  });
});
