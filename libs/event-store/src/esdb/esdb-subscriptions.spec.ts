import { SystemClock } from '@meterbook/runtime/system-clock';
import { comparePositions, type EventStore, type StoredEvent, type SubscriptionBatch } from '../event-store';
import { chained } from '../event-store-contract';
import { chainStart } from '../hash-chain';
import { StoreUnavailable } from '../store-failure';
import { toProposal } from './recorded-event';
import { begin, goOn, notesOf, StoreBench } from './testing/store-bench';
import type { SubscriptionFault } from './testing/wire-faults';
import { WireServer } from './testing/wire-server';

const stream = 'account-p/a';
/** Long enough for anything below, short enough that a hang is a failure of its own test. */
const deadlineMs = 10_000;

let bench: StoreBench;

beforeEach(async () => {
  bench = new StoreBench();
  await bench.start();
});
afterEach(() => bench.stop());

interface Followed {
  readonly batches: SubscriptionBatch[];
  readonly events: StoredEvent[];
}

/** Follows until the condition holds, with a look at it after each batch. */
async function follow(
  store: EventStore,
  until: (so: Followed) => boolean,
  after = 'start',
  onBatch: (so: Followed) => Promise<void> = async () => undefined,
): Promise<Followed> {
  const so: Followed = { batches: [], events: [] };
  const abort = AbortSignal.timeout(deadlineMs);
  for await (const batch of store.subscribe(['account-'], after, abort)) {
    so.batches.push(batch);
    so.events.push(...batch.events);
    await onBatch(so);
    if (until(so)) return so;
  }
  throw new Error(`not within ${deadlineMs} ms: ${JSON.stringify(so.batches.at(-1))}`);
}

const caughtUp = ({ batches }: Followed): boolean => batches.at(-1)?.caughtUp === true;
/** The retention check opens the first subscription of a store. */
const spoilAfterReady = async (store: { ready(): Promise<void> }, ...faults: SubscriptionFault[]): Promise<void> => {
  await store.ready();
  bench.server.faults.subscriptions.push(...faults);
};

