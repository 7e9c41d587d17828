import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { exportJWK, generateKeyPair } from 'jose';
import { createLog } from '@meterbook/runtime/log';
import { ManualClock } from '@meterbook/runtime/testing/manual-clock';
import { TokenIssuer } from '../../testing/token-issuer';
import { IssuerKeys, KEYS_GOOD_FOR_MS, KEYS_TIMEOUT_MS } from './issuer-keys';
import { documentAt } from './key-set-document';
import { publicKeysOf } from './public-keys';

describe('the keys of an issuer', () => {
  let issuer: TokenIssuer;
  let clock: ManualClock;
  let keys: IssuerKeys;
  const lines: string[] = [];
  beforeEach(async () => {
    lines.length = 0;
    issuer = await TokenIssuer.start();
    clock = new ManualClock();
    keys = new IssuerKeys(documentAt(issuer.url), clock, createLog('info', { write: (line) => void lines.push(line) }));
  });
  afterEach(() => issuer.stop());

  it('are good once they were read', async () => {
    expect([keys.areGood, keys.ageMs, keys.detail]).toEqual([false, null, 'They were not read yet.']);
    await keys.readAgain();
    expect([keys.areGood, keys.ageMs, keys.detail]).toEqual([true, 0, 'It has 1 keys.']);
  });

  it.each<[string, (response: ServerResponse) => void, RegExp]>([
    ['says 503', (response) => response.writeHead(503).end(), /answered with 503/],
    ['says nothing', (response) => response.writeHead(204).end(), /answered with 204/],
    ['sends us elsewhere', (response) => response.writeHead(302, { location: issuer.url }).end(), /redirect/],
    ['sends a page', (response) => response.end('<html>Sign in</html>'), /not JSON/],
    ['sends another document', (response) => response.end('{"keys":"none"}'), /no JWKS/],
    ['hangs up', (response) => response.destroy(), /UND_ERR_SOCKET|ECONNRESET/],
    ['never ends', endless, /larger than 262144 bytes/],
  ])('are kept where the issuer %s, which is told in the log once', async (_name, answer, why) => {
    await keys.readAgain();
    issuer.instead = answer;
    await clock.advance(90_000);
    await keys.readAgain();
    await keys.readAgain();
    expect([keys.areGood, keys.ageMs, keys.generation]).toEqual([true, 90_000, 1]);
    expect(keys.detail).toMatch(why);
    expect(keys.detail).toMatch(/ Those of 90 s ago go on\.$/);
    expect(lines.filter((line) => line.includes('cannot be read'))).toHaveLength(1);
    expect(lines.filter((line) => line.includes('"level":"error"'))).toHaveLength(1);
  });

  it('are waited for a few seconds and no longer', async () => {
    issuer.instead = () => undefined;
    const read = keys.readAgain();
    await clock.advance(KEYS_TIMEOUT_MS);
    await read;
    expect(keys.detail).toBe(`They cannot be read: there was no answer within ${KEYS_TIMEOUT_MS} ms.`);
  });

  it('are too old after a day', async () => {
    await keys.readAgain();
    issuer.instead = (response) => response.writeHead(500).end();
    await clock.advance(KEYS_GOOD_FOR_MS + 1);
    await keys.readAgain();
    expect(keys.areGood).toBe(false);
    expect(keys.detail).toMatch(/are too old\.$/);
  });

  it('are none where the issuer says so', async () => {
    await keys.readAgain();
    issuer.takeBack('first');
    await keys.readAgain();
    expect([keys.generation, keys.detail]).toEqual([2, 'It has 0 keys.']);
  });

  it('may stand in a file', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'keys-'));
    const path = join(directory, 'keys.json');
    const ofFile = new IssuerKeys(
      documentAt(pathToFileURL(path).href),
      clock,
      createLog('fatal', { write: () => undefined }),
    );
    await ofFile.readAgain();
    expect(ofFile.detail).toBe('They cannot be read: ENOENT.');
    writeFileSync(path, issuer.document());
    await ofFile.readAgain();
    expect(ofFile.detail).toBe('It has 1 keys.');
    rmSync(directory, { recursive: true });
  });
});

describe('a document of keys', () => {
  it('gives what signatures can be checked with: no secret, no private, no short and no broken key', async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
    const good = await exportJWK(publicKey);
    const short = { kty: 'RSA', e: 'AQAB', n: Buffer.alloc(128, 0xab).toString('base64url') };
    const keys = [
      { kty: 'oct', k: 'c2VjcmV0' },
      await exportJWK(privateKey),
      short,
      { kty: 'EC', crv: 'P-256', x: 'AAAA', y: 'AAAA' },
      { kty: 'RSA' },
      'no key',
      null,
      good,
    ];
    expect(publicKeysOf(JSON.stringify({ keys }))).toEqual({ keys: [good] });
  });

  it('gives a hundred keys at most', async () => {
    const key = await exportJWK((await generateKeyPair('ES256')).publicKey);
    expect(publicKeysOf(JSON.stringify({ keys: Array(101).fill(key) })).keys).toHaveLength(100);
  });
});

/** Sends as long as somebody listens. */
function endless(response: ServerResponse): void {
  const chunk = Buffer.alloc(64 * 1024, ' ');
  const more = (): void => {
    while (!response.destroyed && response.write(chunk));
    if (!response.destroyed) response.once('drain', more);
  };
  more();
}
