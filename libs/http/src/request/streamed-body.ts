import type { IncomingMessage } from 'node:http';
import type { Arrivals } from '../body/arrivals';
import { BODY_IDLE_MS } from '../body/arrivals';
import { Problem } from '../problem/problem';

const MS_PER_SECOND = 1_000;

/** A body that is too large for memory: what `@StreamsCsv()` routes are given. It is read once, or not at all. */
export class StreamedBody {
  constructor(
    private readonly payload: IncomingMessage,
    private readonly limitBytes: number,
    private readonly arrivals: Arrivals,
  ) {}

  /**
   * Its bytes as they arrive, the next when the one before was taken. Throws `payload_too_large` over the limit, `request_timeout` where
   * nothing comes any more, and `bad_request` where it ends before it is whole.
   */
  async *chunks(): AsyncIterable<Buffer> {
    let [length, looks, isWaiting] = [0, 0, true];
    // Whoever is still to be answered keeps the connection.
    const rest = this.payload.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>;
    let giveUp: (error: Error) => void = () => undefined;
    const idle = new Promise<never>((_resolve, reject) => (giveUp = reject));
    idle.catch(() => undefined);
    // While whoever reads is at work nothing has to come.
    const moves = (): number => (isWaiting ? length : length + ++looks);
    const unwatch = this.arrivals.watch(moves, () => giveUp(tooSlow()));
    try {
      for (;;) {
        isWaiting = true;
        const next = await Promise.race([rest.next(), idle]);
        isWaiting = false;
        if (next.done === true) return;
        length += next.value.length;
        if (length > this.limitBytes) throw tooLarge(this.limitBytes);
        yield next.value;
      }
    } catch (error) {
      throw error instanceof Problem ? error : new Problem('bad_request', 'The body ended before it was whole.');
    } finally {
      unwatch();
    }
  }
}

const tooLarge = (limitBytes: number): Problem =>
  new Problem('payload_too_large', `The body is over the limit of this route, ${limitBytes} bytes.`);
const tooSlow = (): Problem =>
  new Problem('request_timeout', `No byte of the body arrived within ${BODY_IDLE_MS / MS_PER_SECOND} s.`);
