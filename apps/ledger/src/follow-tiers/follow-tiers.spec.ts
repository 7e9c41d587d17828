import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TierPromoted } from '@meterbook/domain/tier/events';
import { encodeTexts } from '@meterbook/books/event-codec';
import { chainStart } from '@meterbook/event-store/hash-chain';
import { StoreUnavailable, StreamDamaged } from '@meterbook/event-store/store-failure';
import { accountStream } from '@meterbook/books/account-stream';
import { ManualClock } from '@meterbook/runtime/testing/manual-clock';
import type { DeliveredRecord } from '@meterbook/topics/topics';
import { chargingParts, type ChargingParts } from '../charging/charging-parts';
import { EmbeddedLedger } from '../testing/embedded-ledger';

const limits = { maxBytes: 64e6, checkpointEvery: 1000, maxAgeDays: 35 };

describe('a promotion', () => {
  let ledger: EmbeddedLedger;
  let told: string[];

  beforeEach(async () => {
    ledger = new EmbeddedLedger();
    await ledger.publish();
    await ledger.open('fine');
    told = [];
    ledger.parts.followTiers.damaged.listen(({ stream, damage }) => told.push(`${stream}: ${damage}`));
  });
  afterEach(() => ledger.close());

  const promoted: Omit<TierPromoted, 'type'> = {
    occurredAt: '2026-11-01T00:00:00.000Z',
    from: 'default',
    to: 'vip',
    rulebook: 1,
    rule: { anyRecharge: true },
    rechargeId: 'r1',
    rechargeRevision: 1,
    recharges: 1,
    single: '100',
    cumulative: '100',
  };
  const record = (key: string, more: Readonly<Record<string, unknown>> = {}): DeliveredRecord => {
    const stream = `tier-${key}`;
    const value = { stream, revision: 0, type: 'TierPromoted', data: promoted, metadata: {}, ...more };
    const headers = { type: value.type, stream };
    const place = { topic: 'tier.changes', partition: 0, offset: 0, timestamp: 1_790_000_000_000 };
    return { ...place, key, headers, value: JSON.stringify(value) };
  };
  const hear = (...records: DeliveredRecord[]): Promise<void> =>
    ledger.parts.followTiers.handle({ topic: 'tier.changes', partition: 0, records }, new AbortController().signal);
  const tierChanges = async (account: string): Promise<number> =>
    (await ledger.events(account)).filter(({ type }) => type === 'TierChanged').length;

  it('is taken into its account once, however often it comes', async () => {
    await hear(record('apibox/fine'), record('apibox/fine'));
    await hear(record('apibox/fine'));
    expect([await tierChanges('fine'), told]).toEqual([1, []]);
  });

  it('waits for no promotion of another account', async () => {
    const accounts = Array.from({ length: 20 }, (_, n) => `many${n}`);
    for (const account of accounts) await ledger.open(account);
    await hear(record('apibox/fine'));
    const append = jest.spyOn(ledger.store, 'append');
    await hear(...accounts.map((account) => record(`apibox/${account}`)));
    // As many as come together share an append; the first may be alone.
    expect(append.mock.calls.length).toBeLessThanOrEqual(2);
    for (const account of accounts) expect(await tierChanges(account)).toBe(1);
  });

  it('brings all that was earned, also where a later one was heard before it', async () => {
    const later = { revision: 3, data: { ...promoted, to: 'gold', earned: ['silver', 'gold'] } };
    await hear(record('apibox/fine', later), record('apibox/fine'), record('apibox/fine', later));
    const changes = (await ledger.events('fine')).filter(({ type }) => type === 'TierChanged');
    expect(changes).toMatchObject([
      { to: 'gold', earned: ['silver', 'gold'], tierRevision: 3 },
      { to: 'vip', tierRevision: 0 },
    ]);
    expect(changes[1]).not.toHaveProperty('earned');
    expect(told).toEqual([]);
  });

  it.each<readonly [what: string, broken: DeliveredRecord, blamed: readonly string[]]>([
    [
      'of an account that was never opened',
      record('apibox/nobody'),
      ['tier-apibox/nobody: its promotion at revision 0 was not booked: the account was never opened'],
    ],
    [
      'of a platform that nobody knows',
      record('nowhere/a'),
      ['tier-nowhere/a: its promotion at revision 0 was not booked: the account was never opened'],
    ],
    ['of an account that nobody can have', record('a b'), []],
    ['of a later version', record('apibox/fine', { type: 'TierSoldAtAuction', data: {} }), []],
    [
      'without a tier',
      record('apibox/x', { data: {} }),
      ['tier-apibox/x: the promotion at revision 0 names no tier or no time'],
    ],
    [
      'of no time',
      record('apibox/x', { data: { ...promoted, occurredAt: 'yesterday' } }),
      ['tier-apibox/x: the promotion at revision 0 has a time that is none'],
    ],
    ...['vip', { vip: true }, ['vip', 7]].map((earned): readonly [string, DeliveredRecord, readonly string[]] => [
      `that earned ${JSON.stringify(earned)}`,
      record('apibox/x', { data: { ...promoted, earned } }),
      ['tier-apibox/x: the promotion at revision 0 names what was earned by no list'],
    ]),
    [
      'without data',
      record('apibox/x', { data: 7 }),
      ['tier-apibox/x: the record is no event of tier-apibox/x: its data or metadata at revision 0 are no objects'],
    ],
    [
      'that is not JSON',
      { ...record('apibox/x'), value: '{' },
      ['tier-apibox/x: the record is no event of tier-apibox/x: it is not JSON'],
    ],
    [
      'that is named and not there',
      record('apibox/x', { data: undefined }),
      ['tier-apibox/x: it has no revision 0, which was relayed'],
    ],
  ])('%s is passed over, and the next one is not', async (_what, broken, blamed) => {
    for (let i = 0; i < 2; i++) await hear(broken, record('apibox/fine'));
    expect([await tierChanges('fine'), told]).toEqual([1, blamed]);
  });

  it('that was too large for its record is fetched from the store', async () => {
    const stream = 'tier-apibox/fine';
    const events = [encodeTexts(stream, 0, chainStart, 'TierPromoted', JSON.stringify(promoted), '{}')];
    await ledger.store.append([{ stream, expectedRevision: 'no-stream', events }]);
    await hear(record('apibox/fine', { data: undefined, metadata: undefined }));
    expect([await tierChanges('fine'), told]).toEqual([1, []]);
  });

  it('is delivered again where the store is away', async () => {
    const away = Object.assign(Object.create(ledger.store) as typeof ledger.store, {
      append: () => Promise.reject(new StoreUnavailable('for the moment')),
    });
    const { followTiers } = ledger.another(1000, away);
    const batch = { topic: 'tier.changes', partition: 0, records: [record('apibox/fine')] };
    await expect(followTiers.handle(batch, new AbortController().signal)).rejects.toThrow('for the moment');
    expect(followTiers.damaged.count).toBe(0);
  });

  describe('that a damaged account could not take', () => {
    const stream = accountStream({ platform: 'apibox', account: 'fine' });
    const tierStream = 'tier-apibox/fine';
    const file = (): string => join(ledger.directory, 'ledger', 'waiting-promotions.db');
    /** Something that the ledger did not write stands in the way, until the store is the other one again. */
    const torn = (of: string): typeof ledger.store =>
      Object.assign(Object.create(ledger.store) as typeof ledger.store, {
        read: async function* (...args: Parameters<typeof ledger.store.read>) {
          if (args[0] === of) throw new StreamDamaged(of, 'it was cut');
          yield* ledger.store.read(...args);
        },
      });
    const parts = (store = ledger.store, clock = new ManualClock()): ChargingParts =>
      chargingParts(store, ledger.topics, limits, { clock, log: ledger.log, ledgerFolder: dirname(file()) });

    beforeEach(async () => {
      const events = [encodeTexts(tierStream, 0, chainStart, 'TierPromoted', JSON.stringify(promoted), '{}')];
      await ledger.store.append([{ stream: tierStream, expectedRevision: 'no-stream', events }]);
    });

    const hearWhileTorn = async (of: string, heard: DeliveredRecord): Promise<void> => {
      const { followTiers } = parts(torn(of));
      await followTiers.handle({ topic: 'tier.changes', partition: 0, records: [heard] }, new AbortController().signal);
      expect([await tierChanges('fine'), followTiers.damaged.has(of)]).toEqual([0, true]);
    };
    /** Runs the loop for so long, by its own clock. */
    const retry = async (store: typeof ledger.store, ms: number): Promise<ChargingParts> => {
      const clock = new ManualClock();
      const process = parts(store, clock);
      const stop = new AbortController();
      const running = process.retryPromotions.run(stop.signal);
      for (let passed = 0; passed < ms; passed += 1000) await clock.advance(1000);
      stop.abort();
      await clock.advance(1000);
      await running;
      return process;
    };

    it.each([
      ['its own', stream, record('apibox/fine')],
      ['that of its tier', tierStream, record('apibox/fine', { data: undefined, metadata: undefined })],
    ])('is taken once its stream is whole, after a restart too: %s', async (_what, of, heard) => {
      await hearWhileTorn(of, heard);
      await retry(torn(of), 60_000);
      expect(await tierChanges('fine')).toBe(0);
      const { followTiers } = await retry(ledger.store, 5_000);
      expect([await tierChanges('fine'), followTiers.damaged.count]).toEqual([1, 0]);
      await retry(ledger.store, 5_000);
      expect(await tierChanges('fine')).toBe(1);
    });

    it('is remembered anew where the file is damaged, and then as well', async () => {
      await hearWhileTorn(stream, record('apibox/fine'));
      writeFileSync(file(), 'garbage '.repeat(1000));
      await hearWhileTorn(stream, record('apibox/fine'));
      await retry(ledger.store, 5_000);
      expect(await tierChanges('fine')).toBe(1);
    });

    it('is not waited for where no account will ever take it', async () => {
      const { followTiers } = parts();
      const records = [record('apibox/nobody'), record('apibox/x', { data: {} })];
      await followTiers.handle({ topic: 'tier.changes', partition: 0, records }, new AbortController().signal);
      expect(followTiers.damaged.count).toBe(2);
      expect(existsSync(file())).toBe(false);
    });
  });
});
