import type { KafkaMessage } from 'kafkajs';
import { ManualClock } from '@meterbook/runtime/testing/manual-clock';
import type { DeliveredBatch, DeliveryFailure, DeliveryRecovery } from '../topics';
import { KafkaPartitionDelivery, type CommitOutcome } from './kafka-partition-delivery';

const place = { group: 'ledger', topic: 'usage', partition: 3 };
const messages = (from: number, to: number, bytes = 1): KafkaMessage[] =>
  Array.from({ length: to - from }, (_, i) => ({
    key: Buffer.from(''),
    value: Buffer.alloc(bytes, 'x'),
    headers: {},
    offset: String(from + i),
    timestamp: '1000',
    attributes: 0,
  }));

describe('the delivery of a partition of Kafka', () => {
  let clock: ManualClock;
  let abort: AbortController;
  let log: string[];
  let handle: (batch: DeliveredBatch, signal: AbortSignal) => Promise<void>;
  let commit: (offset: number) => Promise<CommitOutcome>;
  let predecessor: Promise<void>;
  let delivery: KafkaPartitionDelivery;
  let ended: boolean;

  const start = (): void => {
    delivery = new KafkaPartitionDelivery(
      {
        place,
        commit: (offset) => commit(offset),
        pause: () => log.push('pause'),
        resume: () => log.push('resume'),
        predecessor,
      },
      (batch, signal) => handle(batch, signal),
      clock,
      {
        maxBatchRecords: 3,
        maxBatchBytes: 100,
        listener: {
          failed: ({ attempt, offset, retryInMs }: DeliveryFailure) =>
            log.push(`failed ${attempt} ${offset} ${retryInMs}`),
          recovered: ({ partition }: DeliveryRecovery) => log.push(`recovered ${partition}`),
        },
      },
    );
    ended = false;
    void delivery.run(abort.signal).then(() => (ended = true));
  };
  const offsetsOf = ({ records }: DeliveredBatch): string => records.map(({ offset }) => offset).join(' ');

  beforeEach(() => {
    clock = new ManualClock();
    abort = new AbortController();
    log = [];
    predecessor = Promise.resolve();
    handle = async (batch) => void log.push(offsetsOf(batch));
    commit = async (offset) => {
      log.push(`commit ${offset}`);
      return 'stored';
    };
  });
  afterEach(() => abort.abort());

  it('delivers whatever waits, up to the limit, and commits after each batch', async () => {
    start();
    delivery.push(messages(0, 2));
    delivery.push(messages(2, 4));
    delivery.push(messages(4, 5));
    await clock.settle();
    expect(log).toEqual(['0 1 2', 'commit 3', '3 4', 'commit 5']);
  });

  it('delivers the same batch again, later and later, until it is dealt with', async () => {
    let failures = 0;
    handle = async (batch) => {
      log.push(offsetsOf(batch));
      if ((failures += 1) <= 2) throw new Error('the store is down');
    };
    start();
    delivery.push(messages(7, 8));
    await clock.advance(100);
    await clock.advance(199);
    expect(log).toEqual(['7', 'failed 1 7 100', '7', 'failed 2 7 200']);
    delivery.push(messages(8, 9));
    await clock.advance(1);
    expect(log.slice(4)).toEqual(['7', 'commit 8', 'recovered 3', '8', 'commit 9']);
  });

  it('does not deliver the next batch before the offset of this one is stored', async () => {
    let down = true;
    commit = async (offset) => {
      log.push(`commit ${offset}`);
      if (down) throw new Error('no broker answers');
      return 'stored';
    };
    start();
    delivery.push(messages(0, 4));
    await clock.advance(250);
    expect(log).toEqual(['0 1 2', 'commit 3', 'failed 1 0 100', 'commit 3', 'failed 2 0 200']);
    down = false;
    await clock.advance(50);
    expect(log.slice(5)).toEqual(['commit 3', 'recovered 3', '3', 'commit 4']);
  });

  it('ends when the partition is lost, and delivers nothing more', async () => {
    commit = async () => 'lost';
    start();
    delivery.push(messages(0, 9));
    await clock.settle();
    expect(log).toEqual(['0 1 2']);
    expect(ended).toBe(true);
  });

  it('commits what was dealt with after it was told to end, and nothing else', async () => {
    handle = async (batch) => {
      log.push(offsetsOf(batch));
      abort.abort();
    };
    start();
    delivery.push(messages(0, 9));
    await clock.settle();
    expect(log).toEqual(['0 1 2', 'commit 3']);
    expect(ended).toBe(true);
  });

  it('reports no failure of a handler that was told to end', async () => {
    handle = async () => {
      abort.abort();
      throw new Error('told to end');
    };
    start();
    delivery.push(messages(0, 1));
    await clock.settle();
    expect(log).toEqual([]);
    expect(ended).toBe(true);
  });

  it('starts only once the one before it has ended', async () => {
    let end = (): void => undefined;
    predecessor = new Promise((resolve) => (end = resolve));
    start();
    delivery.push(messages(0, 1));
    await clock.settle();
    expect(log).toEqual([]);
    end();
    await clock.settle();
    expect(log).toEqual(['0', 'commit 1']);
  });

  it('pauses where too many bytes wait, and resumes where half of them are gone', async () => {
    let release = (): void => undefined;
    handle = async (batch) => {
      log.push(offsetsOf(batch));
      await new Promise<void>((resolve) => (release = resolve));
    };
    start();
    delivery.push(messages(0, 1, 20));
    await clock.settle();
    delivery.push(messages(1, 4, 20));
    expect(log).toEqual(['0']);
    delivery.push(messages(4, 7, 20));
    expect(log).toEqual(['0', 'pause']);
    release();
    await clock.settle();
    expect(log.slice(2)).toEqual(['commit 1', '1 2 3']);
    release();
    await clock.settle();
    expect(log.slice(4)).toEqual(['commit 4', 'resume', '4 5 6']);
    release();
  });

  it('is idle only while nothing waits and nothing is being dealt with', async () => {
    let release = (): void => undefined;
    handle = () => new Promise<void>((resolve) => (release = resolve));
    start();
    await clock.advance(500);
    expect(delivery.idleMs()).toBe(500);
    delivery.push(messages(0, 1));
    await clock.advance(500);
    expect(delivery.idleMs()).toBe(0);
    release();
    await clock.advance(300);
    expect(delivery.idleMs()).toBe(300);
  });
});
