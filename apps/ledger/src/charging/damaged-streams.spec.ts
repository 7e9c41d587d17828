import type { StoredEvent, StreamAppend } from '@meterbook/event-store/event-store';
import { EmbeddedEventStore } from '@meterbook/event-store/embedded/embedded-event-store';
import { StreamDamaged } from '@meterbook/event-store/store-failure';
import { accountStream, checkpointStream } from '@meterbook/books/account-stream';
import { encodeEvent, encodeTexts } from '@meterbook/books/event-codec';
import { RouteTable } from '@meterbook/http/route-table';
import { createLog } from '@meterbook/runtime/log';
import { SystemRandom } from '@meterbook/runtime/system-random';
import type { DeliveredBatch, DeliveredRecord } from '@meterbook/topics/topics';
import { DeadLetterIndex } from '../dead-letters/dead-letter-index';
import { IndexDeadLetters } from '../dead-letters/index-dead-letters';
import { RedriveDamaged } from '../dead-letters/redrive-damaged';
import { EmbeddedLedger, platform, usageRecord } from '../testing/embedded-ledger';
import { LedgerApp } from '../testing/ledger-app';

const never = new AbortController().signal;
const batchOf = (...records: DeliveredRecord[]): DeliveredBatch => ({ topic: 'usage.recorded', partition: 0, records });
const streamOf = (account: string): string => accountStream({ platform, account });
const accountPattern = '/v1/platforms/:platform/accounts/:account';
const deadlineMs = 30_000;

/** A store in which some streams cannot be read, until they are mended. */
class TornStore extends EmbeddedEventStore {
  readonly torn = new Set<string>();

  override async *read(
    ...[stream, from, direction]: Parameters<EmbeddedEventStore['read']>
  ): AsyncIterable<StoredEvent> {
    if (this.torn.has(stream)) throw new StreamDamaged(stream, 'it was deleted');
    yield* super.read(stream, from, direction);
  }
}