describe('a subscription', () => {
  it.each<SubscriptionFault['kind']>(['drop', 'end', 'silence', 'early-checkpoint', 'duplicates', 'mute-marks'])(
    'brings every event once and in order over a server that does this: %s',
    async (kind) => {
      const store = bench.open();
      await begin(store, stream, '1', '2', '3', '4');
      await begin(store, 'tier-p/a', 'not asked for');
      await spoilAfterReady(store, { kind, afterEvents: 2 }, { kind, afterEvents: 0 });
      let written = false;
      const { events, batches } = await follow(
        store,
        (so) => so.events.length >= 6 && caughtUp(so),
        'start',
        async (so) => {
          if (written || !caughtUp(so)) return;
          written = true;
          await goOn(store, stream, '5', '6');
        },
      );
      expect(notesOf(events)).toEqual(['1', '2', '3', '4', '5', '6']);
      for (const [i, { position }] of batches.slice(1).entries())
        expect(comparePositions(batches[i]?.position ?? 'start', position)).toBeLessThanOrEqual(0);
    },
  );

  it.each<SubscriptionFault['kind']>(['drop', 'silence', 'early-checkpoint'])(
    'never names a position that lies after an event not yet brought, over a server that does this: %s',
    async (kind) => {
      const store = bench.open();
      await begin(store, stream, '1', '2', '3', '4');
      await spoilAfterReady(store, { kind, afterEvents: 2 });
      const { batches } = await follow(store, caughtUp);
      let seen = 0;
      for (const { events, position } of batches) {
        seen += events.length;
        const next = bench.server.log.stream(stream)[seen];
        if (next) expect(BigInt(position.slice(0, 20))).toBeLessThan(next.position);
      }
      expect(seen).toBe(4);
    },
  );

  it('goes on after a stop of the server, on the same port', async () => {
    const store = bench.open({ attempts: 50 });
    await begin(store, stream, '1');
    const { port, log } = bench.server;
    let second: WireServer | undefined;
    const { events } = await follow(
      store,
      (so) => so.events.length === 2,
      'start',
      async (so) => {
        if (second || !caughtUp(so)) return;
        bench.server.stop();
        await new SystemClock().sleep(200);
        second = new WireServer(log);
        await second.start(port);
        await goOn(store, stream, '2');
      },
    );
    expect(notesOf(events)).toEqual(['1', '2']);
    await store.close();
    second?.stop();
  });

  it('says that the store is away once a few attempts in a row have failed', async () => {
    const store = bench.open({ attempts: 3 });
    await begin(store, stream, '1');
    const following = follow(
      store,
      () => false,
      'start',
      async (so) => {
        if (caughtUp(so)) bench.server.stop();
      },
    );
    await expect(following).rejects.toThrow(/UNAVAILABLE|cannot be reached/);
  });

  it('moves its position over events that it does not bring', async () => {
    const store = bench.open();
    await begin(store, stream, '1');
    await begin(store, 'other-1', 'not asked for');
    const { batches, events } = await follow(store, caughtUp);
    const last = bench.server.log.records.at(-1);
    expect(batches.at(-1)?.position).toContain(String(last?.position));
    const again = await follow(store, caughtUp, batches.at(-1)?.position);
    expect(again.events).toEqual([]);
    expect(comparePositions(events[0]?.position ?? 'start', batches.at(-1)?.position ?? 'start')).toBeLessThan(0);
  });

  it('has caught up with an empty store, at a position before every event', async () => {
    const store = bench.open();
    const { batches } = await follow(store, caughtUp);
    const at = batches.at(-1)?.position ?? '';
    await begin(store, stream, '1');
    const { events } = await follow(store, (so) => so.events.length === 1, at);
    expect(comparePositions(at, events[0]?.position ?? 'start')).toBeLessThan(0);
  });

  it('goes on bringing events over one call while the leader answers no questions', async () => {
    const store = bench.open({ callDeadlineMs: 100, silenceMs: 60_000 });
    await store.ready();
    bench.server.faults.reads.push(...Array.from({ length: 100 }, () => ({ kind: 'silent' }) as const));
    const writer = bench.server.log;
    const following = follow(store, (so) => so.events.length === 2);
    await new SystemClock().sleep(300);
    for (const [i, event] of chained(stream, 0, chainStart, '1', '2').entries()) {
      const { id, request } = toProposal(event);
      const message = request.getProposedMessage();
      const [data, metadata] = [
        message?.getData_asU8() ?? Buffer.of(),
        message?.getCustomMetadata_asU8() ?? Buffer.of(),
      ];
      writer.append(stream, i - 1, [{ id, type: event.type, contentType: 'application/json', data, metadata }]);
      await new SystemClock().sleep(100);
    }
    expect(notesOf((await following).events)).toEqual(['1', '2']);
    expect(bench.server.subscriptionsOpened).toBe(2);
    bench.server.faults.reads.splice(0);
  });

  it('does not say that it has caught up while an event is still to come', async () => {
    const store = bench.open({ silenceMs: 60_000 });
    await begin(store, stream, '1', '2');
    await spoilAfterReady(store, { kind: 'silence', afterEvents: 1 });
    const abort = AbortSignal.timeout(300);
    const batches: SubscriptionBatch[] = [];
    for await (const batch of store.subscribe(['account-'], 'start', abort)) batches.push(batch);
    expect(batches.map(({ events, caughtUp: mark }) => [events.length, mark])).toEqual([[1, false]]);
  });

  it('says so again and again while nothing happens, each time a little later', async () => {
    const store = bench.open();
    const { batches } = await follow(store, (so) => so.batches.length === 4);
    const times = batches.map(({ observedAt }) => observedAt);
    expect(new Set(times).size).toBe(4);
    expect([...times].sort((a, b) => a - b)).toEqual(times);
  });

  it('leaves no call open, whether it is left, aborted or failed', async () => {
    const store = bench.open();
    await begin(store, stream, '1');
    await follow(store, (so) => so.events.length === 1);
    const abort = new AbortController();
    for await (const batch of store.subscribe(['account-'], 'start', abort.signal)) if (batch.caughtUp) abort.abort();
    const failing = follow(store, () => {
      throw new Error('the reader failed');
    });
    await expect(failing).rejects.toThrow('the reader failed');
    // The one over the metadata of streams stays.
    await comesTrue(() => bench.server.openSubscriptions === 1);
    expect(bench.server.subscriptionsOpened).toBe(4);
  });

  it('ends when the store is closed', async () => {
    const store = bench.open();
    let batches = 0;
    for await (const batch of store.subscribe(['account-'], 'start', AbortSignal.timeout(deadlineMs))) {
      batches += 1;
      if (batch.caughtUp) void store.close();
    }
    expect(batches).toBe(1);
    await expect(store.head(stream)).rejects.toThrow('closed');
  });

  it('ends even when the store is closed in the middle of a question', async () => {
    const store = bench.open();
    await begin(store, stream, '1');
    await begin(store, 'other-1', 'not asked for');
    await spoilAfterReady(store, { kind: 'mute-marks', afterEvents: 0 });
    let batches = 0;
    for await (const batch of store.subscribe(['account-'], 'start', AbortSignal.timeout(deadlineMs))) {
      batches += batch.events.length;
      bench.server.faults.reads.push({ kind: 'late', ms: 100 });
      setTimeout(() => void store.close(), 70);
    }
    expect(batches).toBe(1);
  });

  it('fails at once where trying again does not help', async () => {
    const store = bench.open();
    const following = follow(store, caughtUp, 'not a position');
    await expect(following).rejects.toThrow('is not a position of this event store');
  });
});

