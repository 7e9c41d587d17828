import * as fc from 'fast-check';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from '@meterbook/runtime/sqlite';
import type { StoredEvent } from '@meterbook/event-store/event-store';
import { financeProjections } from '../finance-projections';
import { storedHistories } from '../testing/random-histories';
import { storeOf } from '../testing/history-store';
import { BesideEvents } from './beside-events';
import { chargesWith } from './charges/charges';
import { rowsOf } from './compare-sets';
import { EventReader, type ReadBatch } from './event-reader';
import type { Projection } from './projection';
import { ProjectionFile } from './projection-file';

/** Histories that are tried, each with other restarts. */
const seeds = 480;
/** Where Linux keeps files in memory: a process that ends loses nothing of them, and the disk is most of the time that this takes. */
const inMemory = '/dev/shm';

/** What happens between two batches: nothing, an end of the process, or a transaction that does not come to its end. */
type Interruption = 'none' | 'restart' | 'abort';

const pieces = fc.array(
  fc.record({
    events: fc.integer({ min: 1, max: 9 }),
    interruption: fc.constantFrom<Interruption>('none', 'restart', 'abort'),
  }),
  { minLength: 1, maxLength: 40 },
);

const projections = [
  ...financeProjections,
  { ...chargesWith({ maxLabelValues: 1, blockRows: 3 }), name: 'charges in small blocks' },
];

describe('a projection that is restarted', () => {
  const directory = mkdtempSync(join(existsSync(inMemory) ? inMemory : tmpdir(), 'meterbook-restarts-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it.each(projections)(`$name holds the same rows as one that never was (${seeds} histories)`, async (projection) => {
    await fc.assert(
      fc.asyncProperty(storedHistories, pieces, async (history, cuts) => {
        const whole = ProjectionFile.create(join(directory, 'whole.db'), projection);
        whole.fold(await batchOf(history, history, new EventReader()));
        const expected = contentOf(whole.database, projection);
        whole.close();
        expect(await foldInterrupted(join(directory, 'cut.db'), projection, history, cuts)).toEqual(expected);
      }),
      { numRuns: seeds },
    );
  });
});

/** Folds a history in pieces; the cuts say how long each is and what happens before it. */
async function foldInterrupted(
  path: string,
  projection: Projection,
  history: readonly StoredEvent[],
  cuts: readonly { readonly events: number; readonly interruption: Interruption }[],
): Promise<unknown> {
  let trips = false;
  const interrupted = tripping(projection, () => trips);
  let reader = new EventReader();
  let file = ProjectionFile.create(path, interrupted);
  const reopen = (): void => {
    file.close();
    const found = ProjectionFile.open(path, interrupted);
    if (!found) throw new Error('the file is of no use after a restart');
    file = found;
    reader = new EventReader();
  };
  let at = 0;
  for (let cut = 0; at < history.length; cut++) {
    const { events, interruption } = cuts[cut % cuts.length] ?? { events: 1, interruption: 'none' };
    const next = history.slice(at, at + events);
    if (interruption === 'abort') {
      trips = true;
      const batch = await batchOf(next, history, reader);
      expect(() => file.fold(batch)).toThrow('tripped');
      trips = false;
    }
    if (interruption !== 'none') reopen();
    expect(file.fold(await batchOf(next, history, reader))).toEqual([]);
    at += next.length;
  }
  const rows = contentOf(file.database, projection);
  file.close();
  return rows;
}

/** The projection, but its transaction fails after everything is written, while told to. */
function tripping(projection: Projection, trips: () => boolean): Projection {
  return {
    ...projection,
    open: (database) => {
      const fold = projection.open(database);
      return {
        take: (event) => fold.take(event),
        write: () => {
          fold.write();
          if (trips()) throw new Error('tripped');
        },
      };
    },
  };
}

function batchOf(
  events: readonly StoredEvent[],
  history: readonly StoredEvent[],
  reader: EventReader,
): Promise<ReadBatch> {
  const { position = 'start', bookedAt = 0 } = events.at(-1) ?? {};
  const read = reader.read({ events, damaged: [], position, caughtUp: false, observedAt: bookedAt });
  return new BesideEvents(storeOf(history)).completed(read);
}

function contentOf(database: Database, { tables }: Projection): unknown {
  return tables.map((table) => [...rowsOf(database, table)]);
}