describe('an account whose stream cannot be read', () => {
  let ledger: EmbeddedLedger;

  beforeEach(async () => {
    ledger = new EmbeddedLedger();
    await ledger.publish();
    await ledger.open('a');
    await ledger.open('b');
  });
  afterEach(() => ledger.close());

  /** The last event of a stream; a start where there is none. */
  const lastOf = async (stream: string): Promise<{ revision: number; hash: string }> => {
    for await (const { revision, hash } of ledger.store.read(stream, 'end', 'backward')) return { revision, hash };
    return { revision: -1, hash: '' };
  };
  const write = async (stream: string, event: StreamAppend['events'][number], revision: number): Promise<void> => {
    const expectedRevision = revision === 0 ? 'no-stream' : revision - 1;
    await ledger.store.append([{ stream, expectedRevision, events: [event] }]);
  };

  it.each<[string, (stream: string, revision: number, hash: string) => StreamAppend['events'][number]]>([
    ['an event of a type from the future', (s, r, h) => encodeEvent(s, r, h, { type: 'AccountFrozen' }, {})],
    ['an event that is no JSON', (s, r, h) => encodeTexts(s, r, h, 'CreditGranted', '{', '{}')],
    ['an event without its content', (s, r, h) => encodeTexts(s, r, h, 'WalletRecharged', 'null', '{}')],
    [
      'charges that cannot be',
      (s, r, h) =>
        encodeEvent(s, r, h, { type: 'UsageCharged', ...{ charges: [], currency: 'CNY', wallet: '999999' } }, {}),
    ],
    [
      'a chain that is broken',
      (s, r) =>
        encodeEvent(
          s,
          r,
          'another',
          { type: 'ApiKeyRevoked', ...{ occurredAt: '2026-11-21T10:00:00.000Z', keyId: 'k' } },
          {},
        ),
    ],
  ])('takes nobody else out: %s', async (_what, event) => {
    const last = await lastOf(streamOf('a'));
    await write(streamOf('a'), event(streamOf('a'), last.revision + 1, last.hash), last.revision + 1);
    const process = ledger.another();
    const batch = batchOf(usageRecord('a', 'u1', 0), usageRecord('b', 'u1', 1), usageRecord('a', 'u2', 2));
    await process.charge.handle(batch, never);
    await process.charge.handle(batchOf(usageRecord('b', 'u2', 3), usageRecord('a', 'u3', 4)), never);
    expect(process.charge.counts).toMatchObject({ charged: 2, deadLetters: 3, unratable: 0 });
    expect(await ledger.balance('b')).toMatchObject({ charges: 2, wallet: '98' });
    expect((await ledger.deadLetters()).map(({ id, reason }) => [id, reason])).toEqual([
      ['usage.recorded-0-0', 'stream_damaged'],
      ['usage.recorded-0-2', 'stream_damaged'],
      ['usage.recorded-0-4', 'stream_damaged'],
    ]);
    expect(process.accounts.damaged.streams.count).toBe(1);
    await expect(process.accounts.confirmed(streamOf('a'))).rejects.toThrow(StreamDamaged);
  });

  it('is told from one that was known when it happened: the rest of its round is charged', async () => {
    const process = ledger.parts;
    await process.charge.handle(batchOf(usageRecord('a', 'u1', 0)), never);
    const last = await lastOf(streamOf('a'));
    const event = encodeEvent(streamOf('a'), last.revision + 1, last.hash, { type: 'AccountFrozen' }, {});
    await write(streamOf('a'), event, last.revision + 1);
    await process.charge.handle(batchOf(usageRecord('a', 'u2', 1), usageRecord('b', 'u2', 2)), never);
    expect(process.charge.counts).toMatchObject({ charged: 2, deadLetters: 1 });
    expect(await ledger.balance('b')).toMatchObject({ charges: 1 });
  });

  it('is foreign where its first event is not ours, and its usage waits just the same', async () => {
    const stream = streamOf('theirs');
    await write(stream, encodeEvent(stream, 0, '', { type: 'OrderPlaced' }, {}), 0);
    await ledger.parts.charge.handle(batchOf(usageRecord('theirs', 'u1', 0), usageRecord('b', 'u1', 1)), never);
    expect((await ledger.deadLetters()).map(({ reason }) => reason)).toEqual(['stream_damaged']);
    expect(await ledger.balance('b')).toMatchObject({ charges: 1 });
  });

  it('waits, and a rulebook that cannot be read takes out its platform only', async () => {
    const store = new TornStore(ledger.directory, ledger.clock);
    const process = ledger.another(1000, store);
    store.torn.add('rulebook-other');
    const elsewhere = { platform: 'other' };
    const torn = new Set(['rulebook-other']);
    const head = store.head.bind(store);
    store.head = async (stream) => (torn.has(stream) ? 0 : head(stream));
    await process.charge.handle(batchOf(usageRecord('a', 'u1', 0, elsewhere), usageRecord('a', 'u2', 1)), never);
    expect((await ledger.deadLetters()).map(({ id, reason }) => [id, reason])).toEqual([
      ['usage.recorded-0-0', 'stream_damaged'],
    ]);
    expect(process.charge.counts).toMatchObject({ charged: 1 });
    await store.close();
  });

  it('has its usage charged by itself once it is whole, at any age', async () => {
    const store = new TornStore(ledger.directory, ledger.clock);
    const process = ledger.another(1000, store);
    store.torn.add(streamOf('a'));
    const index = new DeadLetterIndex(':memory:', new SystemRandom(), createLog('fatal'));
    const stop = new AbortController();
    const loops = [
      process.charge.run(stop.signal),
      new IndexDeadLetters(ledger.topics, index).run(stop.signal),
      new RedriveDamaged(ledger.topics, index, ledger.clock).run(stop.signal),
    ];
    const records = [0, 1, 2].map((n) => usageRecord('a', `u${n}`, n));
    await ledger.topics.publish(
      'usage.recorded',
      records.map(({ key, value }) => ({ key, value, headers: { 'accepted-at': '1790000000000' } })),
    );
    const waiting = (): number =>
      index.queries.list({ platforms: null, reason: 'stream_damaged', after: null }).letters.length;
    const eventually = async (holds: () => boolean): Promise<void> => {
      const end = ledger.clock.now() + deadlineMs;
      while (!holds()) {
        if (ledger.clock.now() > end) throw new Error('it never comes true');
        await ledger.clock.sleep(10);
      }
    };
    await eventually(() => waiting() === 3);
    expect(process.accounts.damaged.streams.count).toBe(1);
    store.torn.clear();
    await eventually(() => waiting() === 0);
    stop.abort();
    await Promise.all(loops);
    expect(await ledger.balance('a')).toMatchObject({ charges: 3, wallet: '97' });
    expect(process.accounts.damaged.streams.count).toBe(0);
    index.close();
    await store.close();
  });
});

describe('a checkpoint that cannot be used', () => {
  let ledger: EmbeddedLedger;

  beforeEach(async () => {
    ledger = new EmbeddedLedger();
    await ledger.publish();
    await ledger.open('a', '1000');
  });
  afterEach(() => ledger.close());

  const usages = Array.from({ length: 90 }, (_, i) => usageRecord('a', `u${i}`, i));
  const stream = streamOf('a');

  it.each<[string, (good: Readonly<Record<string, unknown>>) => unknown]>([
    ['of a format from the future', (good) => ({ ...good, state: { format: 99 } })],
    ['without content', () => null],
    ['with a state of another account', (good) => ({ ...good, hash: 'another' })],
    ['ahead of its stream', (good) => ({ ...good, revision: 5_000 })],
    ['whose identities are gone', (good) => ({ ...good, identities: null })],
  ])('is passed over: %s', async (_what, spoil) => {
    const process = ledger.another(10);
    for (let at = 0; at < usages.length; at += 1) await process.charge.handle(batchOf(usages[at] ?? fail()), never);
    await process.writer.idle();
    const stored: StoredEvent[] = [];
    for await (const one of ledger.store.read(checkpointStream(stream), 'start', 'forward')) stored.push(one);
    const last = stored.at(-1) ?? fail();
    const data = spoil(JSON.parse(last.data) as Readonly<Record<string, unknown>>);
    const event = encodeTexts(
      last.stream,
      last.revision + 1,
      last.hash,
      'AccountCheckpointed',
      JSON.stringify(data),
      '{}',
    );
    await ledger.store.append([{ stream: last.stream, expectedRevision: last.revision, events: [event] }]);

    const cold = ledger.another(10);
    await cold.charge.handle(batchOf(...usages, usageRecord('a', 'fresh', 200)), never);
    expect(cold.charge.counts).toEqual({ charged: 1, duplicates: 90, deadLetters: 0, unratable: 0 });
    // It is followed by a good one, so that the next reading is a short one again.
    await cold.charge.handle(batchOf(usageRecord('a', 'fresh2', 201)), never);
    await cold.writer.idle();
    const again = ledger.another(10);
    const account = await again.accounts.confirmed(stream);
    expect(account.remembersAll).toBe(false);
    await again.charge.handle(batchOf(...usages), never);
    expect(again.charge.counts).toEqual({ charged: 0, duplicates: 90, deadLetters: 0, unratable: 0 });
    expect(await ledger.balance('a')).toEqual({ charges: 92, wallet: '908', receivable: '0' });
  });
});

