import { Random } from '../random';

/** Chance that always gives the same byte: 0xff for what is largest or longest. */
export class FixedRandom extends Random {
  constructor(private readonly byte: number) {
    super();
  }

  override bytes(length: number): Uint8Array {
    return new Uint8Array(length).fill(this.byte);
  }
}
