import { Problem, retryAfter } from '../problem/problem';

const RETRY_AFTER_SECONDS = 1;

const refused = (detail: string): Problem =>
  new Problem('too_busy', detail, { headers: retryAfter(RETRY_AFTER_SECONDS) });

/** What one request holds of a room. */
export interface BodyPlace {
  /** Takes room for bytes that have arrived; throws the problem `too_busy` where there is none. */
  readonly take: (bytes: number) => void;
  /** Gives back all that was taken, once. */
  readonly leave: () => void;
}

/**
 * How many bytes of bodies a process holds at a time, for whom. Only what has arrived counts, never what is announced. A
 * caller may hold as much as is still free beside it, so that whoever comes next finds room, however much one caller sends;
 * one whole body fits for everybody while there is room at all.
 */
export class BodyRoom {
  private held = 0;
  private readonly heldBy = new Map<string, number>();

  constructor(
    private readonly maxBytes: number,
    private readonly largestBodyBytes: number,
  ) {}

  get bytesHeld(): number {
    return this.held;
  }

  /** A place for the body of a caller, of which `announcedBytes` are said to come. Throws the problem `too_busy` where they would not fit just now. */
  enter(caller: string, announcedBytes: number): BodyPlace {
    this.refuseWhatDoesNotFit(caller, announcedBytes);
    let bytesTaken = 0;
    let inside = true;
    return {
      take: (bytes) => {
        if (!inside) return;
        this.refuseWhatDoesNotFit(caller, bytes);
        this.add(caller, bytes);
        bytesTaken += bytes;
      },
      leave: () => {
        if (inside) this.add(caller, -bytesTaken);
        inside = false;
      },
    };
  }

  private refuseWhatDoesNotFit(caller: string, bytes: number): void {
    const free = this.maxBytes - this.held - bytes;
    if (free < 0) throw refused('Too many bytes of requests are in flight.');
    const wanted = (this.heldBy.get(caller) ?? 0) + bytes;
    if (wanted > free && wanted > this.largestBodyBytes)
      throw refused('Too many bytes of requests of this caller are in flight.');
  }

  private add(caller: string, bytes: number): void {
    this.held += bytes;
    const now = (this.heldBy.get(caller) ?? 0) + bytes;
    if (now > 0) this.heldBy.set(caller, now);
    else this.heldBy.delete(caller);
  }
}
