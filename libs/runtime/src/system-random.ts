import { randomBytes } from 'node:crypto';
import { Random } from './random';

/** The operating system's entropy. */
export class SystemRandom extends Random {
  override bytes(length: number): Uint8Array {
    return randomBytes(length);
  }
}
