import type { Random } from '@meterbook/runtime/random';

/** Random bytes of a request id. */
const ID_BYTES = 12;
/** Ids whose bytes are fetched at a time: chance is asked for at a price, however little of it is wanted. */
const IDS_AT_A_TIME = 256;

/** Ids of requests, none of which can be guessed. */
export class RequestIds {
  private bytes = Buffer.alloc(0);
  private used = 0;

  constructor(private readonly random: Random) {}

  next(): string {
    if (this.used === this.bytes.length) {
      this.bytes = Buffer.from(this.random.bytes(ID_BYTES * IDS_AT_A_TIME));
      this.used = 0;
    }
    return this.bytes.toString('base64url', this.used, (this.used += ID_BYTES));
  }
}
