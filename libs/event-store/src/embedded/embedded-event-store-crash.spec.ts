import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { Child } from '@meterbook/runtime/testing/child';
import { EmbeddedEventStore } from './embedded-event-store';
import type { StoredEvent } from '../event-store';

const script = join(__dirname, 'testing/store-child.ts');

describe('the embedded event store, when its writers are killed', () => {
  let directory: string;
  let store: EmbeddedEventStore;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'meterbook-store-'));
    store = new EmbeddedEventStore(directory, new SystemClock());
  });
  afterEach(async () => {
    await store.close();
    rmSync(directory, { recursive: true });
  });

  it('has every acknowledged event, and has shown each to a subscription once and in order', async () => {
    const seen: StoredEvent[] = [];
    const stop = new AbortController();
    const acknowledged: string[] = [];
    const subscribed = (async () => {
      for await (const batch of store.subscribe(['account-'], 'start', stop.signal)) seen.push(...batch.events);
    })();
    let conflicts = 0;
    for (const [round, lines] of [3, 60, 300].entries()) {
      const writers = (['here', 'in-thread'] as const).map(
        (committing, i) => new Child(script, directory, `${round}/${i}`, '3', committing),
      );
      await Promise.all(writers.map((writer) => writer.until((said) => said.length >= lines)));
      await Promise.all(writers.map((writer) => writer.kill()));
      for (const writer of writers)
        for (const line of writer.lines) {
          if (line.startsWith('appended ')) acknowledged.push(line.replace('appended ', ''));
          else conflicts += 1;
        }
    }
    const stored: StoredEvent[] = [];
    expect((await store.audit((event) => stored.push(event))).faults).toEqual([]);
    while (seen.length < stored.length) await new Promise((resolve) => setImmediate(resolve));
    stop.abort();
    await subscribed;
    expect(seen).toEqual(stored);
    const there = new Set(stored.map(({ revision, data }) => `${revision} ${data}`));
    expect(acknowledged.filter((event) => !there.has(event))).toEqual([]);
    expect(there.size).toBe(stored.length);
    expect(acknowledged.length).toBeGreaterThan(200);
    // Without any, the writers did not meet.
    expect(conflicts).toBeGreaterThan(0);
  });
});
