import { accountStream, checkpointStream } from '@meterbook/books/account-stream';
import { decodeEvent, encodeEvent } from '@meterbook/books/event-codec';
import type { AccountCheckpointed } from '@meterbook/domain/account/checkpoint';
import { toSnapshot } from '@meterbook/domain/account/snapshot';
import { EmbeddedEventStore } from '@meterbook/event-store/embedded/embedded-event-store';
import type { StoredEvent } from '@meterbook/event-store/event-store';
import { StreamDamaged } from '@meterbook/event-store/store-failure';
import { EmbeddedLedger, platform, usageRecord } from '../testing/embedded-ledger';
import { AccountLoader } from './account-loader';
import { Checkpoints } from './checkpoints';
import type { LoadedAccount } from './loaded-account';

const never = new AbortController().signal;
const stream = accountStream({ platform, account: 'a' });
const checkpointEvery = 20;
/** More events than are read whole without a look at the checkpoints. */
const usages = 70;

/** A store that counts what is read of the account's own stream, and may show an event other than it is. */
class WatchedStore extends EmbeddedEventStore {
  eventsRead = 0;
  show: (stored: StoredEvent) => StoredEvent = (stored) => stored;

  override async *read(...given: Parameters<EmbeddedEventStore['read']>): AsyncIterable<StoredEvent> {
    for await (const stored of super.read(...given)) {
      if (stored.stream === stream) this.eventsRead += 1;
      yield this.show(stored);
    }
  }
}

describe('the loader of accounts', () => {
  let ledger: EmbeddedLedger;
  let store: WatchedStore;
  let loader: AccountLoader;

  beforeEach(async () => {
    ledger = new EmbeddedLedger();
    await ledger.publish();
    await ledger.open('a', '100');
    store = new WatchedStore(ledger.directory, ledger.clock);
    loader = new AccountLoader(store, new Checkpoints(store, checkpointEvery), ledger.clock);
  });
  afterEach(async () => {
    await store.close();
    await ledger.close();
  });

  const charge = async (count: number, every = checkpointEvery): Promise<void> => {
    const { charge: loop, writer } = ledger.another(every);
    for (let i = 0; i < count; i++) {
      await loop.handle({ topic: 'usage.recorded', partition: 0, records: [usageRecord('a', `u${i}`, i)] }, never);
      await writer.idle();
    }
  };
  const stateOf = ({ account }: LoadedAccount): unknown => account && toSnapshot(account);
  /** The account as its whole stream says, without any checkpoint. */
  const fromItsStream = async (): Promise<LoadedAccount> => {
    const whole = await new AccountLoader(store, new Checkpoints(store, Infinity), ledger.clock).read('none');
    const account = Object.assign(whole, { stream });
    await loader.foldTail(account);
    store.eventsRead = 0;
    return account;
  };
  const lastCheckpoint = async (): Promise<{ stored: StoredEvent; event: AccountCheckpointed }> => {
    for await (const stored of ledger.store.read(checkpointStream(stream), 'end', 'backward'))
      return { stored, event: decodeEvent<AccountCheckpointed>(stored) };
    throw new Error('no checkpoint was written');
  };
  const appendCheckpoint = async (change: Partial<AccountCheckpointed>): Promise<void> => {
    const { stored, event } = await lastCheckpoint();
    const { revision } = stored;
    const next = encodeEvent(stored.stream, revision + 1, stored.hash, { ...event, ...change }, { actor: 'ledger' });
    await ledger.store.append([{ stream: stored.stream, expectedRevision: revision, events: [next] }]);
  };

  it('knows nothing of an account without a stream', async () => {
    const account = await loader.read(accountStream({ platform, account: 'nobody' }));
    expect([account.account, account.revision]).toEqual([undefined, -1]);
  });

  it('reads one of a few events once and whole', async () => {
    await charge(10);
    const account = await loader.read(stream);
    expect([store.eventsRead, account.revision, account.recent.size, account.knownSince]).toEqual([
      12,
      11,
      10,
      -Infinity,
    ]);
  });

  it('reads a longer one from its newest checkpoint on, to the same state as its stream says', async () => {
    await charge(usages);
    const whole = await fromItsStream();
    const account = await loader.read(stream);
    expect(stateOf(account)).toEqual(stateOf(whole));
    expect([account.revision, account.hash]).toEqual([whole.revision, whole.hash]);
    // The ten usages after the third checkpoint; those before it are found in the checkpoints.
    expect([account.recent.size, account.checkpoint, account.checkpointsFrom, account.knownSince]).toEqual([
      10,
      2,
      3,
      Infinity,
    ]);
  });

  it.each<[string, Partial<AccountCheckpointed>]>([
    ['of an event that its stream does not have', { revision: 9_999 }],
    ['of an event with another hash', { hash: 'another' }],
    ['whose state is of a later format', { state: { format: 99 } }],
    ['whose state makes no sense', { state: 'x' }],
    ['without identities', { identities: undefined as unknown as string }],
    ['whose revision is no number', { revision: 'x' as unknown as number }],
  ])('passes over a checkpoint %s, and remembers every identity', async (_what, change) => {
    await charge(usages);
    await appendCheckpoint(change);
    const whole = await fromItsStream();
    const account = await loader.read(stream);
    expect(stateOf(account)).toEqual(stateOf(whole));
    expect([account.recent.size, account.remembersAll, account.checkpoint]).toEqual([usages, true, 3]);
  });

  it('reads an account whose checkpoints are lost from its stream, and writes none', async () => {
    await charge(usages);
    const damaged: WatchedStore['show'] = (stored) => {
      if (stored.stream.startsWith('checkpoint-')) throw new StreamDamaged(stored.stream, 'it was deleted');
      return stored;
    };
    store.show = damaged;
    const account = await loader.read(stream);
    expect([account.recent.size, account.remembersAll, account.withoutCheckpoints]).toEqual([usages, true, true]);
  });

  it.each<[string, number, (stored: StoredEvent) => StoredEvent]>([
    ['whose hash does not follow', 10, (stored) => ({ ...stored, data: stored.data.replace('gw', 'wg') })],
    ['of a type from the future', 10, (stored) => ({ ...stored, type: 'SomethingElse' })],
  ])('takes an account with an event %s for damaged', async (_what, count, change) => {
    await charge(count);
    store.show = (stored) => (stored.stream === stream && stored.revision === 5 ? change(stored) : stored);
    await expect(loader.read(stream)).rejects.toThrow(StreamDamaged);
  });

  it('folds what was appended since, and nothing twice', async () => {
    await charge(5);
    const account = await loader.read(stream);
    const { charge: loop } = ledger.another();
    await loop.handle({ topic: 'usage.recorded', partition: 0, records: [usageRecord('a', 'late', 99)] }, never);
    await Promise.all([loader.foldTail(account), loader.foldTail(account)]);
    expect([account.revision, account.recent.size, stateOf(account)]).toEqual([7, 6, stateOf(await fromItsStream())]);
  });
});