describe('booked at', () => {
  it('never falls along the store, not even where the clock of the server does', async () => {
    const store = bench.open();
    bench.server.log.clockAheadMs = 60_000;
    await begin(store, stream, '1', '2');
    bench.server.log.clockAheadMs = 0;
    await goOn(store, stream, '3');
    const { events } = await follow(store, (so) => so.events.length === 3);
    expect(events[2]?.bookedAt).toBe(events[1]?.bookedAt);
    const resumed = await follow(store, (so) => so.events.length === 1, events[1]?.position);
    expect(resumed.events).toEqual([events[2]]);
  });

  it('is the same for every reader of every event, wherever and whenever it began, over a clock that jumps', async () => {
    const store = bench.open();
    const jumps = [0, 40, -7, 3_600_000, 3_599_000, -60_000, 5, 0, 0, 90_000, 0, 0];
    await begin(store, stream, 'first');
    await begin(store, 'tier-p/a', 'first');
    for (const [i, ahead] of jumps.entries()) {
      bench.server.log.clockAheadMs = ahead;
      // The time of what somebody else writes counts for nothing, that of our streams which are not asked for does.
      bench.server.log.clockAheadMs += 10_000_000;
      bench.server.log.writeForeign('account-123');
      bench.server.log.clockAheadMs = ahead;
      await goOn(store, i % 3 === 0 ? 'tier-p/a' : stream, String(i));
    }
    const whole = await follow(bench.open(), caughtUp);
    const positions = [...whole.events, ...whole.batches].map(({ position }) => position);
    const differing: unknown[] = [];
    for (const after of positions) {
      const part = await follow(bench.open(), caughtUp, after);
      const expected = whole.events.filter((event) => comparePositions(event.position, after) > 0);
      if (JSON.stringify(part.events) !== JSON.stringify(expected)) differing.push([after, part.events, expected]);
    }
    expect(differing).toEqual([]);
    const times = whole.events.map(({ bookedAt }) => bookedAt);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  it('is not raised by marks, and says how far it stands ahead of the clock after a jump', async () => {
    const store = bench.open();
    let marked = false;
    const { events } = await follow(
      store,
      (so) => so.events.length === 1,
      'start',
      async (so) => {
        if (!caughtUp(so) || marked) return;
        marked = true;
        bench.server.log.clockAheadMs = -60_000;
        await begin(store, stream, '1');
      },
    );
    expect(events[0]?.bookedAt).toBe(Number((bench.server.log.records[0]?.created ?? 0n) / 10_000n));
    expect(store.condition().aheadMs).toBe(0);
    bench.server.log.clockAheadMs = 3_600_000;
    await goOn(store, stream, '2');
    await follow(store, (so) => so.events.length === 2);
    expect(store.condition().aheadMs).toBeGreaterThan(3_500_000);
  });

  it('is the time of the server in whole milliseconds', async () => {
    const store = bench.open();
    const before = Date.now();
    await begin(store, stream, '1');
    const { events } = await follow(store, (so) => so.events.length === 1);
    const created = Number((bench.server.log.records[0]?.created ?? 0n) / 10_000n);
    expect(created).toBeGreaterThanOrEqual(before);
    expect(events[0]?.bookedAt).toBe(created);
  });
});

async function comesTrue(condition: () => boolean): Promise<void> {
  const clock = new SystemClock();
  for (let waited = 0; !condition(); waited += 5) {
    if (waited > deadlineMs) throw new StoreUnavailable('the condition');
    await clock.sleep(5);
  }
}
