import { existsSync } from 'node:fs';
import { FileDamaged } from '@meterbook/runtime/database-file';
import { frameHash } from './frame';
import { FrameTable } from './frame-table';
import { storeFile, type StoreExtent } from './store-extent';

/** Frames that are added to a copy in one commit. */
const FRAMES_PER_COMMIT = 512;

/** A copy holds something else than the first part of what it is to be a copy of. Nothing was changed. */
export class NoCopyOf extends Error {
  override readonly name = 'NoCopyOf';
  readonly remedy = 'Choose an empty folder. Keep the other one: it may be the only copy of other books.';

  constructor(copy: string, original: string) {
    super(`${copy} does not begin as ${original} does: it is a copy of something else.`);
  }
}

export interface FramesCopied {
  /** Events that were added to the copy. */
  readonly events: number;
  /** Positions of frames that are no longer what was written; they were copied as they are. */
  readonly faults: readonly number[];
}

/**
 * Adds to the store in one folder what it lacks of another's, up to an extent of that one, and checks every frame on the way against
 * the chain of frames. Whatever is added is whole at once, so that a copy that was interrupted is a shorter one, and can be gone on with.
 * Throws `NoCopyOf`, and `FileDamaged` where frames cannot be read: the copy then ends before them.
 */
export async function copyFrames(
  from: string,
  to: string,
  until: StoreExtent,
  turn: (position: number) => Promise<void>,
): Promise<FramesCopied> {
  if (!existsSync(storeFile(from))) return { events: 0, faults: [] };
  const [original, copy] = [new FrameTable(from), new FrameTable(to)];
  try {
    const last = copy.last();
    let [next, hash] = last ? [last.position + last.events, last.hash] : [0, ''];
    if (next > until.next || original.hashBefore(next) !== hash) throw new NoCopyOf(storeFile(to), storeFile(from));
    const [first, faults] = [next, [] as number[]];
    while (next < until.next) {
      const { frames } = original.from(next, FRAMES_PER_COMMIT);
      if (frames[0]?.position !== next) throw new FileDamaged(storeFile(from), `at position ${next}`);
      copy.database.transaction(() => {
        for (const frame of frames) {
          // Behind a damaged page, and behind what the copy is to hold, it stops.
          if (frame.position !== next || next >= until.next) break;
          if (frameHash(hash, frame) !== frame.hash) faults.push(frame.position);
          copy.insert.run(frame.position, frame.events, frame.bookedAt, frame.hash, frame.body);
          [next, hash] = [frame.position + frame.events, frame.hash];
        }
      })();
      await turn(next);
    }
    return { events: next - first, faults };
  } finally {
    original.close();
    copy.close();
  }
}
