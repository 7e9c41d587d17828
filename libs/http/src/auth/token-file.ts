import { stat } from 'node:fs/promises';
import type { Clock } from '@meterbook/runtime/clock';
import type { Log } from '@meterbook/runtime/log';
import { AccessTokens } from './access-tokens';
import type { Principal } from './principal';

/** How often is looked whether the file has changed, milliseconds. */
const LOOK_EVERY_MS = 2_000;

/** The file of static tokens, read again when it changes. One that cannot be read changes nothing. */
export class TokenFile {
  private tokens: AccessTokens;
  private seen: string | null = null;
  private fault: string | null = null;

  /** Reads it. Throws an `AccessTokensError`. */
  constructor(
    private readonly path: string,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {
    this.tokens = AccessTokens.read(path);
  }

  /** What is wrong with the file as it is now, a sentence; null while the tokens are those that stand in it. */
  get failure(): string | null {
    return this.fault;
  }

  /** Whose token has this SHA-256; undefined where nobody's has. */
  principalOf(digest: Buffer): Principal | undefined {
    return this.tokens.principalOf(digest);
  }

  /** Looks again and again whether it has changed, until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const now = await stampOf(this.path);
      // What changed between the first reading and the first look is not known, so that look reads again.
      if (now !== this.seen) {
        this.seen = now;
        this.readAgain();
      }
      await this.clock.sleep(LOOK_EVERY_MS, signal);
    }
  }

  /** Takes what the file holds now, or goes on with what it held. */
  readAgain(): void {
    const before = this.fault;
    try {
      this.tokens = AccessTokens.read(this.path);
      this.fault = null;
      this.log.info('The file of tokens was read.');
    } catch (error) {
      this.fault = error instanceof Error ? error.message : 'It cannot be read.';
      if (this.fault !== before)
        this.log.error({ err: error }, 'The file of tokens is faulty: the tokens of before go on.');
    }
  }
}

/** Another text whenever the file is another. */
async function stampOf(path: string): Promise<string> {
  try {
    const { ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return [ino, size, mtimeNs, ctimeNs].join(' ');
  } catch {
    return 'away';
  }
}
