import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SystemClock } from '@meterbook/runtime/system-clock';
import type { NewEvent, StoredEvent } from '../event-store';
import { chained } from '../event-store-contract';
import { chainHash, chainStart } from '../hash-chain';
import { EmbeddedEventStore } from './embedded-event-store';
import type { FrameTable } from './frame-table';
import { EVENTS_PER_MARK } from './stream-index';
import { TURN_BYTES } from './stream-walk';

const stream = 'account-p/long';
const events = EVENTS_PER_MARK + 40;
const eventBytes = 400_000;

let directory: string;
let store: EmbeddedEventStore;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'meterbook-long-reads-'));
  store = new EmbeddedEventStore(directory, new SystemClock());
  const text = 'x'.repeat(eventBytes);
  let previous = chainStart;
  for (let revision = 0; revision < events; revision++) {
    const [type, metadata, data] = ['Noted', '{}', JSON.stringify({ note: revision, text })];
    const event: NewEvent = { type, metadata, data, hash: chainHash(previous, stream, revision, type, metadata, data) };
    previous = event.hash;
    await store.append([{ stream, expectedRevision: revision === 0 ? 'no-stream' : revision - 1, events: [event] }]);
  }
});
afterAll(async () => {
  await store.close();
  rmSync(directory, { recursive: true });
});

/** CPU time of this process, milliseconds. */
function cpuMs(since?: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
}

async function first(from: number | 'start' | 'end', direction: 'forward' | 'backward'): Promise<StoredEvent> {
  for await (const event of store.read(stream, from, direction)) return event;
  throw new Error('nothing was read');
}

describe('a stream of large events', () => {
  it.each(['forward', 'backward'] as const)('is read %s whole and in order, a few events a turn', async (direction) => {
    const revisions: number[] = [];
    let [inTurn, most] = [0, 0];
    let ended = false;
    const count = (): void => {
      most = Math.max(most, inTurn);
      inTurn = 0;
      if (!ended) setImmediate(count);
    };
    setImmediate(count);
    for await (const { revision } of store.read(stream, direction === 'forward' ? 'start' : 'end', direction)) {
      revisions.push(revision);
      inTurn += 1;
    }
    ended = true;
    const expected = Array.from({ length: events }, (_, revision) => revision);
    expect(revisions).toEqual(direction === 'forward' ? expected : expected.reverse());
    expect(most).toBeLessThanOrEqual(1 + 2 * Math.ceil(TURN_BYTES / eventBytes));
  });

  it('costs no reading of the others where one is wanted', async () => {
    const whole = process.cpuUsage();
    for await (const { revision } of store.read(stream, 'start', 'forward')) expect(revision).toBeLessThan(events);
    const limitMs = cpuMs(whole) / 3;
    for (const wanted of ['end', 0] as const) {
      const one = process.cpuUsage();
      expect((await first(wanted, 'backward')).revision).toBe(wanted === 'end' ? events - 1 : 0);
      expect(cpuMs(one)).toBeLessThan(limitMs);
    }
  });
});

describe('a stream of small events', () => {
  const small = 'account-p/small';

  beforeAll(async () => {
    const notes = Array.from({ length: events }, (_, i) => `note ${i}`);
    await store.append([
      { stream: small, expectedRevision: 'no-stream', events: chained(small, 0, chainStart, ...notes) },
    ]);
  });

  it.each([
    ['the newest', 'end', events - 1],
    ['one in the middle', EVENTS_PER_MARK - 1, EVENTS_PER_MARK - 1],
  ] as const)('is read no further than %s where that is wanted', async (_which, from, revision) => {
    const { table } = store as unknown as { readonly table: FrameTable };
    const lineAt = table.lineAt.bind(table);
    let lines = 0;
    const counting: FrameTable['lineAt'] = (place) => {
      lines += 1;
      return lineAt(place);
    };
    Object.assign(table, { lineAt: counting });
    for await (const event of store.read(small, from, 'backward')) {
      expect(event.revision).toBe(revision);
      break;
    }
    Object.assign(table, { lineAt });
    expect(lines).toBe(1);
  });
});
