import { chainHash, chainStart } from './hash-chain';
import type { EventStore, NewEvent, StoredEvent } from './event-store';
import { comparePositions } from './event-store';

/** An engine under test: opens a store on the same data each time, as another process would. */
export interface StoreUnderTest {
  open(): EventStore;
  destroy(): Promise<void>;
}

/** Events of a stream from a revision on, chained to what stands before them. */
export function chained(stream: string, from: number, previousHash: string, ...notes: string[]): NewEvent[] {
  let previous = previousHash;
  return notes.map((note, i) => {
    const data = JSON.stringify({ note });
    const metadata = JSON.stringify({ actor: 'contract' });
    previous = chainHash(previous, stream, from + i, 'Noted', metadata, data);
    return { type: 'Noted', data, metadata, hash: previous };
  });
}

async function all(events: AsyncIterable<StoredEvent>): Promise<StoredEvent[]> {
  const list: StoredEvent[] = [];
  for await (const event of events) list.push(event);
  return list;
}

const notes = (events: readonly StoredEvent[]): string[] =>
  events.map((event) => (JSON.parse(event.data) as { note: string }).note);

/** What every event store must do; each adapter's spec runs it. */
export function describeEventStore(name: string, make: () => StoreUnderTest): void {
  describe(`${name}: the event store contract`, () => {
    let engine: StoreUnderTest;
    let store: EventStore;
    const others: EventStore[] = [];
    const another = (): EventStore => {
      const opened = engine.open();
      others.push(opened);
      return opened;
    };

    beforeEach(() => {
      engine = make();
      store = engine.open();
    });
    afterEach(async () => {
      for (const other of [store, ...others.splice(0)]) await other.close();
      await engine.destroy();
    });

    const put = (stream: string, expectedRevision: number | 'no-stream', ...texts: string[]) =>
      store.append([
        {
          stream,
          expectedRevision,
          events: chained(stream, expectedRevision === 'no-stream' ? 0 : expectedRevision + 1, chainStart, ...texts),
        },
      ]);

    it('numbers the events of a stream from 0 and gives them back as they were', async () => {
      const [first] = await put('account-p/a', 'no-stream', 'one', 'zwei ü 你好 \n\t"');
      expect(first).toMatchObject({ kind: 'appended', revision: 1 });
      const events = await all(store.read('account-p/a', 'start', 'forward'));
      expect(notes(events)).toEqual(['one', 'zwei ü 你好 \n\t"']);
      expect(events.map((event) => event.revision)).toEqual([0, 1]);
      expect(events[0]).toMatchObject({ type: 'Noted', stream: 'account-p/a', metadata: '{"actor":"contract"}' });
    });

    it('refuses an append whose expected revision is not the head, and writes nothing of it', async () => {
      await put('account-p/a', 'no-stream', 'one');
      expect(await put('account-p/a', 'no-stream', 'again')).toEqual([{ kind: 'conflict', revision: 0 }]);
      expect(await put('account-p/a', 4, 'later')).toEqual([{ kind: 'conflict', revision: 0 }]);
      expect(await put('account-p/b', 0, 'nothing there')).toEqual([{ kind: 'conflict', revision: 'no-stream' }]);
      expect(notes(await all(store.read('account-p/a', 'start', 'forward')))).toEqual(['one']);
      expect(await all(store.read('account-p/b', 'start', 'forward'))).toEqual([]);
    });

    it('takes the streams of one append that fit and refuses those that do not', async () => {
      await put('account-p/a', 'no-stream', 'one');
      const outcomes = await store.append([
        { stream: 'account-p/a', expectedRevision: 'no-stream', events: chained('account-p/a', 0, chainStart, 'x') },
        {
          stream: 'account-p/b',
          expectedRevision: 'no-stream',
          events: chained('account-p/b', 0, chainStart, 'y', 'z'),
        },
      ]);
      expect(outcomes.map((outcome) => outcome.kind)).toEqual(['conflict', 'appended']);
      expect(await store.head('account-p/a')).toBe(0);
      expect(await store.head('account-p/b')).toBe(1);
    });

    it('reads forward from a revision and backward from one', async () => {
      await put('account-p/a', 'no-stream', 'a', 'b');
      await put('account-p/x', 'no-stream', 'other');
      await put('account-p/a', 1, 'c', 'd');
      expect(notes(await all(store.read('account-p/a', 2, 'forward')))).toEqual(['c', 'd']);
      expect(notes(await all(store.read('account-p/a', 9, 'forward')))).toEqual([]);
      expect(notes(await all(store.read('account-p/a', 'end', 'backward')))).toEqual(['d', 'c', 'b', 'a']);
      expect(notes(await all(store.read('account-p/a', 1, 'backward')))).toEqual(['b', 'a']);
      expect(notes(await all(store.read('account-p/a', 'end', 'forward')))).toEqual(['d']);
    });

    it('shows at once what another process wrote, and lets only one of two win a revision', async () => {
      const other = another();
      expect(await store.head('account-p/a')).toBe('no-stream');
      await put('account-p/a', 'no-stream', 'one');
      expect(await other.head('account-p/a')).toBe(0);
      const both = await Promise.all([
        store.append([
          { stream: 'account-p/a', expectedRevision: 0, events: chained('account-p/a', 1, chainStart, 'mine') },
        ]),
        other.append([
          { stream: 'account-p/a', expectedRevision: 0, events: chained('account-p/a', 1, chainStart, 'theirs') },
        ]),
      ]);
      expect(both.map(([outcome]) => outcome?.kind).sort()).toEqual(['appended', 'conflict']);
      expect(await store.head('account-p/a')).toBe(1);
    });

    it('keeps everything over a restart', async () => {
      await put('account-p/a', 'no-stream', 'one', 'two');
      const again = another();
      expect(notes(await all(again.read('account-p/a', 'start', 'forward')))).toEqual(['one', 'two']);
      await store.close();
      store = engine.open();
      expect(await store.head('account-p/a')).toBe(1);
      expect(await put('account-p/a', 1, 'three')).toMatchObject([{ kind: 'appended', revision: 2 }]);
      expect(notes(await all(store.read('account-p/a', 1, 'forward')))).toEqual(['two', 'three']);
    });

    it('delivers to a subscription what matches, in store order, from a position on, and says when it has caught up', async () => {
      await put('account-p/a', 'no-stream', '1');
      await put('tier-p/a', 'no-stream', 'tier');
      await put('account-p/b', 'no-stream', '2', '3');
      const abort = new AbortController();
      const seen: StoredEvent[] = [];
      let afterFirst = 'start';
      let written = false;
      for await (const batch of store.subscribe(['account-'], 'start', abort.signal)) {
        seen.push(...batch.events);
        if (seen[0]) afterFirst = seen[0].position;
        if (batch.caughtUp && !written) {
          written = true;
          await put('account-p/a', 0, '4');
        }
        if (seen.length === 4) abort.abort();
      }
      expect(notes(seen)).toEqual(['1', '2', '3', '4']);
      for (let i = 1; i < seen.length; i++) {
        expect(comparePositions((seen[i - 1] as StoredEvent).position, (seen[i] as StoredEvent).position)).toBeLessThan(
          0,
        );
        expect((seen[i] as StoredEvent).bookedAt).toBeGreaterThanOrEqual((seen[i - 1] as StoredEvent).bookedAt);
      }
      const rest = new AbortController();
      const later: StoredEvent[] = [];
      for await (const batch of store.subscribe(['account-', 'tier-'], afterFirst, rest.signal)) {
        later.push(...batch.events);
        if (batch.caughtUp) rest.abort();
      }
      expect(notes(later)).toEqual(['tier', '2', '3', '4']);
    });

    it('books nothing before the instant at which a subscription had caught up', async () => {
      const abort = new AbortController();
      let observedAt = 0;
      for await (const batch of store.subscribe(['account-'], 'start', abort.signal)) {
        if (batch.caughtUp) {
          observedAt = batch.observedAt;
          abort.abort();
        }
      }
      await put('account-p/a', 'no-stream', 'later');
      const [later] = await all(store.read('account-p/a', 'start', 'forward'));
      expect(later?.bookedAt).toBeGreaterThanOrEqual(observedAt);
    });

    it('decides appends that are made at once one after the other', async () => {
      const once = await Promise.all(['x', 'y', 'z'].map((text) => put('account-p/a', 'no-stream', text)));
      expect(once.map(([outcome]) => outcome?.kind).sort()).toEqual(['appended', 'conflict', 'conflict']);
      const many = await Promise.all(
        Array.from({ length: 50 }, (_, i) => put(`account-p/many-${i}`, 'no-stream', 'a', 'b')),
      );
      expect(many.map(([outcome]) => outcome?.kind === 'appended' && outcome.revision)).toEqual(many.map(() => 1));
      for (let i = 0; i < 50; i += 7)
        expect(notes(await all(store.read(`account-p/many-${i}`, 'start', 'forward')))).toEqual(['a', 'b']);
    });

    it('reads any part of a long stream that was written in lists of many sizes', async () => {
      const texts = Array.from({ length: 2000 }, (_, i) => String(i));
      for (let from = 0, size = 1; from < texts.length; from += size, size = (size * 7) % 611 || 1)
        await put('account-p/a', from === 0 ? 'no-stream' : from - 1, ...texts.slice(from, from + size));
      const other = another();
      for (const from of [0, 1, 254, 255, 256, 257, 511, 512, 1000, 1998, 1999, 2000]) {
        expect(notes(await all(store.read('account-p/a', from, 'forward')))).toEqual(texts.slice(from));
        expect(notes(await all(other.read('account-p/a', from, 'backward')))).toEqual(
          texts.slice(0, from + 1).reverse(),
        );
      }
      await store.close();
      store = engine.open();
      expect(notes(await all(store.read('account-p/a', 700, 'forward')))).toEqual(texts.slice(700));
    });

    it('finds no fault in what nobody changed', async () => {
      const first = chained('account-p/a', 0, chainStart, 'one', 'two');
      await store.append([{ stream: 'account-p/a', expectedRevision: 'no-stream', events: first }]);
      await store.append([
        {
          stream: 'account-p/a',
          expectedRevision: 1,
          events: chained('account-p/a', 2, first[1]?.hash ?? '', 'three'),
        },
      ]);
      const visited: StoredEvent[] = [];
      const audit = await store.audit((event) => visited.push(event));
      expect(audit).toEqual({ streams: 1, events: 3, faults: [] });
      expect(notes(visited)).toEqual(['one', 'two', 'three']);
    });
  });
}
