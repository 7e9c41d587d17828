import { chained } from '../event-store-contract';
import { chainStart } from '../hash-chain';
import { MAX_APPEND_BYTES } from './append-batches';
import { AppendOutcomeUnknown } from '../store-failure';
import { all, begin, notesOf, StoreBench } from './testing/store-bench';
import type { AppendFault } from './testing/wire-faults';
import { WireServer } from './testing/wire-server';

const stream = 'account-p/a';
const notes = ['one', 'two', 'three'];

let bench: StoreBench;

beforeEach(async () => {
  bench = new StoreBench();
  await bench.start();
});
afterEach(() => bench.stop());

const stored = (): string[] =>
  bench.server.log
    .stream(stream)
    .map(({ data }) => (JSON.parse(Buffer.from(data).toString()) as { note: string }).note);

describe('an append whose outcome is unknown', () => {
  it.each<AppendFault>([
    { kind: 'failed', error: 'timeout' },
    { kind: 'failed-written', error: 'timeout' },
    { kind: 'failed', error: 'unavailable' },
    { kind: 'failed-written', error: 'unavailable' },
    { kind: 'failed-written', error: 'cancelled' },
    { kind: 'silent' },
    { kind: 'silent-written' },
    { kind: 'failed', error: 'no-leader' },
    { kind: 'failed', error: 'election' },
    { kind: 'late', ms: 450 },
  ])('is sent again as it was, and written once: %j', async (fault) => {
    bench.server.faults.appends.push(fault, fault);
    const outcomes = await begin(bench.open({ callDeadlineMs: 300 }), stream, ...notes);
    expect(outcomes).toMatchObject([{ kind: 'appended', revision: 2 }]);
    const { appendsSeen } = bench.server;
    expect(appendsSeen).toHaveLength(3);
    expect(new Set(appendsSeen.map((seen) => JSON.stringify(seen))).size).toBe(1);
    expect(stored()).toEqual(notes);
  });

  it('is written to the leader that another node names', async () => {
    const leader = new WireServer(bench.server.log);
    await leader.start();
    bench.server.faults.appends.push({ kind: 'not-leader', leaderPort: leader.port });
    expect(await begin(bench.open(), stream, ...notes)).toMatchObject([{ kind: 'appended', revision: 2 }]);
    expect(leader.appendsSeen).toEqual(bench.server.appendsSeen);
    expect(stored()).toEqual(notes);
    leader.stop();
  });

  it('goes on with what is missing where a first part of it was written', async () => {
    bench.server.faults.appends.push({ kind: 'partial', events: 2 });
    expect(await begin(bench.open(), stream, ...notes)).toMatchObject([{ kind: 'appended', revision: 2 }]);
    expect(stored()).toEqual(notes);
    expect(bench.server.appendsSeen.map(({ expected, ids }) => [expected, ids.length])).toEqual([
      [-1, 3],
      [-1, 3],
      [1, 1],
    ]);
  });

  it.each<AppendFault[][]>([
    [[{ kind: 'refused-written' }]],
    [[{ kind: 'failed-written', error: 'unavailable' }, { kind: 'refused-written' }]],
    [[{ kind: 'partial', events: 2 }, { kind: 'refused-written' }]],
  ])('is done where it is refused and all of it stands there: %j', async (faults) => {
    bench.server.faults.appends.push(...faults);
    expect(await begin(bench.open(), stream, ...notes)).toMatchObject([{ kind: 'appended', revision: 2 }]);
    expect(stored()).toEqual(notes);
  });

  it('is a conflict where another writer came first', async () => {
    const write = (): void => void bench.server.log.append(stream, -1, [foreign]);
    bench.server.faults.appends.push({ kind: 'overtaken', write });
    expect(await begin(bench.open(), stream, ...notes)).toEqual([{ kind: 'conflict', revision: 0 }]);
    expect(stored()).toEqual(['foreign']);
  });

  it('is a conflict where another writer went on after a first part of it', async () => {
    const write = (): void => void bench.server.log.append(stream, 0, [foreign]);
    bench.server.faults.appends.push({ kind: 'partial', events: 1 }, { kind: 'overtaken', write });
    expect(await begin(bench.open(), stream, ...notes)).toEqual([{ kind: 'conflict', revision: 1 }]);
    expect(stored()).toEqual(['one', 'foreign']);
  });

  it('is given up after a few attempts, and is found written when it is made again', async () => {
    const store = bench.open({ attempts: 3, callDeadlineMs: 300 });
    await store.ready();
    bench.server.faults.appends.push(
      { kind: 'failed-written', error: 'timeout' },
      { kind: 'silent' },
      { kind: 'failed', error: 'unavailable' },
    );
    await expect(begin(store, stream, ...notes)).rejects.toBeInstanceOf(AppendOutcomeUnknown);
    expect(await begin(store, stream, ...notes)).toMatchObject([{ kind: 'appended', revision: 2 }]);
    expect(stored()).toEqual(notes);
  });

  it.each([0, 1, 2])(
    'of several parts is given up in part %d, and is written once when it is made again',
    async (part) => {
      const large = Array.from({ length: 3 }, (_, i) => `${i}${'x'.repeat(600 * 1024)}`);
      const store = bench.open({ attempts: 2 });
      await store.ready();
      const whole = Array.from({ length: part }, () => ({ kind: 'late', ms: 0 }) as const);
      const dead = { kind: 'failed-written', error: 'unavailable' } as const;
      bench.server.faults.appends.push(...whole, dead, dead);
      await expect(begin(store, stream, ...large)).rejects.toBeInstanceOf(AppendOutcomeUnknown);
      expect(stored()).toEqual(large.slice(0, part + 1));
      expect(await begin(store, stream, ...large)).toMatchObject([{ kind: 'appended', revision: 2 }]);
      expect(stored()).toEqual(large);
    },
  );

  it('of many streams tells of the one that nobody knows about, and is written once when it is made again', async () => {
    const store = bench.open({ attempts: 2 });
    await store.ready();
    const appends = ['a', 'b', 'c'].map((name) => ({
      stream: `account-p/${name}`,
      expectedRevision: 'no-stream' as const,
      events: chained(`account-p/${name}`, 0, chainStart, name),
    }));
    bench.server.faults.appends.push(...appends.map(() => ({ kind: 'silent-written' }) as const));
    bench.server.faults.appends.push(...appends.map(() => ({ kind: 'failed', error: 'unavailable' }) as const));
    const impatient = bench.open({ attempts: 2, callDeadlineMs: 300 });
    await expect(impatient.append(appends)).rejects.toBeInstanceOf(AppendOutcomeUnknown);
    expect(await store.append(appends)).toMatchObject(appends.map(() => ({ kind: 'appended', revision: 0 })));
    expect(bench.server.log.records).toHaveLength(3);
  });

  it('is not repeated where the server refused it', async () => {
    bench.server.faults.appends.push({ kind: 'failed', error: 'access-denied' });
    await expect(begin(bench.open(), stream, ...notes)).rejects.toThrow('Access Denied');
    expect(bench.server.appendsSeen).toHaveLength(1);
  });

  it('stays unknown where the server does not say what stands there', async () => {
    const { faults } = bench.server;
    const store = bench.open();
    await store.ready();
    faults.appends.push({ kind: 'refused-written' });
    for (let n = 0; n < 5; n++) faults.reads.push({ kind: 'unavailable', afterEvents: 0 });
    await expect(begin(store, stream, ...notes)).rejects.toBeInstanceOf(AppendOutcomeUnknown);
    expect(await begin(store, stream, ...notes)).toMatchObject([{ kind: 'appended' }]);
  });

  it('leaves no failure behind that nobody handles', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', note);
    const store = bench.open({ attempts: 2, callDeadlineMs: 300 });
    bench.server.faults.appends.push({ kind: 'failed', error: 'no-leader' }, { kind: 'silent' });
    await expect(begin(store, stream, ...notes)).rejects.toThrow('nobody knows yet');
    await new Promise((resolve) => setTimeout(resolve, 20));
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
  });
});

