import { hash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeTexts } from '@meterbook/books/event-codec';
import type { NamedDamage } from '@meterbook/event-store/damaged-streams';
import type { EventStore, StoredEvent, SubscriptionBatch } from '@meterbook/event-store/event-store';
import { chainStart } from '@meterbook/event-store/hash-chain';
import { readRelayedEvent } from '@meterbook/messages/relayed-event';
import type { DeliveredRecord } from '@meterbook/topics/topics';
import { EmbeddedLedger } from '../testing/embedded-ledger';
import { RelayEntries } from './relay-entries';

const deadlineMs = 60_000;
const golden = join(__dirname, '../../../../test/golden');

interface Text {
  readonly type: string;
  readonly data: string;
}

/** Every event that an account's or a tier's stream ever held, as it is stored. */
const eventsOf = (folder: 'account' | 'tier'): Text[] =>
  readdirSync(join(golden, folder))
    .sort()
    .map((file) => {
      const { type, data } = JSON.parse(readFileSync(join(golden, folder, file), 'utf8')) as Text;
      return { type, data };
    });

/** Short enough to be shown where it is not what it should be. */
const digest = ({ type, data }: Text): string => `${type} ${hash('sha256', data, 'hex')}`;

/** Larger than a topic's record takes, and all of it characters that JSON escapes. */
const largest = (data: string): string =>
  `${data.slice(0, -1)}${data === '{}' ? '' : ','}"more":${JSON.stringify('"'.repeat(520_000))}}`;