describe('over HTTP', () => {
  it('every command and view of a damaged account answers 503, and those of others go on', async () => {
    const app = await LedgerApp.start();
    try {
      await app.publish();
      for (const account of ['a', 'b']) await app.on('POST', '/accounts', { account });
      const { store, app: http } = await app.startProcess();
      const event = encodeEvent(
        streamOf('a'),
        1,
        (await app.stored(streamOf('a')))[0]?.hash ?? '',
        { type: 'Later' },
        {},
      );
      await store.append([{ stream: streamOf('a'), expectedRevision: 0, events: [event] }]);
      const routes: readonly (readonly ['GET' | 'POST' | 'PATCH' | 'DELETE', string, unknown?])[] = [
        ['GET', ''],
        ['GET', '?asOf=2026-11-21T10:00:00.000Z'],
        ['GET', '/charges'],
        ['GET', '/charges?source=gw&id=u1'],
        ['GET', '/keys'],
        ['PATCH', '', { suspended: true }],
        ['POST', '/recharges', { rechargeId: 'r1', provider: 'manual', amount: '1', currency: 'CNY' }],
        ['POST', '/authorizations', { requestId: 'q1', model: 'm' }],
        ['DELETE', '/authorizations/x1'],
        ['POST', '/grants', { grantId: 'g1', amount: '1', reason: 'x' }],
        ['POST', '/keys', { keyId: 'k1', name: 'main' }],
        ['PATCH', '/keys/k1', { group: null }],
        ['DELETE', '/keys/k1'],
        ['POST', '/charges/reversals', { reversalId: 'v1', source: 'gw', id: 'u1', reason: 'x' }],
        ['POST', '/recharges/r1/refund', { refundId: 'f1' }],
        ['POST', '/recharges/r1/disputes', { disputeId: 'd1' }],
        ['POST', '/recharges/r1/disputes/d1/won', {}],
        ['POST', '/recharges/r1/disputes/d1/lost', {}],
        ['POST', '/write-offs', { writeOffId: 'w1', amount: '1', reason: 'x' }],
        ['POST', '/subscription', { paymentRef: 's1', plan: 'p', kind: 'auto-renew', provider: 'manual' }],
        ['POST', '/subscription/renewals', { paymentRef: 's2', provider: 'manual' }],
        ['POST', '/subscription/switch', { paymentRef: 's3', plan: 'p', provider: 'manual' }],
        ['GET', '/subscription/switch-quote?plan=p'],
        ['DELETE', '/subscription'],
      ];
      // A route that is new has to be among them.
      const patternOf = (path: string): string =>
        path
          .replace(/\?.*/, '')
          .replace('/keys/k1', '/keys/:keyId')
          .replace(/authorizations\/.+/, 'authorizations/:authorizationId')
          .replace('/recharges/r1', '/recharges/:rechargeId')
          .replace('/disputes/d1', '/disputes/:disputeId');
      const known = http.get(RouteTable, { strict: false }).list();
      expect(new Set(routes.map(([method, path]) => `${method} ${patternOf(path)}`))).toEqual(
        new Set(
          known
            .filter(({ pattern, method }) => pattern.startsWith(accountPattern) && method !== 'HEAD')
            .map(({ pattern, method }) => `${method} ${pattern.slice(accountPattern.length)}`),
        ),
      );
      for (const [method, path, body] of routes)
        expect([path, await app.on(method, `/accounts/a${path}`, body)]).toMatchObject([
          path,
          { status: 503, body: { code: 'stream_damaged' }, headers: { 'retry-after': '60' } },
        ]);
      expect(await app.on('POST', '/accounts', { account: 'a' })).toMatchObject({ status: 503 });
      expect(await app.on('GET', '/accounts/b')).toMatchObject({ status: 200 });
      expect(await app.metric('meterbook_damaged_streams{loop="http"}')).toBe('1');
    } finally {
      await app.close();
    }
  });
});

function fail(): never {
  throw new Error('nothing was written');
}
