import { comparePositions, type EventStore } from '@meterbook/event-store/event-store';
import { StreamDamaged } from '@meterbook/event-store/store-failure';
import type { ProjectionFile } from './projection-file';

/** A file that was filled from another store, or from more of this one than there is now. It is left as it is. */
export class OtherStore extends Error {
  override readonly name = 'OtherStore';

  constructor(file: string, why: string) {
    super(
      `${file} does not belong to the event store: ${why}. Restore the event store and ${file} from one backup; ` +
        `where the store as it is now is the right one, delete ${file} and it is filled anew.`,
    );
  }
}

/** Throws `OtherStore` where the store does not hold the event that a file has seen last, or ends before it. */
export async function refuseOtherStore(file: ProjectionFile, store: EventStore): Promise<void> {
  const last = file.lastEvent();
  if (!last) return;
  if (comparePositions(file.progress.position, await store.end()) > 0)
    throw new OtherStore(file.path, `it has folded more than the ${await store.end()} where the store ends`);
  try {
    for await (const { revision, hash } of store.read(last.stream, last.revision, 'backward')) {
      if (revision === last.revision && hash === last.hash) return;
      break;
    }
  } catch (error) {
    // A stream that cannot be read any more says nothing about the others.
    if (error instanceof StreamDamaged) return;
    throw error;
  }
  throw new OtherStore(file.path, 'the event that it has folded last is not there');
}
