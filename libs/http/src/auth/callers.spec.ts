import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog } from '@meterbook/runtime/log';
import { ManualClock } from '@meterbook/runtime/testing/manual-clock';
import { Problem } from '../problem/problem';
import { Callers } from './callers';
import { Principal, scopes } from './principal';
import { TokenFile } from './token-file';

const sha256 = (token: string): string => createHash('sha256').update(token).digest('hex');
const nameOf = (identity: unknown): string =>
  identity instanceof Principal ? identity.name : identity instanceof Problem ? identity.code : String(identity);

describe('callers', () => {
  const directory = mkdtempSync(join(tmpdir(), 'callers-'));
  const path = join(directory, 'tokens.json');
  writeFileSync(path, JSON.stringify([{ name: 'gateway', sha256: sha256('open-sesame'), scopes: ['usage:write'] }]));
  const callers = new Callers(
    new TokenFile(path, new ManualClock(), createLog('fatal', { write: () => undefined })),
    null,
  );
  afterAll(() => rmSync(directory, { recursive: true }));

  it.each(['Bearer open-sesame', 'bearer  open-sesame ', 'BEARER open-sesame'])('are known by %j', (authorization) => {
    expect(nameOf(callers.identify(authorization))).toBe('gateway');
  });

  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    'Bearer open-sesam',
    'Bearer open sesame',
    'Bearer OPEN-SESAME',
    'Basic open-sesame',
    'open-sesame',
    `Bearer ${sha256('open-sesame')}`,
    `Bearer ${'x'.repeat(20_000)}`,
    'Bearer open-sesame, Bearer open-sesame',
    'Bearer \u0000',
    'Bearer a.b.c',
  ])('are not known by %j', (authorization) => {
    expect(nameOf(callers.identify(authorization))).toBe('unauthenticated');
  });

  it('may do everything where nothing is configured', () => {
    const anyone = new Callers(null, null).identify(undefined);
    expect(nameOf(anyone)).toBe('anonymous');
    expect(anyone instanceof Principal && scopes.every((scope) => anyone.may(scope))).toBe(true);
  });
});
