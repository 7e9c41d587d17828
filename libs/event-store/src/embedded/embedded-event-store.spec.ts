import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '@meterbook/runtime/sqlite';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { EmbeddedEventStore } from './embedded-event-store';
import type { NewEvent, StreamAppend } from '../event-store';
import { chained, describeEventStore } from '../event-store-contract';
import { chainStart } from '../hash-chain';
import { describeTakeOver } from '../take-over-contract';

const event = (stream: string): NewEvent => chained(stream, 0, chainStart, 'first')[0] as NewEvent;
const temporary = (): string => mkdtempSync(join(tmpdir(), 'meterbook-store-'));

const engine = (committing: 'here' | 'in-thread' = 'here') => {
  const directory = temporary();
  return {
    open: () => new EmbeddedEventStore(directory, new SystemClock(), committing),
    destroy: async () => {
      rmSync(directory, { recursive: true });
    },
  };
};
for (const committing of ['here', 'in-thread'] as const) {
  describeEventStore(`EmbeddedEventStore, committing ${committing}`, () => engine(committing));
  describeTakeOver(`EmbeddedEventStore, committing ${committing}`, () => engine(committing));
}

it('takes over nothing that was booked before what it holds, or before what is written beside it', async () => {
  const { open, destroy } = engine();
  const store = open();
  const append = (stream: string): StreamAppend => ({ stream, expectedRevision: 'no-stream', events: [event(stream)] });
  const booked = (stream: string, bookedAt: number) => store.takeOver([{ ...append(stream), bookedAt }]);
  await booked('account-p/a', 17);
  const ended = await Promise.allSettled([
    booked('account-p/b', 16),
    store.append([append('account-p/c')]),
    booked('account-p/d', 18),
  ]);
  expect(ended.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected']);
  expect([await store.head('account-p/b'), await store.head('account-p/c')]).toEqual(['no-stream', 0]);
  await store.close();
  await destroy();
});

it('goes on behind what was taken over from a time that is still to come', async () => {
  const { open, destroy } = engine();
  const store = open();
  const bookedAt = new SystemClock().now() + 60_000;
  const append = (stream: string): StreamAppend => ({ stream, expectedRevision: 'no-stream', events: [event(stream)] });
  await Promise.all([store.takeOver([{ ...append('account-p/a'), bookedAt }]), store.append([append('account-p/b')])]);
  const times: number[] = [];
  expect(await store.audit((stored) => times.push(stored.bookedAt))).toMatchObject({ faults: [] });
  expect(times).toEqual([bookedAt, bookedAt]);
  await store.close();
  await destroy();
});

describe('EmbeddedEventStore', () => {
  let directory: string;
  let store: EmbeddedEventStore;

  beforeEach(async () => {
    directory = temporary();
    store = new EmbeddedEventStore(directory, new SystemClock());
    for (const [i, stream] of ['account-p/a', 'account-p/b', 'account-p/c'].entries())
      await store.append([
        {
          stream,
          expectedRevision: 'no-stream',
          events: chained(stream, 0, chainStart, `first ${i}`, `second ü ${i}`),
        },
      ]);
    const b = chained('account-p/b', 0, chainStart, 'first 1', 'second ü 1');
    await store.append([
      { stream: 'account-p/b', expectedRevision: 1, events: chained('account-p/b', 2, b[1]?.hash ?? '', 'third 1') },
    ]);
  });
  afterEach(async () => {
    await store.close();
    rmSync(directory, { recursive: true });
  });

  it('names the event in whose record any single byte was changed', async () => {
    const database = openDatabase(join(directory, 'events.db'));
    const { body } = database.prepare('SELECT body FROM frames WHERE position = 2').get() as { body: Buffer };
    const bytes = body;
    const secondLine = bytes.indexOf(10) + 1;
    const silent: number[] = [];
    const misnamed: number[] = [];
    for (let i = 0; i < bytes.length; i++) {
      const changed = Buffer.from(bytes);
      changed[i] = (changed[i] as number) ^ 1;
      database.prepare('UPDATE frames SET body = ? WHERE position = 2').run(changed);
      const { faults } = await store.audit(() => undefined);
      const position = i < secondLine ? '2' : '3';
      if (faults.length === 0) silent.push(i);
      else if (!faults.some((fault) => fault.position === position)) misnamed.push(i);
    }
    database.close();
    expect(silent).toEqual([]);
    expect(misnamed).toEqual([]);
  });

  it('blames only the changed event, not those after it', async () => {
    const database = openDatabase(join(directory, 'events.db'));
    database
      .prepare(`UPDATE frames SET body = CAST(replace(CAST(body AS TEXT), 'second ü 1', 'second ü 2') AS BLOB)`)
      .run();
    database.close();
    const { faults } = await store.audit(() => undefined);
    expect(faults).toMatchObject([
      { stream: 'account-p/b', revision: 1, detail: 'the record does not match its hash' },
    ]);
  });

  it.each([
    ['booked_at', 'UPDATE frames SET booked_at = booked_at + 1 WHERE position = 4', '4'],
    ['the frame hash', `UPDATE frames SET hash = replace(hash, substr(hash, 1, 1), '_') WHERE position = 4`, '4'],
    ['the count of events', 'UPDATE frames SET events = 3 WHERE position = 4', '4'],
    ['a frame taken out', 'DELETE FROM frames WHERE position = 2', '2'],
  ])('finds a change of %s', async (_what, sql, position) => {
    const database = openDatabase(join(directory, 'events.db'));
    database.prepare(sql).run();
    database.close();
    const { faults } = await store.audit(() => undefined);
    expect(faults[0]).toMatchObject({ position });
  });

  it.each([
    ['a name with a space', { stream: 'account-p/x y' }],
    ['a name that is not ASCII', { stream: 'account-p/ü' }],
    ['a name that is too long', { stream: `account-${'x'.repeat(255)}` }],
    ['a raw line break in the data', { data: '{\n}' }],
    ['a raw tab in the metadata', { metadata: '{\t}' }],
    ['a line break in the type', { type: 'Not\ned' }],
    ['no events', { events: [] }],
  ])(
    'refuses %s before it writes anything, and goes on',
    async (_what, { stream, events, ...changed }: Partial<StreamAppend & NewEvent>) => {
      const name = stream ?? 'account-p/bad';
      const bad = {
        stream: name,
        expectedRevision: 'no-stream' as const,
        events: events ?? [{ ...event(name), ...changed }],
      };
      const good = {
        stream: 'account-p/good',
        expectedRevision: 'no-stream' as const,
        events: [event('account-p/good')],
      };
      await expect(store.append([good, bad])).rejects.toThrow();
      expect(await store.head('account-p/good')).toBe('no-stream');
      expect(await store.append([good])).toMatchObject([{ kind: 'appended', revision: 0 }]);
      expect((await store.audit(() => undefined)).faults).toEqual([]);
    },
  );

  it('opens with its saved stream index, and without it just the same', async () => {
    await store.close();
    const withIndex = new EmbeddedEventStore(directory, new SystemClock());
    expect(await withIndex.head('account-p/b')).toBe(2);
    await withIndex.close();
    rmSync(join(directory, 'events.index'));
    store = new EmbeddedEventStore(directory, new SystemClock());
    expect(await store.head('account-p/b')).toBe(2);
  });
});
