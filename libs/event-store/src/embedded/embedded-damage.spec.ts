import { mkdtempSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '@meterbook/runtime/sqlite';
import { SystemClock } from '@meterbook/runtime/system-clock';
import type { EventStore, NewEvent, StoredEvent, StreamDamage } from '../event-store';
import { chained } from '../event-store-contract';
import { chainStart } from '../hash-chain';
import { StoreUnavailable, StoreUnfit, StreamDamaged } from '../store-failure';
import { EmbeddedEventStore } from './embedded-event-store';

const healthy = 'account-p/healthy';
const bad = 'account-p/bad';
const deadlineMs = 10_000;

let directory: string;
let store: EmbeddedEventStore;
/** The chain of each stream so far. */
let chains: Map<string, NewEvent[]>;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'meterbook-damage-'));
  store = new EmbeddedEventStore(directory, new SystemClock());
  chains = new Map();
  // The two share frames: what takes out one must not take out the other.
  for (let round = 0; round < 3; round++) await put([healthy, `h${round}`], [bad, `b${round}`]);
});
afterEach(async () => {
  await store.close();
  rmSync(directory, { recursive: true });
});

async function put(...notes: readonly (readonly [string, string])[]): Promise<void> {
  const outcomes = await store.append(
    notes.map(([stream, note]) => {
      const chain = chains.get(stream) ?? [];
      const [event] = chained(stream, chain.length, chain.at(-1)?.hash ?? chainStart, note);
      if (!event) throw new Error('no event');
      chains.set(stream, [...chain, event]);
      return {
        stream,
        expectedRevision: chain.length === 0 ? ('no-stream' as const) : chain.length - 1,
        events: [event],
      };
    }),
  );
  expect(outcomes.map(({ kind }) => kind)).toEqual(notes.map(() => 'appended'));
}

/** Changes the body of the frame at a position, as a failing disk would, and opens the store anew, with its index or without. */
async function spoil(position: number, change: (body: Buffer) => Buffer, index: 'kept' | 'lost'): Promise<void> {
  await store.close();
  const database = openDatabase(join(directory, 'events.db'));
  const read = database.prepare<[number], { body: Buffer }>('SELECT body FROM frames WHERE position = ?');
  const body = read.get(position)?.body ?? Buffer.of();
  database.prepare('UPDATE frames SET body = ? WHERE position = ?').run(change(Buffer.from(body)), position);
  database.close();
  if (index === 'lost') rmSync(join(directory, 'events.index'));
  store = new EmbeddedEventStore(directory, new SystemClock());
}

async function subscribed(reader: EventStore = store) {
  const [events, damaged]: [StoredEvent[], StreamDamage[]] = [[], []];
  for await (const batch of reader.subscribe(['account-'], 'start', AbortSignal.timeout(deadlineMs))) {
    events.push(...batch.events);
    damaged.push(...batch.damaged);
    if (batch.caughtUp) return { notes: notesOf(events), damaged };
  }
  throw new Error(`not caught up within ${deadlineMs} ms`);
}

const notesOf = (events: readonly StoredEvent[]): string[] =>
  events.map(({ data }) => (JSON.parse(data) as { note: string }).note);

async function all(stream: string, direction: 'forward' | 'backward' = 'forward'): Promise<string[]> {
  const events: StoredEvent[] = [];
  for await (const event of store.read(stream, direction === 'forward' ? 'start' : 'end', direction))
    events.push(event);
  return notesOf(events);
}

const replace = (from: string, to: string) => (body: Buffer) =>
  Buffer.from(body.toString('latin1').replace(from, to), 'latin1');

