import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SystemRandom } from '@meterbook/runtime/system-random';
import { SigningKeyMissing, SigningKeys } from './signing-keys';

const owner = { platform: 'shop', account: 'a1', webhookId: 'h1' };
const key = (name: string): string => name.repeat(40);

describe('the keys of secrets', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'meterbook-keys-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));
  const keys = (...configured: string[]): SigningKeys => new SigningKeys(configured, directory, new SystemRandom());

  it('are made once, for their user alone, and the same for whoever comes later', () => {
    const [one, other] = [keys(), keys()];
    const made = one.newSecret();
    expect(other.secretOf(owner, made)).toBe(one.secretOf(owner, made));
    expect(statSync(join(directory, 'signing.key')).mode & 0o777).toBe(0o600);
    expect(one.secretOf(owner, made)).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  });

  it('make another secret of each owner and of each salt', () => {
    const one = keys(key('a'));
    const made = one.newSecret();
    const secrets = [
      one.secretOf(owner, made),
      one.secretOf(owner, one.newSecret()),
      one.secretOf({ ...owner, account: null }, made),
      one.secretOf({ ...owner, account: 'a2' }, made),
      one.secretOf({ ...owner, platform: 'mall' }, made),
      one.secretOf({ ...owner, webhookId: 'h2' }, made),
    ];
    expect(new Set(secrets).size).toBe(secrets.length);
  });

  it('may be followed by others, and still sign what was made with them', () => {
    const made = keys(key('a')).newSecret();
    const secret = keys(key('a')).secretOf(owner, made);
    const later = keys(key('b'), key('a'));
    expect(later.secretOf(owner, made)).toBe(secret);
    expect(later.newSecret().key).not.toBe(made.key);
    expect(() => keys(key('b')).secretOf(owner, made)).toThrow(SigningKeyMissing);
  });

  it('are not guessed where their file is no key', () => {
    writeFileSync(join(directory, 'signing.key'), 'short');
    expect(() => keys().newSecret()).toThrow('holds no key');
    expect(readFileSync(join(directory, 'signing.key'), 'utf8')).toBe('short');
  });
});
