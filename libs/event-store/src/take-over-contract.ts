import { chained, type StoreUnderTest } from './event-store-contract';
import type { EventStore, StoredEvent } from './event-store';
import { chainStart } from './hash-chain';
import type { BookedAppend, TakesOver } from './take-over';

/** An engine whose stores take over what another one holds. */
export interface TakingOver extends StoreUnderTest {
  open(): EventStore & TakesOver;
}

/** An instant long before any test runs, milliseconds. */
const then = Date.parse('2024-02-29T12:00:00.000Z');

/** What a store has to do that is filled with the events of another one; each adapter's spec runs it. */
export function describeTakeOver(name: string, make: () => TakingOver): void {
  describe(`${name}, taking over what another store holds`, () => {
    let engine: TakingOver;
    let store: EventStore & TakesOver;

    beforeEach(() => {
      engine = make();
      store = engine.open();
    });
    afterEach(async () => {
      await store.close();
      await engine.destroy();
    });

    const heads = new Map<string, { readonly revision: number; readonly hash: string }>();
    beforeEach(() => heads.clear());
    /** Events of a stream that go on where those made before it ended. */
    const booked = (bookedAt: number, stream: string, ...notes: string[]): BookedAppend => {
      const { revision, hash } = heads.get(stream) ?? { revision: -1, hash: chainStart };
      const events = chained(stream, revision + 1, hash, ...notes);
      heads.set(stream, { revision: revision + notes.length, hash: events.at(-1)?.hash ?? hash });
      return { stream, bookedAt, expectedRevision: revision < 0 ? 'no-stream' : revision, events };
    };
    const subscribed = async (): Promise<StoredEvent[]> => {
      const seen: StoredEvent[] = [];
      for await (const { events, caughtUp } of store.subscribe(['account-'], 'start', new AbortController().signal)) {
        seen.push(...events);
        if (caughtUp) break;
      }
      return seen;
    };
    const told = (events: readonly StoredEvent[]): string[] =>
      events.map(({ stream, revision, bookedAt }) => `${stream} ${revision} ${bookedAt - then}`);

    it('keeps when each event was booked, whoever reads it and however, and goes on behind it', async () => {
      const appends = [
        booked(then, 'account-p/a', '1', '2'),
        booked(then + 1, 'account-p/b', '1'),
        booked(then + 1, 'account-p/a', '3'),
        booked(then + 7, 'account-p/a', '4', '5'),
      ];
      expect((await store.takeOver(appends)).map(({ kind }) => kind)).toEqual(appends.map(() => 'appended'));
      const expected = ['a 0 0', 'a 1 0', 'b 0 1', 'a 2 1', 'a 3 7', 'a 4 7'].map((text) => `account-p/${text}`);
      expect(told(await subscribed()).sort()).toEqual([...expected].sort());
      const read: StoredEvent[] = [];
      for await (const event of store.read('account-p/a', 'start', 'forward')) read.push(event);
      expect(told(read)).toEqual(expected.filter((text) => text.includes('/a ')));
      expect(read[0]).toMatchObject({ metadata: '{"actor":"contract"}', hash: appends[0]?.events[0]?.hash });
      const audited: StoredEvent[] = [];
      expect(await store.audit((event) => audited.push(event))).toMatchObject({ streams: 2, events: 6, faults: [] });
      expect(told(audited).sort()).toEqual([...expected].sort());

      const { stream, expectedRevision, events } = booked(0, 'account-p/b', '2');
      await store.append([{ stream, expectedRevision, events }]);
      const last = (await subscribed()).at(-1);
      expect(last?.revision).toBe(1);
      expect(last?.bookedAt).toBeGreaterThan(then + 7);
    });

    it('keeps the order of what was booked one after the other, over any number of streams', async () => {
      const appends = Array.from({ length: 200 }, (_, i) =>
        booked(then + Math.floor(i / 3), `account-p/${i % 7}`, String(i)),
      );
      await store.takeOver(appends);
      const times = (await subscribed()).map(({ bookedAt }) => bookedAt);
      expect(times).toEqual(appends.map(({ bookedAt }) => bookedAt));
    });

    it('says where another event stands already, and writes nothing over it', async () => {
      await store.takeOver([booked(then, 'account-p/a', 'one')]);
      heads.clear();
      const outcomes = await store.takeOver([booked(then, 'account-p/a', 'another'), booked(then, 'account-p/b', '1')]);
      expect(outcomes.map(({ kind }) => kind)).toEqual(['conflict', 'appended']);
      expect(await store.head('account-p/a')).toBe(0);
    });

    it.each([
      ['before what stands before it', [then + 1, then]],
      ['at no time', [Number.NaN]],
      ['before 1970', [-1]],
    ])('refuses, and writes nothing, where an event was booked %s', async (_what, times) => {
      const appends = times.map((time, i) => booked(time, `account-p/${i}`, '1'));
      await expect(store.takeOver(appends)).rejects.toThrow('cannot stand behind');
      expect(await subscribed()).toEqual([]);
    });
  });
}
