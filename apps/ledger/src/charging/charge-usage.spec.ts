import type { UsageCharged } from '@meterbook/domain/account/charging/events';
import { instantMs } from '@meterbook/domain/time/instant';
import { EmbeddedEventStore } from '@meterbook/event-store/embedded/embedded-event-store';
import type { AppendOutcome, StreamAppend } from '@meterbook/event-store/event-store';
import type { DeliveredBatch, DeliveredRecord } from '@meterbook/topics/topics';
import { accountStream } from '@meterbook/books/account-stream';
import type { DeadLetter } from '@meterbook/messages/dead-letter';
import { EmbeddedLedger, platform, rulebook, usageRecord } from '../testing/embedded-ledger';

const batchOf = (...records: DeliveredRecord[]): DeliveredBatch => ({ topic: 'usage.recorded', partition: 0, records });
const never = new AbortController().signal;

/** A store whose appends become durable and then fail on order, as a broken connection looks. */
class FailingAfterTheWrite extends EmbeddedEventStore {
  failures = 0;

  override async append(appends: readonly StreamAppend[]): Promise<AppendOutcome[]> {
    const outcomes = await super.append(appends);
    if (this.failures-- > 0) throw new Error('connection lost');
    return outcomes;
  }
}

describe('charging usage', () => {
  let ledger: EmbeddedLedger;

  beforeEach(async () => {
    ledger = new EmbeddedLedger();
    await ledger.publish();
    await ledger.open('a');
    await ledger.open('b');
  });
  afterEach(() => ledger.close());

  const deadLetters = (): Promise<DeadLetter[]> => ledger.deadLetters();

  it('charges a batch as one event an account', async () => {
    await ledger.parts.charge.handle(
      batchOf(usageRecord('a', 'u1', 0), usageRecord('b', 'u1', 1), usageRecord('a', 'u2', 2)),
      never,
    );
    const charged = (await ledger.events('a')).filter((event): event is UsageCharged => event.type === 'UsageCharged');
    expect(charged.map(({ charges }) => charges.map(({ id, amount }) => [id, amount]))).toEqual([
      [
        ['u1', '1'],
        ['u2', '1'],
      ],
    ]);
    expect(await ledger.balance('a')).toEqual({ charges: 2, wallet: '98', receivable: '0' });
    expect(await ledger.balance('b')).toEqual({ charges: 1, wallet: '99', receivable: '0' });
  });

  it('says of charges when they were decided', async () => {
    const before = ledger.clock.now();
    await ledger.parts.charge.handle(batchOf(usageRecord('a', 'u1', 0)), never);
    const charged = (await ledger.events('a')).find((event): event is UsageCharged => event.type === 'UsageCharged');
    const decidedAt = instantMs(charged?.decidedAt ?? '');
    expect(decidedAt).toBeGreaterThanOrEqual(before);
    expect(decidedAt).toBeLessThanOrEqual(ledger.clock.now());
  });

  it('charges the same usage once: in one batch, delivered again, and through another process', async () => {
    const copies = batchOf(usageRecord('a', 'u1', 0), usageRecord('a', 'u1', 1), usageRecord('a', 'u1', 2));
    await ledger.parts.charge.handle(copies, never);
    await ledger.parts.charge.handle(copies, never);
    await ledger.another().charge.handle(copies, never);
    expect(await ledger.balance('a')).toEqual({ charges: 1, wallet: '99', receivable: '0' });
    expect(ledger.parts.charge.counts).toEqual({ charged: 1, duplicates: 5, deadLetters: 0, unratable: 0 });
    expect(await deadLetters()).toEqual([]);
  });

  it('keeps a second arrival with other content as a conflict and never charges it', async () => {
    const other = { data: { units: { requests: 2 } } };
    await ledger.parts.charge.handle(batchOf(usageRecord('a', 'u1', 0), usageRecord('a', 'u1', 1, other)), never);
    await ledger.parts.charge.handle(batchOf(usageRecord('a', 'u1', 2, other)), never);
    expect(await ledger.balance('a')).toEqual({ charges: 1, wallet: '99', receivable: '0' });
    const letters = await deadLetters();
    expect(letters.map(({ id, reason }) => [id, reason])).toEqual([
      ['usage.recorded-0-1', 'id_conflict'],
      ['usage.recorded-0-2', 'id_conflict'],
    ]);
    expect(letters[0]?.event).toBe(usageRecord('a', 'u1', 1, other).value);
  });

  it('does not hold a dead letter against a later arrival of the same id', async () => {
    const broken = { data: { model: 'not-yet' } };
    await ledger.parts.charge.handle(batchOf(usageRecord('a', 'u1', 0, broken), usageRecord('a', 'u1', 1)), never);
    expect(await ledger.balance('a')).toMatchObject({ charges: 1 });
    expect((await deadLetters()).map(({ reason }) => reason)).toEqual(['unknown_model']);
  });

  it('keeps what cannot be charged with its bytes, and goes on', async () => {
    await ledger.parts.charge.handle(
      batchOf(
        { ...usageRecord('a', 'u1', 0), value: '{"specversion":' },
        usageRecord('nobody', 'u2', 1),
        usageRecord('a', 'u3', 2, { data: { model: 'no-such-model' } }),
        usageRecord('a', 'u4', 3, { data: { units: { bananas: 3 } } }),
        usageRecord('a', 'u5', 4, { time: '2026-01-01T00:00:00Z' }),
        usageRecord('a', 'u6', 5, { time: '2027-01-01T00:00:00Z' }),
        usageRecord('a', 'u7', 6, { platform: 'no-such-platform' }),
        usageRecord('a', 'u8', 7, { data: { apiKeyId: 'no-such-key' } }),
        usageRecord('a', 'u9', 8),
      ),
      never,
    );
    const letters = await deadLetters();
    expect(new Map(letters.map(({ id, reason }) => [id.slice(-1), reason]))).toEqual(
      new Map([
        ['0', 'malformed'],
        ['1', 'unknown_account'],
        ['2', 'unknown_model'],
        ['3', 'unknown_unit'],
        ['4', 'usage_too_old'],
        ['5', 'usage_in_future'],
        ['6', 'unknown_account'],
        ['7', 'unknown_api_key'],
      ]),
    );
    expect(letters.find(({ reason }) => reason === 'malformed')?.event).toBe('{"specversion":');
    expect(await ledger.balance('a')).toEqual({ charges: 1, wallet: '99', receivable: '0' });
  });

  it('does not believe that an account is unknown once another process has opened it', async () => {
    const late = ledger.another();
    await late.charge.handle(batchOf(usageRecord('c', 'u1', 0)), never);
    await ledger.open('c');
    await late.charge.handle(batchOf(usageRecord('c', 'u2', 1)), never);
    expect(await ledger.balance('c')).toMatchObject({ charges: 1, wallet: '99' });
  });

  it('counts the age window in the record’s own time', async () => {
    const redriven = {
      ...usageRecord('a', 'u1', 0),
      timestamp: 1_790_000_000_000 + 40 * 86_400_000,
      headers: { 'accepted-at': '1790000000000', 'dead-letter-id': 'usage.recorded-3-7' },
    };
    await ledger.parts.charge.handle(batchOf(redriven), never);
    expect(await ledger.balance('a')).toMatchObject({ charges: 1 });
  });

  it('charges nothing twice when an append was written and its answer lost', async () => {
    const store = new FailingAfterTheWrite(ledger.directory, ledger.clock);
    const process = ledger.another(1000, store);
    const batch = batchOf(usageRecord('a', 'u1', 0), usageRecord('b', 'u2', 1));
    store.failures = 1;
    await expect(process.charge.handle(batch, never)).rejects.toThrow('connection lost');
    await process.charge.handle(batch, never);
    expect(await ledger.balance('a')).toMatchObject({ charges: 1, wallet: '99' });
    expect(await ledger.balance('b')).toMatchObject({ charges: 1, wallet: '99' });
    await store.close();
  });

  it('charges each usage once when two processes work on the same batches at once', async () => {
    const zombieStore = new EmbeddedEventStore(ledger.directory, ledger.clock);
    const zombie = ledger.another(50, zombieStore);
    const owner = ledger.another(50);
    const batches = Array.from({ length: 30 }, (_, i) =>
      batchOf(...Array.from({ length: 20 }, (__, j) => usageRecord(j % 2 ? 'a' : 'b', `u${i * 20 + j}`, i * 20 + j))),
    );
    const work = async (process: typeof owner, order: DeliveredBatch[]): Promise<void> => {
      for (const batch of order) await process.charge.handle(batch, never);
    };
    await Promise.all([work(owner, batches), work(zombie, batches), work(owner, [...batches].reverse())]);
    expect(await ledger.balance('a')).toEqual({ charges: 300, wallet: '0', receivable: '200' });
    expect(await ledger.balance('b')).toEqual({ charges: 300, wallet: '0', receivable: '200' });
    await zombieStore.close();
  });

  it('knows what was charged before a checkpoint, from memory and from cold', async () => {
    const process = ledger.another(10);
    for (let i = 0; i < 25; i++)
      await process.charge.handle(
        batchOf(...[0, 1, 2, 3].map((j) => usageRecord('a', `u${i * 4 + j}`, i * 4 + j))),
        never,
      );
    await process.writer.idle();
    const loaded = await process.accounts.confirmed(accountStream({ platform, account: 'a' }));
    expect(loaded.checkpoint).toBeGreaterThan(3);
    expect(loaded.recent.size).toBeLessThan(10);
    const all = batchOf(...Array.from({ length: 100 }, (_, i) => usageRecord('a', `u${i}`, i)));
    await process.charge.handle(all, never);
    const cold = ledger.another(10);
    await cold.charge.handle(all, never);
    await cold.charge.handle(batchOf(usageRecord('a', 'u3', 200, { data: { units: { requests: 9 } } })), never);
    expect(await ledger.balance('a')).toEqual({ charges: 100, wallet: '0', receivable: '0' });
    expect((await deadLetters()).map(({ reason }) => reason)).toEqual(['id_conflict']);
    const found = await cold.accounts.findCharge(await cold.accounts.confirmed(loaded.stream), 'gw', 'u3');
    expect(found?.charge.id).toBe('u3');
  });

  it('prices by the version in force at the usage, as of the head of the rulebook', async () => {
    await ledger.publish({
      ...rulebook,
      models: [...rulebook.models, { id: 'later', group: 'default', price: { mode: 'request', unit: '2' } }],
    });
    await ledger.parts.charge.handle(batchOf(usageRecord('a', 'u1', 0, { data: { model: 'later' } })), never);
    expect(await ledger.balance('a')).toMatchObject({ wallet: '98' });
  });
});
