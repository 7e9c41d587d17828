import type { DeliveredBatch } from '@meterbook/topics/topics';
import { UsageInHand } from './usage-in-hand';

const batch = (partition: number, timestamp: number): DeliveredBatch => ({
  topic: 'usage.recorded',
  partition,
  records: [
    { topic: 'usage.recorded', partition, offset: 0, timestamp, headers: {}, key: 'k', value: '' },
    { topic: 'usage.recorded', partition, offset: 1, timestamp: timestamp + 500, headers: {}, key: 'k', value: '' },
  ],
});

describe('the age of usage that is not charged yet', () => {
  it('is that of the oldest in hand, until it is charged, however often it is tried', () => {
    const inHand = new UsageInHand();
    const { signal } = new AbortController();
    expect(inHand.oldestAgeMs(10_000)).toBe(0);
    inHand.begin(batch(0, 9_000), signal);
    inHand.begin(batch(1, 4_000), signal);
    expect(inHand.oldestAgeMs(10_000)).toBe(6_000);
    inHand.begin(batch(1, 4_000), signal);
    inHand.end(batch(0, 9_000));
    expect(inHand.oldestAgeMs(11_000)).toBe(7_000);
    inHand.end(batch(1, 4_000));
    expect(inHand.oldestAgeMs(11_000)).toBe(0);
  });

  it('leaves out what is another process’s by now, and is never below nothing where a clock was set back', () => {
    const inHand = new UsageInHand();
    const mine = new AbortController();
    inHand.begin(batch(0, 1_000), mine.signal);
    expect(inHand.oldestAgeMs(500)).toBe(0);
    mine.abort();
    expect(inHand.oldestAgeMs(99_000)).toBe(0);
  });
});
