import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HoldEvent } from '@meterbook/domain/access/events';
import { dropExpired, isNoteDue, MAX_NOTED_HOLDS, noteOf, type HoldBook } from '@meterbook/domain/access/hold-book';
import { toText } from '@meterbook/domain/amount/decimal';
import { formatInstant } from '@meterbook/domain/time/instant';
import { encodeEvent } from '@meterbook/books/event-codec';
import { EmbeddedEventStore } from '@meterbook/event-store/embedded/embedded-event-store';
import type { NewEvent, StoredEvent } from '@meterbook/event-store/event-store';
import { StreamDamaged } from '@meterbook/event-store/store-failure';
import { ManualClock } from '@meterbook/runtime/testing/manual-clock';
import { HoldLoader } from './hold-loader';
import { LoadedHolds } from './loaded-holds';
import { endsPage, PAGE_EVENTS, toPageText } from './request-page';
import { fingerprintOf } from './request-index';

const stream = 'hold-apibox/a';
const DAY_MS = 86_400_000;
const rememberMs = 35 * DAY_MS;
/** Events of one append. */
const CHUNK = 1000;

/** A store that counts the events that were read of it. */
class CountingStore extends EmbeddedEventStore {
  events = 0;

  override async *read(...asked: Parameters<EmbeddedEventStore['read']>): AsyncIterable<StoredEvent> {
    for await (const event of super.read(...asked)) {
      this.events += 1;
      yield event;
    }
  }
}

/** Writes a stream as the writer of holds does. */
class Stream {
  readonly holds = new LoadedHolds(stream, true);
  private readonly encoded: NewEvent[] = [];

  constructor(readonly clock: ManualClock) {}

  place(requestId: string, lifeMs = 60_000): void {
    const now = this.clock.now();
    this.take({
      type: 'HoldPlaced',
      occurredAt: formatInstant(now),
      requestId,
      digest: `${requestId}-digest-`.padEnd(22, '-'),
      currency: 'CNY',
      amount: '1',
      expiresAt: formatInstant(now + lifeMs),
      day: 'account',
      accountRevision: 0,
    });
  }

  release(hold: number): void {
    this.take({ type: 'HoldReleased', occurredAt: formatInstant(this.clock.now()), hold });
  }

  take(event: HoldEvent): void {
    const { book, hash } = this.holds;
    dropExpired(book, this.clock.now());
    const revision = book.revision + 1;
    this.holds.fold(event, revision, hash);
    const isDue = isNoteDue(book);
    const note = isDue ? { note: noteOf(book) } : {};
    if (isDue) book.noteRevision = revision;
    const page = endsPage(revision) ? { requests: toPageText(this.holds.filledPage) } : {};
    const stored = encodeEvent(stream, revision, hash, { ...event, ...note, ...page }, {});
    this.holds.hash = stored.hash;
    this.encoded.push(stored);
  }

  async write(store: EmbeddedEventStore): Promise<void> {
    for (let from = 0; from < this.encoded.length; from += CHUNK) {
      const events = this.encoded.slice(from, from + CHUNK);
      await store.append([{ stream, expectedRevision: from === 0 ? 'no-stream' : from - 1, events }]);
    }
  }
}

const shown = (book: HoldBook): unknown => [
  book.revision,
  toText(book.held),
  [...book.live.keys()],
  [...book.counts.day],
];

