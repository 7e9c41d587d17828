import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SystemClock } from '@meterbook/runtime/system-clock';
import type { NewEvent, StoredEvent } from '../event-store';
import { chained } from '../event-store-contract';
import { chainStart } from '../hash-chain';
import { StoreUnfit, StreamDamaged } from '../store-failure';
import { EmbeddedEventStore } from './embedded-event-store';
import { PAGE_BYTES } from './frame-writer';

const streams = Array.from({ length: 40 }, (_, i) => `account-p/a${i}`);
const rounds = 150;
const deadlineMs = 10_000;
/** Some events are larger than a page. */
const noteOf = (round: number): string => `${round}-${'x'.repeat(round % 10 === 0 ? 40_000 : (round * 577) % 5000)}`;

describe('a store one page of whose file is garbage', () => {
  let directory: string;
  let whole: Buffer;
  /** What was written, by stream. */
  const written = new Map<string, string[]>();

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'meterbook-pages-'));
    const store = new EmbeddedEventStore(join(directory, 'whole'), new SystemClock());
    const last = new Map<string, NewEvent>();
    for (let round = 0; round < rounds; round++) {
      // The last streams are written early and then no more.
      const stream = streams[round < 40 ? round : round % 30] ?? '';
      const notes = written.get(stream) ?? [];
      const [event] = chained(stream, notes.length, last.get(stream)?.hash ?? chainStart, noteOf(round));
      if (!event) throw new Error('no event');
      const expectedRevision = notes.length === 0 ? ('no-stream' as const) : notes.length - 1;
      await store.append([{ stream, expectedRevision, events: [event] }]);
      last.set(stream, event);
      written.set(stream, [...notes, noteOf(round)]);
    }
    await store.close();
    whole = readFileSync(join(directory, 'whole', 'events.db'));
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  const noteIn = ({ data }: StoredEvent): string => (JSON.parse(data) as { note: string }).note;

  /** What a subscription from the start brings, and the streams that it names. */
  async function subscribed(store: EmbeddedEventStore): Promise<{ events: StoredEvent[]; damaged: Set<string> }> {
    const events: StoredEvent[] = [];
    const damaged = new Set<string>();
    for await (const batch of store.subscribe(['account-'], 'start', AbortSignal.timeout(deadlineMs))) {
      events.push(...batch.events);
      for (const { stream } of batch.damaged) damaged.add(stream);
      if (batch.caughtUp) return { events, damaged };
    }
    throw new Error(`not caught up within ${deadlineMs} ms`);
  }

  /** The notes of a stream; undefined where it says that it is damaged. */
  async function notesOf(store: EmbeddedEventStore, stream: string): Promise<string[] | undefined> {
    const notes: string[] = [];
    try {
      for await (const event of store.read(stream, 'start', 'forward')) notes.push(noteIn(event));
      return notes;
    } catch (error) {
      expect(error).toBeInstanceOf(StreamDamaged);
      return undefined;
    }
  }

  async function examine(folder: string, index: 'kept' | 'lost'): Promise<'contained' | 'refused'> {
    let store: EmbeddedEventStore | undefined;
    try {
      store = new EmbeddedEventStore(folder, new SystemClock());
      const { events, damaged } = await subscribed(store);
      const delivered = new Map<string, string[]>();
      for (const event of events) delivered.set(event.stream, [...(delivered.get(event.stream) ?? []), noteIn(event)]);
      const cut: string[] = [];
      for (const stream of streams) {
        const notes = written.get(stream) ?? [];
        const got = delivered.get(stream) ?? [];
        // Never another event than was written, and none behind one that is lost.
        expect([stream, got]).toEqual([stream, notes.slice(0, got.length)]);
        const read = await notesOf(store, stream);
        const isCut = got.length < notes.length;
        if (isCut) cut.push(stream);
        // Without the index nobody knows of a stream that stood there alone, and those that end before the hole may go on in it.
        if (index === 'kept') expect(read).toEqual(isCut ? undefined : notes);
        else expect([undefined, ...(isCut ? (got.length === 0 ? [[]] : []) : [notes])]).toContainEqual(read);
      }
      expect(cut.length).toBeLessThan(streams.length);
      if (index === 'kept') expect([...damaged].sort()).toEqual(cut.sort());
      if (cut.length > 0) expect((await store.audit(() => undefined)).faults.length).toBeGreaterThan(0);
      const fresh = 'account-p/fresh';
      await store.append([
        { stream: fresh, expectedRevision: 'no-stream', events: chained(fresh, 0, chainStart, 'f') },
      ]);
      expect(await notesOf(store, fresh)).toEqual(['f']);
      return 'contained';
    } catch (error) {
      if (!(error instanceof StoreUnfit)) throw error;
      return 'refused';
    } finally {
      await store?.close();
    }
  }

  it.each(['kept', 'lost'] as const)(
    'takes out the streams whose events were on it and no other, or is refused whole, with its stream index %s',
    async (index) => {
      const seen = { contained: 0, refused: 0 };
      for (let page = 1; page * PAGE_BYTES < whole.length; page++)
        for (const garbage of [0x00, 0xa5]) {
          const folder = join(directory, `${index}-${garbage}-${page}`);
          cpSync(join(directory, 'whole'), folder, { recursive: true });
          const file = Buffer.from(whole);
          file.fill(garbage, page * PAGE_BYTES, (page + 1) * PAGE_BYTES);
          writeFileSync(join(folder, 'events.db'), file);
          if (index === 'lost') rmSync(join(folder, 'events.index'));
          seen[await examine(folder, index)] += 1;
          rmSync(folder, { recursive: true });
        }
      // The inner page above all others, and the one that is written to next.
      expect(seen.refused).toBeLessThanOrEqual(4);
      expect(seen.contained).toBeGreaterThan(40);
    },
  );
});
