import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { openDatabase } from '@meterbook/runtime/sqlite';
import { SystemClock } from '@meterbook/runtime/system-clock';
import type { EventStore, NewEvent, StreamAppend } from '../event-store';
import { chained } from '../event-store-contract';
import { chainStart } from '../hash-chain';
import { AppendOutcomeUnknown, StoreUnavailable } from '../store-failure';
import { CommitThread } from './commit-thread';
import { EmbeddedEventStore } from './embedded-event-store';

const clock = new SystemClock();
const APPENDS = 150;

/** Appends to streams of its own, one after the other, and answers with the revisions it was told. */
class Writer {
  private readonly events: NewEvent[] = [];

  constructor(
    private readonly store: EventStore,
    private readonly stream: string,
  ) {}

  get next(): StreamAppend {
    const last = this.events.at(-1);
    const events = chained(this.stream, this.events.length, last?.hash ?? chainStart, `note ${this.events.length}`);
    return { stream: this.stream, expectedRevision: last ? this.events.length - 1 : 'no-stream', events };
  }

  async write(): Promise<void> {
    const { next } = this;
    const [outcome] = await this.store.append([next]);
    expect(outcome).toEqual({ kind: 'appended', revision: this.events.length });
    this.events.push(...next.events);
  }

  async writeAll(): Promise<void> {
    for (let n = 0; n < APPENDS; n++) await this.write();
  }
}

describe('a store that commits in a thread of its own', () => {
  let directory: string;
  let opened: EventStore[];
  const open = (committing: 'here' | 'in-thread'): EmbeddedEventStore => {
    const store = new EmbeddedEventStore(directory, clock, committing);
    opened.push(store);
    return store;
  };

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'meterbook-commits-'));
    opened = [];
  });
  afterEach(async () => {
    for (const store of opened) await store.close();
    rmSync(directory, { recursive: true });
  });

  it('writes beside others what each was promised, in one chain', async () => {
    const stores = [open('in-thread'), open('here'), open('in-thread')];
    await Promise.all(stores.map((store, i) => new Writer(store, `account-p/${i}`).writeAll()));
    const { events, faults } = await open('here').audit(() => undefined);
    expect({ events, faults }).toEqual({ events: stores.length * APPENDS, faults: [] });
    for (const store of stores)
      for (let i = 0; i < stores.length; i++) expect(await store.head(`account-p/${i}`)).toBe(APPENDS - 1);
  });

  it('books nothing before an instant at which somebody was told that nothing is under way', async () => {
    const [writing, reading] = [open('in-thread'), open('here')];
    const stop = new AbortController();
    const early: string[] = [];
    let [told, seen] = [-Infinity, 0];
    const subscribed = (async () => {
      for await (const { events, caughtUp, observedAt } of reading.subscribe([''], 'start', stop.signal)) {
        for (const { position, bookedAt } of events) if (bookedAt < told) early.push(position);
        if (caughtUp) told = observedAt;
        seen += events.length;
      }
    })();
    await Promise.all([0, 1].map((i) => new Writer(writing, `account-p/${i}`).writeAll()));
    while (seen < 2 * APPENDS) await turn();
    stop.abort();
    await subscribed;
    expect(early).toEqual([]);
    expect(told).toBeGreaterThan(0);
  });

  it('goes on with other things while another process has the right to write', async () => {
    const store = open('in-thread');
    const writer = new Writer(store, 'account-p/a');
    await writer.write();
    const other = openDatabase(join(directory, 'events.db'));
    other.exec('BEGIN IMMEDIATE');
    let isWritten = false;
    const writing = writer.write().then(() => (isWritten = true));
    for (let n = 0; n < 50; n++) expect(await store.head('account-p/a')).toBe(0);
    expect(isWritten).toBe(false);
    other.exec('ROLLBACK');
    other.close();
    await writing;
    expect(await store.head('account-p/a')).toBe(1);
  });

  it('says that nobody knows the outcome where the thread ends, and has another for the next append', async () => {
    const threads = new CommitThread(directory);
    const round = { next: 0, lastHash: '', lastBookedAt: 0, frames: [{ position: 0, events: 1, text: 'x' }] };
    const other = openDatabase(join(directory, 'turn.db'));
    open('here');
    other.exec('BEGIN IMMEDIATE');
    const waiting = threads.commit(() => round);
    const refused = expect(waiting).rejects.toThrow('has ended by itself');
    await Promise.resolve(threads['worker']?.terminate());
    await refused;
    other.close();
    const { committed } = await threads.commit(() => round);
    expect(committed.lastHash).toHaveLength(43);
    await threads.close();
  });

  it('tells each of those that waited which of its streams are unknown', async () => {
    const store = open('in-thread');
    const other = openDatabase(join(directory, 'turn.db'));
    other.exec('BEGIN IMMEDIATE');
    const waiting = new Writer(store, 'account-p/a').write();
    const unknown = expect(waiting).rejects.toThrow(AppendOutcomeUnknown);
    await turn();
    const { commits } = store as unknown as { readonly commits: CommitThread };
    await commits['worker']?.terminate();
    await unknown;
    other.close();
    await new Writer(store, 'account-p/a').write();
  });

  it('names what the disk refuses as the store does', async () => {
    const store = open('in-thread');
    const writer = new Writer(store, 'account-p/a');
    await writer.write();
    const { commits } = store as unknown as { readonly commits: CommitThread };
    const order = commits['order'].bind(commits);
    Object.assign(commits, {
      order: async (sent: Parameters<typeof order>[0]) =>
        sent.kind === 'append' ? { kind: 'failed', message: 'full', code: 'SQLITE_FULL' } : order(sent),
    });
    await expect(writer.write()).rejects.toThrow(StoreUnavailable);
    Object.assign(commits, { order });
    await writer.write();
  });

  it('tells under its code what it found on the way', async () => {
    writeFileSync(join(directory, 'events.db'), 'none of ours'.repeat(1_000));
    const thread = new CommitThread(directory);
    const round = { next: 0, lastHash: '', lastBookedAt: 0, frames: [{ position: 0, events: 1, text: 'x' }] };
    await expect(thread.commit(() => round)).rejects.toMatchObject({ code: 'SQLITE_NOTADB' });
    await thread.close();
  });

  it('lets others write again where what it was kept out for cannot be prepared', async () => {
    const [store, other] = [open('here'), new CommitThread(directory)];
    const writer = new Writer(store, 'account-p/a');
    await writer.write();
    let asked = 0;
    const failing = other.commit(() => {
      asked += 1;
      if (asked === 2) throw new Error('cannot be prepared');
      // What it knows is older than what stands there.
      return { next: 0, lastHash: '', lastBookedAt: 0, frames: [{ position: 0, events: 1, text: 'x' }] };
    });
    await expect(failing).rejects.toThrow('cannot be prepared');
    await writer.write();
    await other.close();
  });
});
