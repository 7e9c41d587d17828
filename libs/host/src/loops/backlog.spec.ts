import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedEventStore } from '@meterbook/event-store/embedded/embedded-event-store';
import type { EventStore, Position } from '@meterbook/event-store/event-store';
import { chained } from '@meterbook/event-store/event-store-contract';
import { chainStart } from '@meterbook/event-store/hash-chain';
import { storeBacklog } from './backlog';
import { ManualClock } from '@meterbook/runtime/testing/manual-clock';

describe('how far a reader is behind the store', () => {
  const clock = new ManualClock();
  let directory: string;
  let store: EventStore;
  let streams = 0;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'meterbook-backlog-'));
    store = new EmbeddedEventStore(directory, clock);
  });
  afterEach(async () => {
    await store.close();
    rmSync(directory, { recursive: true });
  });

  const append = async (): Promise<Position> => {
    const stream = `account-p/a${(streams += 1)}`;
    await store.append([{ stream, expectedRevision: 'no-stream', events: chained(stream, 0, chainStart, 'x') }]);
    return store.end();
  };

  it('is the number of events where positions count them', async () => {
    let reached: Position | 'start' | null = 'start';
    const backlog = storeBacklog({ store, folder: directory }, clock, () => reached);
    expect([backlog.unit, await backlog.read()]).toEqual(['records', 0]);
    const first = await append();
    await append();
    expect(await backlog.read()).toBe(2);
    reached = first;
    expect(await backlog.read()).toBe(1);
    reached = null;
    expect(await backlog.read()).toBeNull();
  });

  it('is the age of the newest end that it has reached where they do not', async () => {
    let reached: Position | 'start' | null = 'start';
    const backlog = storeBacklog({ store, folder: null }, clock, () => reached);
    expect([backlog.unit, await backlog.read()]).toEqual(['milliseconds', 0]);
    await clock.advance(1_000);
    const first = await append();
    expect(await backlog.read()).toBe(1_000);
    await clock.advance(1_000);
    const second = await append();
    expect(await backlog.read()).toBe(2_000);
    reached = first;
    // The first was seen as the end a second ago.
    expect(await backlog.read()).toBe(1_000);
    reached = second;
    expect(await backlog.read()).toBe(0);
    await clock.advance(5_000);
    expect(await backlog.read()).toBe(0);
  });

  it('is not known before the reader has reached any end that was seen, nor while the work is another process’s', async () => {
    await append();
    let reached: Position | 'start' | null = 'start';
    const backlog = storeBacklog({ store, folder: null }, clock, () => reached);
    expect(await backlog.read()).toBeNull();
    reached = await store.end();
    expect(await backlog.read()).toBe(0);
    reached = null;
    expect(await backlog.read()).toBeNull();
  });
});