describe('an append', () => {
  it('that stands there already is done', async () => {
    const store = bench.open();
    const first = await begin(store, stream, ...notes);
    expect(await begin(store, stream, ...notes)).toEqual(first);
    expect(stored()).toEqual(notes);
  });

  it('of more than a request holds goes over in the same parts each time', async () => {
    const large = Array.from({ length: 7 }, (_, i) => `${i}${'x'.repeat(300 * 1024)}`);
    const store = bench.open();
    await store.ready();
    bench.server.faults.appends.push({ kind: 'late', ms: 0 }, { kind: 'failed-written', error: 'timeout' });
    const outcomes = await begin(store, stream, ...large);
    expect(outcomes).toMatchObject([{ kind: 'appended', revision: 6 }]);
    const parts = bench.server.appendsSeen.map(({ expected, ids }) => [expected, ids.length]);
    expect(parts).toEqual([
      [-1, 2],
      [1, 2],
      [1, 2],
      [3, 2],
      [5, 1],
    ]);
    expect(notesOf(await all(store.read(stream, 'start', 'forward')))).toEqual(large);
    expect(await begin(store, stream, ...large)).toEqual(outcomes);
  });

  it('of an event that no request holds is refused before anything is sent', async () => {
    const store = bench.open();
    await expect(begin(store, stream, 'fits', 'x'.repeat(MAX_APPEND_BYTES))).rejects.toThrow('is more than');
    expect(bench.server.appendsSeen).toEqual([]);
  });

  it('of many streams runs side by side, up to the limit, and answers in order', async () => {
    const store = bench.open({ parallelAppends: 8 });
    const appends = Array.from({ length: 100 }, (_, i) => {
      const name = `account-p/${i}`;
      return {
        stream: name,
        expectedRevision: 'no-stream' as const,
        events: chained(name, 0, chainStart, ...notes.slice(0, 1 + (i % 3))),
      };
    });
    const outcomes = await store.append(appends);
    expect(outcomes.map((outcome) => outcome.kind === 'appended' && outcome.revision)).toEqual(
      appends.map((_, i) => i % 3),
    );
    expect(bench.server.mostUnderWay).toBe(8);
  });

  it('that names a stream twice makes the second one after the first', async () => {
    const [first, second] = [chained(stream, 0, chainStart, 'one'), chained(stream, 1, 'x', 'two')];
    const outcomes = await bench.open().append([
      { stream, expectedRevision: 'no-stream', events: first },
      { stream, expectedRevision: 0, events: second },
      { stream, expectedRevision: 5, events: second },
    ]);
    expect(outcomes.map((outcome) => [outcome.kind, outcome.revision])).toEqual([
      ['appended', 0],
      ['appended', 1],
      ['conflict', 1],
    ]);
  });

  it('that fails waits for the others to end', async () => {
    const store = bench.open();
    await store.ready();
    bench.server.faults.appends.push({ kind: 'failed', error: 'access-denied' }, { kind: 'late', ms: 100 });
    const other = {
      stream: 'account-p/b',
      expectedRevision: 'no-stream' as const,
      events: chained('account-p/b', 0, chainStart, 'b'),
    };
    const refused = { stream, expectedRevision: 'no-stream' as const, events: chained(stream, 0, chainStart, 'a') };
    await expect(store.append([refused, other])).rejects.toThrow('Access Denied');
    expect(bench.server.log.head('account-p/b')).toBe(0);
  });

  it('to a stream that was deleted and goes on in its old numbers is a failure, not a booking', async () => {
    bench.server.log.write(stream, [foreign, foreign]);
    bench.server.log.truncate(stream, 2);
    bench.server.log.continueAt(stream, 2);
    await expect(begin(bench.open(), stream, 'one')).rejects.toThrow('went on at revision 2');
  });
});

const foreign = {
  id: '11111111-1111-8111-8111-111111111111',
  type: 'Noted',
  contentType: 'application/json',
  data: Buffer.from('{"note":"foreign"}'),
  metadata: Buffer.from('{}'),
};
