import { createLocalJWKSet, errors, type JWTVerifyGetKey } from 'jose';
import type { Clock } from '@meterbook/runtime/clock';
import type { Log } from '@meterbook/runtime/log';
import type { ReadDocument } from './key-set-document';
import { publicKeysOf } from './public-keys';

/** How often the keys are read again, milliseconds: a key that was taken back is taken for no longer than that. */
export const KEYS_EVERY_MS = 300_000;
/** After a failure, or for a key that nobody knows, they are read again no sooner than after this time, milliseconds. */
export const KEYS_AGAIN_AFTER_MS = 10_000;
/** How long the issuer may take to answer, milliseconds. */
export const KEYS_TIMEOUT_MS = 5_000;
/** How long keys go on where the issuer is away, milliseconds. */
export const KEYS_GOOD_FOR_MS = 24 * 3_600_000;

const MS_PER_SECOND = 1_000;

/** Nobody can tell whether a token is right, since the keys of its issuer cannot be had. */
export class KeysAway extends Error {
  override readonly name = 'KeysAway';

  constructor(readonly retryAfterSeconds: number) {
    super('The keys of the issuer of tokens cannot be had.');
  }
}

interface KnownKeys {
  readonly text: string;
  readonly count: number;
  readonly find: JWTVerifyGetKey;
  readonly readAtMs: number;
}

/** The public keys of who issues tokens: read again and again, kept while the issuer is away. */
export class IssuerKeys {
  private known: KnownKeys | null = null;
  private triedAtMs: number | null = null;
  private failure: string | null = null;
  private reading: Promise<void> | null = null;
  private changes = 0;

  constructor(
    private readonly read: ReadDocument,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Another number whenever the keys are others: what was proved by those of then has to be proved again. */
  get generation(): number {
    return this.changes;
  }

  /** How long ago the keys were read, milliseconds; null while there are none. */
  get ageMs(): number | null {
    // A clock that was put back makes them no older.
    return this.known && Math.max(0, this.clock.now() - this.known.readAtMs);
  }

  /** Whether tokens can be checked. */
  get areGood(): boolean {
    return this.ageMs !== null && this.ageMs <= KEYS_GOOD_FOR_MS;
  }

  /** How it is about the keys, a sentence. */
  get detail(): string {
    const age = this.ageMs === null ? '' : ` Those of ${Math.floor(this.ageMs / MS_PER_SECOND)} s ago`;
    if (this.failure === null) return this.known ? `It has ${this.known.count} keys.` : 'They were not read yet.';
    if (age === '') return `They cannot be read: ${this.failure}.`;
    return `They cannot be read: ${this.failure}.${age} ${this.areGood ? 'go on' : 'are too old'}.`;
  }

  /** The key of a token. Rejects with `KeysAway` where nobody can tell, and as `jose` does where there is no such key. */
  readonly keyOf: JWTVerifyGetKey = async (header, token) => {
    if (!this.areGood) await this.readUnlessJustTried();
    const { known } = this;
    if (!known || !this.areGood) throw this.away();
    try {
      return await known.find(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
    }
    // The issuer may have a new one.
    await this.readUnlessJustTried();
    if (this.failure !== null) throw this.away();
    return (this.known ?? known).find(header, token);
  };

  /** Reads them again and again until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.readAgain();
      await this.clock.sleep(this.failure === null ? KEYS_EVERY_MS : KEYS_AGAIN_AFTER_MS, signal);
    }
  }

  /** Reads them now; whoever else asks meanwhile waits for the same answer. What fails is told by `detail`. */
  readAgain(): Promise<void> {
    this.reading ??= this.readOnce().finally(() => (this.reading = null));
    return this.reading;
  }

  private async readUnlessJustTried(): Promise<void> {
    if (this.reading) return this.reading;
    const sinceMs = this.triedAtMs === null ? KEYS_AGAIN_AFTER_MS : Math.abs(this.clock.now() - this.triedAtMs);
    if (sinceMs >= KEYS_AGAIN_AFTER_MS) await this.readAgain();
  }

  private async readOnce(): Promise<void> {
    const over = new AbortController();
    void this.clock.sleep(KEYS_TIMEOUT_MS, over.signal).then(() => over.abort());
    const failed = this.failure;
    try {
      this.take(await this.read(over.signal));
      this.failure = null;
      if (failed !== null) this.log.info('The keys of the issuer of tokens are there again.');
    } catch (error) {
      this.failure = reasonOf(error, over.signal);
      if (failed === null) this.log.error({ reason: this.failure }, 'The keys of the issuer of tokens cannot be read.');
    } finally {
      this.triedAtMs = this.clock.now();
      over.abort();
    }
  }

  private take(text: string): void {
    const readAtMs = this.clock.now();
    if (this.known?.text === text) {
      this.known = { ...this.known, readAtMs };
      return;
    }
    const keys = publicKeysOf(text);
    this.known = { text, count: keys.keys.length, find: createLocalJWKSet(keys), readAtMs };
    this.changes += 1;
    this.log.info({ keys: keys.keys.length }, 'The keys of the issuer of tokens were read.');
  }

  private away(): KeysAway {
    const sinceMs = this.triedAtMs === null ? 0 : Math.max(0, this.clock.now() - this.triedAtMs);
    return new KeysAway(Math.max(1, Math.ceil((KEYS_AGAIN_AFTER_MS - sinceMs) / MS_PER_SECOND)));
  }
}

/** Why it cannot be read, as the rest of a sentence. The address stays out: it may say more than strangers should know. */
function reasonOf(error: unknown, { aborted }: AbortSignal): string {
  if (aborted) return `there was no answer within ${KEYS_TIMEOUT_MS} ms`;
  const cause = memberOf(error, 'cause') ?? error;
  return memberText(cause, 'code') ?? memberText(cause, 'message') ?? 'it failed';
}

const memberOf = (error: unknown, name: string): unknown =>
  typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined;

function memberText(error: unknown, name: string): string | undefined {
  const member = memberOf(error, name);
  return typeof member === 'string' && member !== '' ? member : undefined;
}
