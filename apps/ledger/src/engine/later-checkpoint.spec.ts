import { encodeEvent } from '@meterbook/books/event-codec';
import type { DeliveredBatch, DeliveredRecord } from '@meterbook/topics/topics';
import { EmbeddedLedger, platform, usageRecord } from '../testing/embedded-ledger';

const batchOf = (...records: DeliveredRecord[]): DeliveredBatch => ({ topic: 'usage.recorded', partition: 0, records });
const never = new AbortController().signal;
const checkpoints = `checkpoint-${platform}/a`;
/** More events than are read whole without a look at the checkpoints. */
const manyCharges = 70;

describe('an account whose latest checkpoint a later version wrote', () => {
  let ledger: EmbeddedLedger;

  beforeEach(async () => {
    ledger = new EmbeddedLedger();
    await ledger.publish();
    await ledger.open('a', '1000');
  });
  afterEach(() => ledger.close());

  const chargeMany = async (checkpointEvery: number): Promise<void> => {
    const { charge } = ledger.another(checkpointEvery);
    for (let i = 0; i < manyCharges; i++) await charge.handle(batchOf(usageRecord('a', `u${i}`, i)), never);
  };

  const appendLater = async (expectedRevision: number | 'no-stream', previousHash: string): Promise<void> => {
    const state = { format: 99, of: 'a later version' };
    const event = { type: 'AccountCheckpointed', revision: 5, hash: 'h', state, identities: '' };
    const revision = expectedRevision === 'no-stream' ? 0 : expectedRevision + 1;
    const encoded = encodeEvent(checkpoints, revision, previousHash, event, { actor: 'ledger' });
    const [outcome] = await ledger.store.append([{ stream: checkpoints, expectedRevision, events: [encoded] }]);
    expect(outcome?.kind).toBe('appended');
  };

  const chargedOnce = async (): Promise<void> => {
    const process = ledger.another(20);
    await process.charge.handle(batchOf(usageRecord('a', 'u1', 100), usageRecord('a', 'new', 101)), never);
    expect(process.charge.counts).toMatchObject({ charged: 1, duplicates: 1 });
    await process.writer.idle();
    expect(await ledger.balance('a')).toEqual({ charges: manyCharges + 1, wallet: '929', receivable: '0' });
  };

  it('is read from an older one', async () => {
    await chargeMany(20);
    const head = await ledger.store.head(checkpoints);
    if (head === 'no-stream') throw new Error('no checkpoint was written');
    for await (const { hash } of ledger.store.read(checkpoints, 'end', 'backward')) {
      await appendLater(head, hash);
      break;
    }
    await chargedOnce();
  });

  it('is read from its stream where there is no older one', async () => {
    await chargeMany(1000);
    await appendLater('no-stream', '');
    await chargedOnce();
  });
});
