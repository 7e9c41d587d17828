import { encodeTexts } from '@meterbook/books/event-codec';
import { Rulebooks } from '@meterbook/books/rulebooks';
import { chainStart } from '@meterbook/event-store/hash-chain';
import { StoreUnavailable, StreamDamaged } from '@meterbook/event-store/store-failure';
import { toRecord } from '@meterbook/messages/relayed-event';
import type { TopicRecord } from '@meterbook/topics/topics';
import { delivered, TierBooks } from '../testing/tier-books';
import { PromoteTiers } from './promote-tiers';

describe('promotion', () => {
  let books: TierBooks;
  let tiers: PromoteTiers;

  beforeEach(async () => {
    books = new TierBooks();
    tiers = new PromoteTiers(books.store, books.topics, new Rulebooks(books.store));
    await books.publish('apibox');
  });
  afterEach(() => books.destroy());

  const hear = (process: PromoteTiers, ...records: TopicRecord[]): Promise<void> =>
    process.handle(
      { topic: 'ledger.entries', partition: 0, records: records.map((record, i) => delivered(record, i)) },
      new AbortController().signal,
    );
  const store = async (stream: string, type: string, data: string): Promise<void> => {
    const events = [encodeTexts(stream, 0, chainStart, type, data, '{}')];
    await books.store.append([{ stream, expectedRevision: 'no-stream', events }]);
  };
  const stored = async (stream: string, revision: number): Promise<TopicRecord> => {
    for await (const event of books.store.read(stream, revision, 'backward')) {
      const record = toRecord({ ...event, data: event.data, metadata: event.metadata });
      if (record) return record;
    }
    throw new Error(`${stream} has no revision ${revision}`);
  };
  const recharged = { type: 'WalletRecharged' };
  const of = (stream: string): Record<string, string> => ({ ...recharged, stream });

  const time = '2026-01-01T00:00:00.000Z';
  /** A recharge as it is stored, but for what is to be wrong with it. */
  const rechargeWith = async (wrong: object): Promise<TopicRecord> => {
    const recharges = { count: 1, largest: '1', cumulative: '1' };
    const data = { occurredAt: time, rulebook: 1, rechargeId: 'r1', credited: '1', recharges, ...wrong };
    await store('account-apibox/x', 'WalletRecharged', JSON.stringify(data));
    return stored('account-apibox/x', 0);
  };

  /** What somebody may find on the topic or in the store, and the stream that it is blamed on; null where it is nobody's. */
  const damage: Readonly<Record<string, readonly [blamed: string | null, make: () => Promise<TopicRecord>]>> = {
    'a record that is not JSON': [
      'account-apibox/x',
      async () => ({ key: 'apibox/x', value: '{', headers: of('account-apibox/x') }),
    ],
    'a record that is no object': ['apibox/x', async () => ({ key: 'apibox/x', value: '[1]', headers: recharged })],
    'a record without a revision': [
      'account-apibox/x',
      async () => ({
        key: 'apibox/x',
        value: '{"stream":"account-apibox/x","type":"WalletRecharged"}',
        headers: of('account-apibox/x'),
      }),
    ],
    'a record that names an event which is not there': [
      'account-apibox/x',
      async () => ({
        key: 'apibox/x',
        value: '{"stream":"account-apibox/x","type":"WalletRecharged","revision":7}',
        headers: recharged,
      }),
    ],
    'a recharge of another shape': [
      'account-apibox/x',
      async () => {
        await store('account-apibox/x', 'WalletRecharged', '{"rechargeId":"r1"}');
        return stored('account-apibox/x', 0);
      },
    ],
    'a recharge with amounts that are none': [
      'account-apibox/x',
      async () => {
        await store(
          'account-apibox/x',
          'WalletRecharged',
          '{"rechargeId":"r1","occurredAt":"2026-01-01T00:00:00.000Z","credited":"1","recharges":{"count":1,"largest":"NaN","cumulative":"1"}}',
        );
        return stored('account-apibox/x', 0);
      },
    ],
    'a recharge without an id': ['account-apibox/x', () => rechargeWith({ rechargeId: undefined })],
    'a recharge without a time': ['account-apibox/x', () => rechargeWith({ occurredAt: 'yesterday' })],
    'a recharge without a count': [
      'account-apibox/x',
      () => rechargeWith({ recharges: { count: 1.5, largest: '1', cumulative: '1' } }),
    ],
    'a pin that names no tier': [
      'account-apibox/x',
      async () => {
        await store('account-apibox/x', 'AccountSettingsChanged', `{"occurredAt":"${time}","changed":{"tier":7}}`);
        return stored('account-apibox/x', 0);
      },
    ],
    'settings of another shape': [
      'account-apibox/x',
      async () => {
        await store('account-apibox/x', 'AccountSettingsChanged', '{}');
        return stored('account-apibox/x', 0);
      },
    ],
    'a tier stream with an event of a later version': [
      'tier-apibox/x',
      async () => {
        await store('tier-apibox/x', 'TierSoldAtAuction', '{}');
        return books.recharge('apibox/x', 'r1', '1');
      },
    ],
    'a tier stream that makes no sense': [
      'tier-apibox/x',
      async () => {
        await store('tier-apibox/x', 'TierPromoted', '{"to":"vip","single":1}');
        return books.recharge('apibox/x', 'r1', '1');
      },
    ],
    'a platform with a rulebook that cannot be read': [
      'rulebook-broken',
      async () => {
        await store('rulebook-broken', 'RulebookPublished', '{"version":1,"rulebook":{}}');
        return books.recharge('broken/x', 'r1', '1');
      },
    ],
    'a stream of another application': [
      null,
      async () => {
        await store('account-123', 'WalletRecharged', '{}');
        return stored('account-123', 0);
      },
    ],
  };

  it.each(Object.entries(damage))('goes on without %s', async (_what, [blamed, make]) => {
    const told: string[] = [];
    tiers.damaged.listen(({ stream }) => told.push(stream));
    const record = await make();
    const fine = await books.recharge('apibox/fine', 'r1', '1');
    for (let i = 0; i < 2; i++) await hear(tiers, record, fine);
    expect(await books.tierEvents('apibox/fine')).toMatchObject([{ type: 'TierPromoted', to: 'vip' }]);
    expect(told).toEqual(blamed === null ? [] : [blamed]);
  });

  it('goes on without a tier stream that nobody can append to', async () => {
    const damaging = Object.assign(Object.create(books.store) as typeof books.store, {
      append: async (appends: Parameters<typeof books.store.append>[0]) => {
        if (appends.some(({ stream }) => stream === 'tier-apibox/x'))
          throw new StreamDamaged('tier-apibox/x', 'it is gone');
        return books.store.append(appends);
      },
    });
    const going = new PromoteTiers(damaging, books.topics, new Rulebooks(damaging));
    const records = [];
    for (const account of ['a', 'x', 'b']) records.push(await books.recharge(`apibox/${account}`, 'r1', '1'));
    await hear(going, ...records);
    for (const account of ['a', 'b'])
      expect(await books.tierEvents(`apibox/${account}`)).toMatchObject([{ type: 'TierPromoted', to: 'vip' }]);
    expect([going.damaged.count, going.damaged.has('tier-apibox/x')]).toEqual([1, true]);
  });

  it('makes up with the next recharge for one that could not be read', async () => {
    const lost = await books.recharge('apibox/a', 'r1', '600');
    await hear(tiers, { ...lost, value: '{' });
    expect(await books.tierEvents('apibox/a')).toEqual([]);
    await hear(tiers, await books.recharge('apibox/a', 'r2', '1'));
    expect(await books.tierEvents('apibox/a')).toMatchObject([{ type: 'TierPromoted', to: 'svip' }]);
  });

  it('fetches from the store what was too large for a record', async () => {
    const { key, headers, value } = await books.recharge('apibox/a', 'r1', '500');
    const { data, metadata, ...named } = JSON.parse(value) as Record<string, unknown>;
    expect([typeof data, typeof metadata]).toEqual(['object', 'object']);
    await hear(tiers, { key, ...(headers && { headers }), value: JSON.stringify(named) });
    expect(await books.tierEvents('apibox/a')).toMatchObject([{ type: 'TierPromoted', to: 'svip' }]);
  });

  it('is tried again where the store is away', async () => {
    const away = Object.assign(Object.create(books.store) as typeof books.store, {
      head: () => Promise.reject(new StoreUnavailable('for the moment')),
    });
    const waiting = new PromoteTiers(away, books.topics, new Rulebooks(away));
    const record = await books.recharge('apibox/a', 'r1', '1');
    await expect(hear(waiting, record)).rejects.toThrow('for the moment');
    expect(waiting.damaged.count).toBe(0);
  });
});