describe('whatever is stored', () => {
  let ledger: EmbeddedLedger;
  const heads = new Map<string, { revision: number; hash: string }>();

  beforeEach(() => {
    ledger = new EmbeddedLedger();
    heads.clear();
  });
  afterEach(() => ledger.close());

  const write = async (stream: string, ...texts: readonly Text[]): Promise<void> => {
    const { revision, hash: last } = heads.get(stream) ?? { revision: -1, hash: chainStart };
    let previous = last;
    const events = texts.map(({ type, data }, i) => {
      const event = encodeTexts(stream, revision + 1 + i, previous, type, data, '{"actor":"spec"}');
      previous = event.hash;
      return event;
    });
    await ledger.store.append([{ stream, expectedRevision: revision < 0 ? 'no-stream' : revision, events }]);
    heads.set(stream, { revision: revision + texts.length, hash: previous });
  };

  /** Runs a relay until it has relayed everything, and stops it as a crash would. */
  const relay = async (store: EventStore = ledger.store): Promise<NamedDamage[]> => {
    const relaying = new RelayEntries(store, ledger.topics, ledger.clock);
    const damage: NamedDamage[] = [];
    relaying.damaged.listen((named) => damage.push(named));
    const stop = new AbortController();
    const ended = new AbortController();
    const running = relaying.run(stop.signal).finally(() => ended.abort());
    const deadline = ledger.clock.now() + deadlineMs;
    while (!ended.signal.aborted && relaying.progress().caughtUpAt === null && ledger.clock.now() < deadline)
      await ledger.clock.sleep(5);
    stop.abort();
    await running;
    expect(relaying.progress().caughtUpAt).not.toBeNull();
    return damage;
  };

  const topics = ['ledger.entries', 'tier.changes'];
  const waiting = async (): Promise<number> =>
    (await ledger.topics.lag('spec', topics)).reduce((sum, { lag }) => sum + lag, 0);
  const heard = async (): Promise<DeliveredRecord[]> => {
    const expected = await waiting();
    const records: DeliveredRecord[] = [];
    const stop = new AbortController();
    await ledger.topics.consume(
      'spec',
      topics,
      async (batch) => {
        records.push(...batch.records);
        if (records.length >= expected) stop.abort();
      },
      stop.signal,
    );
    return records;
  };

  /** Each event that was heard, the first time it was, as the store has it; fails where a stream is out of order. */
  const effects = async (): Promise<Map<string, string[]>> => {
    const streams = new Map<string, string[]>();
    for (const record of await heard()) {
      const { stream, revision, type, data } = await readRelayedEvent(record, ledger.store);
      expect([stream, record.topic]).toEqual([stream, stream.startsWith('tier-') ? 'tier.changes' : 'ledger.entries']);
      const events = streams.get(stream) ?? [];
      streams.set(stream, events);
      if (revision < events.length) continue;
      expect([stream, revision]).toEqual([stream, events.length]);
      events.push(digest({ type, data: JSON.stringify(data) }));
    }
    return streams;
  };

  it.each(['account', 'tier'] as const)(
    'of %s streams is relayed in order, however large it is and whatever its type, and again with the same effect',
    async (kind) => {
      const written = new Map<string, string[]>();
      for (const [i, event] of eventsOf(kind).entries()) {
        const future = { type: 'FromTheFuture', data: '{"shape":[1]}' };
        const texts = [event, { type: event.type, data: largest(event.data) }, future, event];
        written.set(`${kind}-apibox/${i}`, texts.map(digest));
        await write(`${kind}-apibox/${i}`, ...texts);
      }
      const foreign = { type: 'OrderPlaced', data: '{"by":"another application"}' };
      written.set(`${kind}-123`, [digest(foreign)]);
      await write(`${kind}-123`, foreign);
      expect(await relay()).toEqual([]);
      expect(await relay()).toEqual([]);
      expect(await effects()).toEqual(written);
    },
  );

  it('that no record can name, or that no longer can be read, is told of, and everything else goes on', async () => {
    const fine = { type: 'AccountOpened', data: '{}' };
    await write('account-apibox/a', fine, { type: 'T'.repeat(1_100_000), data: '{}' }, fine);
    await write('account-apibox/b', fine);
    const damaging: EventStore = Object.assign(Object.create(ledger.store) as EventStore, {
      subscribe: async function* (...asked: Parameters<EventStore['subscribe']>): AsyncIterable<SubscriptionBatch> {
        const gone = { stream: 'account-apibox/c', position: '0', damage: 'it was deleted' };
        for await (const batch of ledger.store.subscribe(...asked)) yield { ...batch, damaged: [gone] };
      },
    });
    expect(await relay(damaging)).toEqual([
      { stream: 'account-apibox/c', damage: 'it was deleted' },
      { stream: 'account-apibox/a', damage: 'no record can name its revision 1: the type is too long' },
    ]);
    const revisions = (await heard()).map(({ headers }) => `${headers['stream'] ?? ''} ${headers['revision'] ?? ''}`);
    expect(revisions.sort()).toEqual(['account-apibox/a 0', 'account-apibox/a 2', 'account-apibox/b 0']);
  });

  it('that is no event of ours among the notes of the relay makes it look further back, or start over', async () => {
    const fine = { type: 'AccountOpened', data: '{}' };
    await write('account-apibox/a', fine);
    await write(
      'relay-entries',
      { type: 'OrderPlaced', data: '{}' },
      { type: 'RelayAdvanced', data: '{"position":7}' },
    );
    expect(await relay()).toEqual([{ stream: 'relay-entries', damage: 'its note at revision 1 cannot be read' }]);
    expect(await heard()).toHaveLength(1);
    await write('relay-entries', { type: 'RelayAdvanced', data: '{"position":' });
    expect(await relay()).toEqual([{ stream: 'relay-entries', damage: 'its note at revision 2 cannot be read' }]);
  });

  it('that is no note keeps the relay from one that is only so far back', async () => {
    await write('account-apibox/a', { type: 'AccountOpened', data: '{}' });
    await write('relay-entries', {
      type: 'RelayAdvanced',
      data: JSON.stringify({ position: await ledger.store.end() }),
    });
    const nothing = { type: 'OrderPlaced', data: '{}' };
    await write('relay-entries', ...Array.from({ length: 99 }, () => nothing));
    await relay();
    expect(await waiting()).toBe(0);
    await write('relay-entries', nothing);
    await relay();
    expect(await heard()).toHaveLength(1);
  });

  it('is handed to a topic in parts, so that no publish is larger than a few of the largest events', async () => {
    const more = JSON.stringify({ more: 'x'.repeat(400_000) });
    for (let i = 0; i < 24; i++) await write(`account-apibox/${i}`, { type: 'Large', data: more });
    const inOneBatch: EventStore = Object.assign(Object.create(ledger.store) as EventStore, {
      subscribe: async function* (...asked: Parameters<EventStore['subscribe']>): AsyncIterable<SubscriptionBatch> {
        const events: StoredEvent[] = [];
        for await (const batch of ledger.store.subscribe(...asked)) {
          events.push(...batch.events);
          if (batch.caughtUp) yield { ...batch, events: events.splice(0) };
        }
      },
    });
    const publish = jest.spyOn(ledger.topics, 'publish');
    await relay(inOneBatch);
    const sizes = publish.mock.calls.map(([, records]) => records.reduce((sum, { value }) => sum + value.length, 0));
    expect(sizes.length).toBeGreaterThan(1);
    expect(Math.max(...sizes)).toBeLessThan(5 * 1024 * 1024);
    expect(await heard()).toHaveLength(24);
  });
});
