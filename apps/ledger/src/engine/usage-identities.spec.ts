import type { StoredEvent } from '@meterbook/event-store/event-store';
import { EmbeddedEventStore } from '@meterbook/event-store/embedded/embedded-event-store';
import { accountStream, checkpointStream } from '@meterbook/books/account-stream';
import { EmbeddedLedger, platform, usageRecord } from '../testing/embedded-ledger';
import type { LoadedAccount } from './loaded-account';

const never = new AbortController().signal;
const stream = accountStream({ platform, account: 'a' });
const usages = 100;

/** A store that counts what is read of checkpoints. */
class CountingStore extends EmbeddedEventStore {
  checkpointsRead = 0;

  override async *read(...given: Parameters<EmbeddedEventStore['read']>): AsyncIterable<StoredEvent> {
    for await (const stored of super.read(...given)) {
      if (stored.stream.startsWith('checkpoint-')) this.checkpointsRead += 1;
      yield stored;
    }
  }
}

describe('the identities of usage', () => {
  let ledger: EmbeddedLedger;
  let store: CountingStore;

  beforeAll(async () => {
    ledger = new EmbeddedLedger();
    await ledger.publish();
    await ledger.open('a', '1000');
    const process = ledger.another(10);
    // Batches that are no multiple of a checkpoint's charges: one falls due in the middle of a batch.
    for (let from = 0; from < usages; from += 7) {
      const records = Array.from({ length: Math.min(7, usages - from) }, (_, i) =>
        usageRecord('a', `u${from + i}`, from + i),
      );
      await process.charge.handle({ topic: 'usage.recorded', partition: 0, records }, never);
      await process.writer.idle();
    }
    store = new CountingStore(ledger.directory, ledger.clock);
  });
  afterAll(async () => {
    await store.close();
    await ledger.close();
  });

  const cold = async (): Promise<{
    readonly account: LoadedAccount;
    readonly find: (id: string, since: number) => Promise<number | undefined>;
  }> => {
    const { accounts } = ledger.another(10, store);
    const account = await accounts.confirmed(stream);
    store.checkpointsRead = 0;
    const find = async (id: string, since: number): Promise<number | undefined> =>
      (await accounts.identities.find(account, account.keyOf('gw', id), since))?.revision;
    return { account, find };
  };

  it('are each found at one place, those of a batch in which a checkpoint fell due included', async () => {
    const { find } = await cold();
    const places = await Promise.all(Array.from({ length: usages }, (_, i) => find(`u${i}`, -Infinity)));
    expect(places.every((revision) => revision !== undefined)).toBe(true);
    expect(await find('never', -Infinity)).toBeUndefined();
  });

  it('are read back no further than they are asked about, and each checkpoint once', async () => {
    const { account, find } = await cold();
    const booked: number[] = [];
    for await (const { bookedAt } of ledger.store.read(checkpointStream(stream), 'start', 'forward'))
      booked.push(bookedAt);
    const newest = booked.at(-1) ?? 0;
    expect(await find('never', newest + 1)).toBeUndefined();
    expect(store.checkpointsRead).toBe(1);
    expect(account.knownSince).toBe(newest + 1);
    expect(await find('never', -Infinity)).toBeUndefined();
    const all = store.checkpointsRead;
    expect(all).toBeLessThanOrEqual(booked.length + 1);
    expect(await find('never2', -Infinity)).toBeUndefined();
    expect(store.checkpointsRead).toBe(all);
  });

  it('are not believed where the filter says perhaps and the checkpoint does not', async () => {
    const { account, find } = await cold();
    await find('never', -Infinity);
    account.filter?.add(0, account.keyOf('gw', 'falsely'));
    const before = store.checkpointsRead;
    expect(await find('falsely', -Infinity)).toBeUndefined();
    expect(store.checkpointsRead).toBe(before + 1);
  });
});
