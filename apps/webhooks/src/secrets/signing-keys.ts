import { createHmac, hash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SigningSecret } from '@meterbook/domain/webhook/endpoints';
import type { WebhookSecret } from '@meterbook/domain/webhook/events';
import { isMissing } from '@meterbook/runtime/path-failure';
import type { Random } from '@meterbook/runtime/random';

const KEY_BYTES = 32;
const SALT_BYTES = 16;
/** Characters of a key's fingerprint: enough to tell keys apart, and nothing of the key. */
const FINGERPRINT_LENGTH = 11;
/** Only its user reads the file. */
const OWNER_ONLY = 0o600;

/** Whose secret it is. */
export interface SecretOwner {
  readonly platform: string;
  readonly account: string | null;
  readonly webhookId: string;
}

/** The key that a secret was derived with is not configured here, so that nothing can be signed with it. */
export class SigningKeyMissing extends Error {
  override readonly name = 'SigningKeyMissing';

  constructor(fingerprint: string) {
    super(`the key ${fingerprint}, which the secret was made with, is not here: see WEBHOOK_KEYS in docs/webhooks.md`);
  }
}

/**
 * Signing secrets, derived from a key that is kept outside of the store: an event names salt and key and never a secret, and every
 * process with the same key derives the same. The key is configured, or made once and kept in a file that only its user reads.
 */
export class SigningKeys {
  private readonly keys = new Map<string, string>();
  private newest: string | undefined;

  /**
   * @param configured keys of `WEBHOOK_KEYS`, the one for new secrets first; none where the file is to be used
   * @param directory of that file
   */
  constructor(
    private readonly configured: readonly string[],
    private readonly directory: string,
    private readonly random: Random,
  ) {}

  /** What a new secret is derived from. */
  newSecret(): WebhookSecret {
    const key = this.current();
    return { salt: Buffer.from(this.random.bytes(SALT_BYTES)).toString('base64url'), key };
  }

  /** The secret as its receiver knows it, `whsec_…`. Throws `SigningKeyMissing`. */
  secretOf({ platform, account, webhookId }: SecretOwner, { salt, key }: Pick<SigningSecret, 'salt' | 'key'>): string {
    this.current();
    const master = this.keys.get(key);
    if (master === undefined) throw new SigningKeyMissing(key);
    const about = JSON.stringify([platform, account, webhookId, salt]);
    return `whsec_${createHmac('sha256', master).update(about).digest('base64')}`;
  }

  /** The fingerprint of the key for new secrets; reads or makes the keys the first time. */
  private current(): string {
    if (this.newest !== undefined) return this.newest;
    const keys = this.configured.length > 0 ? this.configured : [this.kept()];
    for (const key of keys) this.keys.set(fingerprintOf(key), key);
    const [newest = ''] = keys;
    return (this.newest = fingerprintOf(newest));
  }

  /** Two that start at once agree on the key of the one that was faster. */
  private kept(): string {
    mkdirSync(this.directory, { recursive: true });
    const file = join(this.directory, 'signing.key');
    const known = keyIn(file);
    if (known !== undefined) return known;
    const made = Buffer.from(this.random.bytes(KEY_BYTES)).toString('base64url');
    try {
      writeFileSync(file, `${made}\n`, { flag: 'wx', mode: OWNER_ONLY, flush: true });
      return made;
    } catch (error) {
      const other = keyIn(file);
      if (other === undefined) throw error;
      return other;
    }
  }
}

function keyIn(file: string): string | undefined {
  try {
    const key = readFileSync(file, 'utf8').trim();
    if (key.length < KEY_BYTES)
      throw new Error(`${file} holds no key: put back the one that was there, or delete the file`);
    return key;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function fingerprintOf(key: string): string {
  return hash('sha256', `meterbook webhook key ${key}`, 'base64url').slice(0, FINGERPRINT_LENGTH);
}
