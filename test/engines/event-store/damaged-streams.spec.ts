import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EsdbEventStore } from '@meterbook/event-store/esdb/esdb-event-store';
import { esdbLimits } from '@meterbook/event-store/esdb/esdb-limits';
import { WireServer } from '@meterbook/event-store/esdb/testing/wire-server';
import { comparePositions, type Position, type StoredEvent } from '@meterbook/event-store/event-store';
import { chained } from '@meterbook/event-store/event-store-contract';
import { chainStart } from '@meterbook/event-store/hash-chain';
import { ProjectionControl } from '@meterbook/finance/projections/projection-control';
import { ProjectionLoop } from '@meterbook/finance/projections/projection-loop';
import { trialBalance } from '@meterbook/finance/projections/trial-balance/trial-balance';
import { Books } from '@meterbook/finance/testing/books';
import { streamKinds } from '@meterbook/books/stream-kinds';
import { RelayEntries } from '@meterbook/ledger/relay/relay-entries';
import { createLog } from '@meterbook/runtime/log';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { EmbeddedTopics } from '@meterbook/topics/embedded/embedded-topics';

const deadlineMs = 60_000;
/** Events of other applications between ours. */
const foreignEvents = 300_000;
const clock = new SystemClock();

/** The relay and a projection over EventStoreDB's protocol, while streams of one platform are spoilt in every way and another platform works. */
describe('a server with damaged and foreign streams', () => {
  const directory = mkdtempSync(join(tmpdir(), 'meterbook-damaged-'));
  const server = new WireServer();
  const topics = new EmbeddedTopics(join(directory, 'topics'), clock, { prefix: '', partitions: 1 });
  const stop = new AbortController();
  const running: Promise<void>[] = [];
  const books = new Books('2026-11-20T10:00:00.000Z');
  let store: EsdbEventStore;
  let copied: Position = 'start';

  beforeAll(async () => {
    await server.start();
    store = new EsdbEventStore(server.connectionString, clock, { kinds: streamKinds, prefix: '' }, esdbLimits);
  });
  afterAll(async () => {
    stop.abort();
    await Promise.allSettled(running);
    await store.close();
    server.stop();
    await topics.close();
    await books.destroy();
    rmSync(directory, { recursive: true });
  });

  /** Puts what the books have got since the last time onto the server, event by event. */
  async function copy(): Promise<StoredEvent[]> {
    const events: StoredEvent[] = [];
    for await (const batch of books.store.subscribe([''], copied, AbortSignal.timeout(deadlineMs))) {
      events.push(...batch.events);
      copied = batch.position;
      if (comparePositions(copied, await books.store.end()) >= 0) break;
    }
    for (const { stream, revision, type, data, metadata, hash } of events) {
      const expectedRevision = revision === 0 ? ('no-stream' as const) : revision - 1;
      const append = { stream, expectedRevision, events: [{ type, data, metadata, hash }] };
      expect(await store.append([append])).toMatchObject([{ kind: 'appended' }]);
    }
    return events;
  }
  async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
    const end = clock.now() + deadlineMs;
    while (!(await holds())) {
      if (clock.now() > end) throw new Error(`not within ${deadlineMs} ms: ${what}`);
      await clock.sleep(10);
    }
  }

  it('stops neither the relay nor a projection of anybody else, and a new start does not either', async () => {
    for (const name of ['shop/tombstone', 'shop/overwritten', 'shop/gone', 'other/a']) {
      await books.open(name);
      await books.recharge(name, 'r1', '100');
    }
    await copy();
    const control = ProjectionControl.shared(join(directory, 'finance'));
    const begin = (): { relay: RelayEntries; loop: ProjectionLoop; end: () => Promise<void> } => {
      const once = new AbortController();
      const signal = AbortSignal.any([once.signal, stop.signal]);
      const relay = new RelayEntries(store, topics, clock);
      const loop = new ProjectionLoop(store, clock, join(directory, 'finance'), [trialBalance], createLog('fatal'));
      const work = [relay.run(signal), loop.run(signal)];
      running.push(...work.map((one) => one.catch(() => undefined)));
      const end = async (): Promise<void> => {
        once.abort();
        await Promise.all(work);
      };
      return { relay, loop, end };
    };
    let { relay, loop, end } = begin();
    const reached = (position: Position): boolean =>
      comparePositions(loop.progress()?.position ?? 'start', position) >= 0 &&
      comparePositions(relay.progress().position, position) >= 0;
    const all = async (): Promise<void> => {
      const last = await store.end();
      await until('everything is folded and relayed', () => reached(last));
    };
    await all();
    server.log.tombstone('account-shop/tombstone');
    server.log.writeForeign('account-shop/overwritten');
    server.log.setMetadata('account-shop/gone', { $tb: 2 ** 62 });
    server.log.writeForeign('account-123', 100);
    server.log.writeForeign('other-application', foreignEvents);
    const future = chained('account-shop/future', 0, chainStart, 'of a type that this version does not know');
    await store.append([{ stream: 'account-shop/future', expectedRevision: 'no-stream', events: future }]);
    await books.recharge('other/a', 'r2', '50');
    await copy();
    await all();
    expect(relay.damaged.count).toBe(3);
    expect(store.condition()).toMatchObject({ foreignStreams: 1 });
    await end();
    ({ relay, loop, end } = begin());
    await books.recharge('other/a', 'r3', '25');
    await copy();
    await all();
    const heard = await topics.lag('spec', ['ledger.entries']);
    expect(heard.reduce((sum, { lag }) => sum + lag, 0)).toBeGreaterThanOrEqual(10);
    control.close();
    await end();
  }, 300_000);
});