describe.each(['kept', 'lost'] as const)('with its stream index %s, the embedded store', (index) => {
  it.each([
    ['a changed text', replace('"b1"', '"B1"')],
    ['bytes that are no text', replace('"b1"', '"\xff1"')],
    ['a changed hash', (body: Buffer) => replace(chains.get(bad)?.[1]?.hash ?? '', 'A'.repeat(43))(body)],
    ['a revision that is missing', replace(`${bad} 1 `, `${bad} `)],
    ['another revision', replace(`${bad} 1 `, `${bad} 7 `)],
    ['a name that cannot be read', replace(`${bad} 1 `, 'account-p/\x00ad 1 ')],
  ])('takes out the stream with %s, and nothing that shares its frame', async (_what, change) => {
    await spoil(2, change, index);
    const { notes, damaged } = await subscribed();
    expect(notes).toEqual(['h0', 'b0', 'h1', 'h2']);
    expect(damaged.map(({ stream }) => stream)).toEqual([bad]);
    const readings = [store.head(bad), all(bad), all(bad, 'backward')];
    await Promise.all(readings.map((reading) => expect(reading).rejects.toBeInstanceOf(StreamDamaged)));
    expect(await all(healthy)).toEqual(['h0', 'h1', 'h2']);
    await put([healthy, 'h3'], ['account-p/new', 'n0']);
    const append = { stream: bad, expectedRevision: 2, events: chained(bad, 3, chainStart, 'b3') };
    await expect(store.append([append])).rejects.toBeInstanceOf(StreamDamaged);
    expect(await all(healthy)).toEqual(['h0', 'h1', 'h2', 'h3']);
    expect(notesOf(await audited())).toContain('n0');
  });

  it('goes on over a frame of garbage, and says that nobody can tell whose it was', async () => {
    await spoil(2, (body) => Buffer.alloc(body.length, 0xff), index);
    const { notes, damaged } = await subscribed();
    expect(notes).toEqual(['h0', 'b0']);
    expect(new Set(damaged.map(({ stream }) => stream))).toEqual(new Set([healthy, bad]));
    expect(store.condition().alarms[0]).toContain('positions 2 to 3');
    await put(['account-p/new', 'n0']);
    expect(await all('account-p/new')).toEqual(['n0']);
  });

  it('goes on over a frame that is gone', async () => {
    await store.close();
    const database = openDatabase(join(directory, 'events.db'));
    database.prepare('DELETE FROM frames WHERE position = 2').run();
    database.close();
    if (index === 'lost') rmSync(join(directory, 'events.index'));
    store = new EmbeddedEventStore(directory, new SystemClock());
    const { notes, damaged } = await subscribed();
    expect(notes).toEqual(['h0', 'b0']);
    expect(damaged.map(({ stream, damage }) => [stream, damage])).toEqual([
      [healthy, 'what stood before revision 2 of it is lost'],
      [bad, 'what stood before revision 2 of it is lost'],
    ]);
  });
});

it('does not go on with a stream whose newest event may be in a frame that nobody can read', async () => {
  await spoil(4, (body) => Buffer.alloc(body.length, 0xff), 'lost');
  const append = { stream: bad, expectedRevision: 1, events: chained(bad, 2, chainStart, 'again') };
  await expect(store.append([append])).rejects.toThrow('its newest event may be among those that are lost');
});

it('refuses one call of several that wait for a commit, and writes the others', async () => {
  await spoil(2, replace('"b1"', '"B1"'), 'lost');
  const [refused, taken] = [bad, 'account-p/new'].map((stream) =>
    store.append([
      { stream, expectedRevision: stream === bad ? 2 : 'no-stream', events: chained(stream, 0, chainStart, 'x') },
    ]),
  );
  await expect(refused).rejects.toBeInstanceOf(StreamDamaged);
  expect(await taken).toMatchObject([{ kind: 'appended' }]);
});

it('says in a sentence that its file is cut off, with its name and what to do', async () => {
  await store.close();
  const file = join(directory, 'events.db');
  truncateSync(file, statSync(file).size - 16 * 1024);
  const opening = (): EmbeddedEventStore => new EmbeddedEventStore(directory, new SystemClock());
  expect(opening).toThrow(StoreUnfit);
  expect(opening).toThrow(`${file} is cut off or damaged (SQLITE_CORRUPT): stop the service and put back`);
  truncateSync(file, 0);
  store = opening();
});

it('writes nothing of an append for which the disk has no room, and goes on when there is room again', async () => {
  const { database } = store['table'];
  const pages = Number(database.pragma('page_count', { simple: true }));
  database.pragma(`max_page_count = ${pages}`);
  const large = Array.from({ length: 40 }, (_, i) => `${i}${'x'.repeat(4000)}`);
  const append = [
    {
      stream: 'account-p/large',
      expectedRevision: 'no-stream' as const,
      events: chained('account-p/large', 0, chainStart, ...large),
    },
  ];
  await expect(store.append(append)).rejects.toBeInstanceOf(StoreUnavailable);
  expect(await store.head('account-p/large')).toBe('no-stream');
  expect(await all(healthy)).toEqual(['h0', 'h1', 'h2']);
  database.pragma('max_page_count = 1000000');
  expect(await store.append(append)).toMatchObject([{ kind: 'appended', revision: 39 }]);
  expect(await all('account-p/large')).toEqual(large);
  expect((await store.audit(() => undefined)).faults).toEqual([]);
});

async function audited(): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  await store.audit((event) => events.push(event));
  return events;
}