describe('the holds of an account', () => {
  let directory: string;
  let store: CountingStore;
  let clock: ManualClock;
  let written: Stream;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'meterbook-holds-'));
    clock = new ManualClock();
    store = new CountingStore(directory, clock);
    written = new Stream(clock);
  });
  afterEach(async () => {
    await store.close();
    rmSync(directory, { recursive: true });
  });

  const loaded = (withRequests = false): Promise<LoadedHolds> =>
    new HoldLoader(store, clock, rememberMs).read(stream, withRequests);

  it('of which there are none are empty', async () => {
    expect(shown((await loaded(true)).book)).toEqual([-1, '0', [], []]);
  });

  it('are read no further back than the last note, however many were placed and released', async () => {
    for (let i = 0; i < 5000; i++) {
      written.place(`q${i}`);
      written.release(i * 2);
    }
    written.place('last');
    await written.write(store);
    expect(shown((await loaded()).book)).toEqual(shown(written.holds.book));
    expect(store.events).toBeLessThanOrEqual(65);
  });

  it('are read no further back than the first that is live, where more are than a note lists', async () => {
    for (let i = 0; i < 3000; i++) {
      written.place(`q${i}`);
      written.release(i * 2);
    }
    for (let i = 0; i < MAX_NOTED_HOLDS + 500; i++) written.place(`p${i}`);
    await written.write(store);
    expect(shown((await loaded()).book)).toEqual(shown(written.holds.book));
    expect(store.events).toBeLessThanOrEqual(MAX_NOTED_HOLDS + 600);
  });

  it('are read no further back than a day where nothing was noted', async () => {
    for (let i = 0; i < 30; i++) written.place(`q${i}`);
    await clock.advance(DAY_MS + 1);
    written.place('last');
    await written.write(store);
    expect((await loaded()).book.live.size).toBe(1);
    expect(store.events).toBe(2);
  });

  it('end where they end, however long ago that was', async () => {
    written.place('q1');
    await written.write(store);
    await clock.advance(3 * DAY_MS);
    const { book, requests } = await loaded(true);
    expect(book.revision).toBe(0);
    expect(requests?.revisionsOf(fingerprintOf(stream, 'q1'))).toEqual([0]);
  });

  it('know every request by pages, whichever page it stands in', async () => {
    for (let i = 0; i < PAGE_EVENTS * 2 + 100; i++) written.place(`q${i}`, 0);
    await written.write(store);
    const { requests } = await loaded(true);
    for (const i of [0, 1, PAGE_EVENTS - 1, PAGE_EVENTS, PAGE_EVENTS * 2 - 1, PAGE_EVENTS * 2, PAGE_EVENTS * 2 + 99])
      expect(requests?.revisionsOf(fingerprintOf(stream, `q${i}`))).toContain(i);
    expect(requests?.revisionsOf(fingerprintOf(stream, 'never'))).toEqual([]);
    expect(store.events).toBeLessThanOrEqual(102 + 64);
  });

  it('fill the next page where they left off', async () => {
    for (let i = 0; i < PAGE_EVENTS - 2; i++) written.place(`q${i}`, 0);
    await written.write(store);
    const holds = await loaded(true);
    expect(holds.filledPage).toEqual(written.holds.filledPage);
    expect(holds.filledPage).toHaveLength(PAGE_EVENTS - 2);
  });

  it('go back to what is stored, and fold what others have written', async () => {
    for (let i = 0; i < 100; i++) written.place(`q${i}`);
    await written.write(store);
    const loader = new HoldLoader(store, clock, rememberMs);
    const holds = await loader.read(stream, true);
    const before = shown(holds.book);
    for (let i = 0; i < 3; i++)
      holds.fold({ type: 'HoldReleased', occurredAt: formatInstant(clock.now()), hold: i }, 100 + i, '');
    expect(await loader.rewind(holds, 99)).toBe(true);
    expect(shown(holds.book)).toEqual(before);
    expect(holds.filledPage).toEqual(written.holds.filledPage);
    await loader.foldTail(holds);
    expect(holds.hash).toBe(written.holds.hash);
  });

  it.each<[string, HoldEvent]>([
    [
      'of a type from the future',
      { type: 'HoldMoved', occurredAt: '2026-11-21T10:00:00.000Z' } as unknown as HoldEvent,
    ],
    ['without an instant', { type: 'HoldReleased', hold: 0 } as unknown as HoldEvent],
    [
      'of an amount that is none',
      {
        type: 'HoldPlaced',
        occurredAt: '2026-11-21T10:00:00.000Z',
        digest: 'd'.repeat(22),
        amount: 'x',
        expiresAt: '2026-11-21T10:00:00.000Z',
        accountRevision: 0,
        currency: 'CNY',
      },
    ],
  ])('are damaged by an event %s', async (_what, event) => {
    const { type, ...data } = event;
    const stored = encodeEvent(stream, 0, '', { type, ...data }, {});
    await store.append([{ stream, expectedRevision: 'no-stream', events: [stored] }]);
    await expect(loaded(true)).rejects.toThrow(StreamDamaged);
  });
});
