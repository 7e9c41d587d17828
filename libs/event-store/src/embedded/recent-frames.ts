import type { PlacedLine } from './frame';

/** A frame whose own hash held when it was read. */
export interface SoundFrame {
  readonly position: number;
  /** Position after the frame's last event. */
  readonly end: number;
  readonly bookedAt: number;
  readonly hash: string;
  /** Hash of the frame before it, which its own covers. */
  readonly hashBefore: string;
  readonly bytes: number;
  readonly lines: readonly PlacedLine[];
}

/** Bytes of frames that are kept decoded. */
const MAX_BYTES = 1024 * 1024;

/**
 * The frames that were read last: several subscriptions of one instance follow the same head, and the first of them decodes for
 * all. A frame is kept only where its hash held, and it never changes after it was written.
 */
export class RecentFrames {
  private readonly frames = new Map<number, SoundFrame>();
  private bytes = 0;

  /** The frame that begins at a position and follows the one with that hash. */
  at(position: number, hashBefore: string): SoundFrame | undefined {
    const frame = this.frames.get(position);
    return frame?.hashBefore === hashBefore ? frame : undefined;
  }

  keep(frame: SoundFrame): void {
    if (frame.bytes > MAX_BYTES || this.frames.has(frame.position)) return;
    this.frames.set(frame.position, frame);
    this.bytes += frame.bytes;
    for (const [position, { bytes }] of this.frames) {
      if (this.bytes <= MAX_BYTES) return;
      this.frames.delete(position);
      this.bytes -= bytes;
    }
  }
}
