import type { CreditGranted } from '@meterbook/domain/account/wallet/events';
import { accountStream, checkpointStream } from '@meterbook/books/account-stream';
import { decodeEvent, MAX_EVENT_BYTES } from '@meterbook/books/event-codec';
import type { AccountCheckpointed } from '@meterbook/domain/account/checkpoint';
import { EmbeddedEventStore } from '@meterbook/event-store/embedded/embedded-event-store';
import type { StoredEvent } from '@meterbook/event-store/event-store';
import type { ChargingParts } from '../charging/charging-parts';
import { EmbeddedLedger, platform, usageRecord } from '../testing/embedded-ledger';

const never = new AbortController().signal;
const stream = accountStream({ platform, account: 'a' });
const checkpointEvery = 20;
/** More events than are read whole without a look at the checkpoints. */
const usages = 70;
/** Grants with the longest ids, whose lots and ids make a state of more than 896 KiB. */
const manyGrants = 2_000;

/** A store that counts what is read of the account's own stream. */
class CountingStore extends EmbeddedEventStore {
  eventsRead = 0;

  override async *read(...given: Parameters<EmbeddedEventStore['read']>): AsyncIterable<StoredEvent> {
    for await (const stored of super.read(...given)) {
      if (stored.stream === stream) this.eventsRead += 1;
      yield stored;
    }
  }
}

const grant = (n: number): CreditGranted => ({
  type: 'CreditGranted',
  occurredAt: '2026-11-21T10:00:00.000Z',
  rulebook: 1,
  grantId: `${n}-`.padEnd(256, 'g'),
  currency: 'CNY',
  amount: '1',
  reason: 'bonus',
  expiresAt: null,
  starter: false,
  lot: n + 1,
  settled: '0',
  wallet: String(101 + n),
  receivable: '0',
  digest: 'd',
});

describe('the checkpoints of an account', () => {
  let ledger: EmbeddedLedger;
  beforeEach(async () => {
    ledger = new EmbeddedLedger();
    await ledger.publish();
    await ledger.open('a', '100');
  });
  afterEach(() => ledger.close());

  const charge = async ({ charge: loop, writer }: ChargingParts, from: number, to: number): Promise<void> => {
    for (let i = from; i < to; i++) {
      const records = [usageRecord('a', `u${i}`, i)];
      await loop.handle({ topic: 'usage.recorded', partition: 0, records }, never);
      await writer.idle();
    }
  };
  const written = async (): Promise<AccountCheckpointed[]> => {
    const found: AccountCheckpointed[] = [];
    for await (const stored of ledger.store.read(checkpointStream(stream), 'start', 'forward'))
      found.push(decodeEvent<AccountCheckpointed>(stored));
    return found;
  };
  const grantMany = async ({ writer }: ChargingParts): Promise<void> => {
    const events = Array.from({ length: manyGrants }, (_, n) => grant(n));
    await writer.command({ stream, decide: () => ({ events, metadata: {}, answer: () => undefined }) });
  };

  it('are written each time so many usages were charged, with the identities since the one before', async () => {
    await charge(ledger.another(checkpointEvery), 0, usages);
    const checkpoints = await written();
    expect(checkpoints.map(({ identities }) => Buffer.from(identities, 'base64').length / 32)).toEqual([20, 20, 20]);
    // Opened and recharged at 0 and 1; each usage is an event of its own here.
    expect(checkpoints.map(({ revision }) => revision)).toEqual([21, 41, 61]);
  });

  it('are not tried any more once the state is too large, which is told once, and the account is charged as ever', async () => {
    const process = ledger.another(checkpointEvery);
    const told: [string, boolean][] = [];
    process.accounts.checkpoints.whenTooLarge((name, bytes) => told.push([name, bytes > MAX_EVENT_BYTES]));
    await grantMany(process);
    await charge(process, 0, usages);
    // Read anew, it is found to be too large once more, and is no news.
    process.accounts.forget(stream);
    await charge(process, usages, usages + checkpointEvery);
    expect(await written()).toEqual([]);
    expect(told).toEqual([[stream, true]]);
    expect(process.accounts.checkpoints.isDue(await process.accounts.confirmed(stream))).toBe(false);
    expect(process.accounts.checkpoints.tooLargeCount).toBe(1);
    expect(process.charge.counts).toMatchObject({ charged: usages + checkpointEvery, duplicates: 0 });
    const later = ledger.another(checkpointEvery);
    await charge(later, 0, usages);
    expect(later.charge.counts).toMatchObject({ charged: 0, duplicates: usages });
  });

  it('cost an account that has none its whole stream and 32 bytes a charge when it is read, but not with every look at it', async () => {
    const process = ledger.another(checkpointEvery);
    await grantMany(process);
    await charge(process, 0, usages);
    const store = new CountingStore(ledger.directory, ledger.clock);
    const { accounts } = ledger.another(checkpointEvery, store);
    const account = await accounts.confirmed(stream);
    expect(account.recent.size).toBe(usages);
    // Its newest event, which tells that they are many, and then all of them.
    const events = 2 + manyGrants + usages;
    expect(store.eventsRead).toBeGreaterThanOrEqual(events);
    store.eventsRead = 0;
    for (let looks = 0; looks < 30; looks++) {
      await charge(process, usages + looks, usages + looks + 1);
      await accounts.confirmed(stream);
    }
    expect(store.eventsRead).toBeLessThan(events);
    await store.close();
  });
});
