import { SystemClock } from '@meterbook/runtime/system-clock';
import type { EventStore, StreamDamage, SubscriptionBatch } from '../event-store';
import { StreamDamaged } from '../store-failure';
import { all, begin, goOn, notesOf, StoreBench } from './testing/store-bench';

const deadlineMs = 10_000;
const healthy = 'account-p/healthy';
const bad = 'account-p/bad';

let bench: StoreBench;

beforeEach(async () => {
  bench = new StoreBench();
  await bench.start();
});
afterEach(() => bench.stop());

interface Read {
  readonly notes: readonly string[];
  readonly damaged: readonly StreamDamage[];
}

/** What a subscription to the accounts brings until it has caught up; `meanwhile` is done at its first mark. */
async function subscribed(store: EventStore, meanwhile?: () => Promise<unknown>, after = 'start'): Promise<Read> {
  const batches: SubscriptionBatch[] = [];
  let done = meanwhile === undefined;
  for await (const batch of store.subscribe(['account-'], after, AbortSignal.timeout(deadlineMs))) {
    batches.push(batch);
    if (batch.caughtUp && done) {
      const notes = notesOf(batches.flatMap(({ events }) => events));
      return { notes, damaged: batches.flatMap(({ damaged }) => damaged) };
    }
    if (batch.caughtUp) {
      await meanwhile?.();
      done = true;
    }
  }
  throw new Error(`not caught up within ${deadlineMs} ms`);
}

async function isDamaged(store: EventStore, stream: string, damage: string): Promise<void> {
  const failures = [
    store.head(stream),
    all(store.read(stream, 'start', 'forward')),
    all(store.read(stream, 'end', 'backward')),
  ].map((work) =>
    work.then(
      () => 'no failure',
      (error: unknown) => error,
    ),
  );
  for (const failure of await Promise.all(failures)) {
    expect(failure).toBeInstanceOf(StreamDamaged);
    expect(failure).toMatchObject({ stream });
    expect(String(failure)).toContain(damage);
  }
}

/** Each way in which a stream of ours can be spoilt on the server, and what is said of it. */
const spoilt: readonly (readonly [string, () => void, string])[] = [
  ['a tombstone', () => bench.server.log.tombstone(bad), 'deleted for good'],
  ['an event of another application', () => bench.server.log.writeForeign(bad), 'event 2 of it was not written by'],
  ['a soft deletion', () => bench.server.log.setMetadata(bad, { $tb: 2 ** 62 }), 'dropped by $tb'],
  ['$maxAge that has dropped all of it', () => bench.server.log.setMetadata(bad, { $maxAge: 0 }), 'dropped by $maxAge'],
];

describe('a stream that is spoilt while the store is in use', () => {
  it.each(spoilt)('by %s is named, and everything else goes on', async (_what, spoil, damage) => {
    const store = bench.open();
    await begin(store, healthy, '1');
    await begin(store, bad, 'a', 'b');
    const { notes, damaged } = await subscribed(store, async () => {
      spoil();
      await goOn(store, healthy, '2', '3');
    });
    expect(notes).toEqual(['1', 'a', 'b', '2', '3']);
    expect(damaged).toMatchObject([{ stream: bad }]);
    expect(damaged[0]?.damage).toContain(damage);
    await isDamaged(store, bad, damage);
    expect(notesOf(await all(store.read(healthy, 'start', 'forward')))).toEqual(['1', '2', '3']);
    await goOn(store, healthy, '4');
  });

  it.each(spoilt.slice(0, 2))('by %s takes no append', async (_what, spoil) => {
    const store = bench.open();
    await begin(store, bad, 'a', 'b');
    spoil();
    const append = {
      stream: bad,
      expectedRevision: 1,
      events: [{ type: 'T', data: '{}', metadata: '{}', hash: 'A'.repeat(43) }],
    };
    const outcome = await store.append([append]).catch((error: unknown) => error);
    if (outcome instanceof Error) expect(outcome).toBeInstanceOf(StreamDamaged);
    else expect(outcome).toMatchObject([{ kind: 'conflict' }]);
  });

  it('in part has lost its first events, and says which', async () => {
    const store = bench.open();
    await begin(store, bad, 'a', 'b', 'c');
    const { damaged } = await subscribed(store, async () => {
      bench.server.log.setMetadata(bad, { $maxCount: 1 });
    });
    expect(damaged).toMatchObject([{ stream: bad, damage: 'its events were dropped by $maxCount in its metadata' }]);
    const reading = all(store.read(bad, 'start', 'forward'));
    await expect(reading).rejects.toThrow('lost its events from revision 0 to 1');
  });

  it('is told of at once to a subscription that begins behind the damage, as soon as there is more of it', async () => {
    const store = bench.open();
    await begin(store, bad, 'a', 'b');
    bench.server.log.writeForeign(bad);
    await begin(store, healthy, '1');
    const last = await store.end();
    const { damaged } = await subscribed(
      store,
      async () => {
        bench.server.log.writeForeign(bad);
      },
      last,
    );
    expect(damaged).toMatchObject([{ stream: bad, damage: 'event 3 of it was not written by the ledger' }]);
  });
});

describe('a stream of another application whose name begins like ours', () => {
  it('is counted and passed over, whatever becomes of it', async () => {
    const store = bench.open();
    const { log } = bench.server;
    log.writeForeign('account-123', 3);
    log.setMetadata('account-123', { $maxCount: 1 });
    await begin(store, healthy, '1');
    const read = await subscribed(store, async () => {
      log.writeForeign('account-123', 2);
      log.writeForeign('account-456');
      log.tombstone('account-123');
      await goOn(store, healthy, '2');
    });
    expect(read).toEqual({ notes: ['1', '2'], damaged: [] });
    expect(store.condition()).toMatchObject({ foreignStreams: 2, alarms: [] });
    await isDamaged(store, 'account-456', 'foreign');
    expect((await store.audit(() => undefined)).faults).toMatchObject([]);
  });

  it('is known as such to a subscription that begins in its middle', async () => {
    bench.server.log.writeForeign('account-123', 3);
    const store = bench.open();
    await begin(store, healthy, '1');
    const last = await store.end();
    const read = await subscribed(
      store,
      async () => {
        bench.server.log.writeForeign('account-123');
      },
      last,
    );
    expect(read).toEqual({ notes: [], damaged: [] });
  });
});

describe('a setting that lets the server drop events, made while the store is in use', () => {
  it('raises an alarm within moments, is named by the audit, and is quiet again once it is taken off', async () => {
    const store = bench.open();
    await begin(store, bad, 'a', 'b');
    bench.server.log.setMetadata(bad, { $maxCount: 1000 });
    const until = async (holds: () => boolean): Promise<void> => {
      const clock = new SystemClock();
      const end = clock.now() + deadlineMs;
      while (!holds()) {
        if (clock.now() > end) throw new Error(JSON.stringify(store.condition()));
        await clock.sleep(5);
      }
    };
    await until(() => store.condition().alarms.length === 1);
    expect(store.condition().alarms[0]).toContain('account-p/bad ($maxCount)');
    expect((await store.audit(() => undefined)).faults).toMatchObject([
      { stream: bad, revision: null, detail: 'its metadata sets $maxCount, by which the server drops events' },
    ]);
    expect((await subscribed(store)).damaged).toEqual([]);
    bench.server.log.setMetadata(bad, {});
    await until(() => store.condition().alarms.length === 0);
    expect((await store.audit(() => undefined)).faults).toEqual([]);
  });
});
