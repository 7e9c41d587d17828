import type { DeliveredBatch } from '@meterbook/topics/topics';

interface InHand {
  /** When the topic took its first record, milliseconds since 1970. */
  readonly takenAt: number;
  /** Aborted once the partition is somebody else's. */
  readonly signal: AbortSignal;
}

/** The batches that are being charged, also those that failed and come again: how long usage has waited, at the most. */
export class UsageInHand {
  private readonly batches = new Map<string, InHand>();

  begin({ topic, partition, records }: DeliveredBatch, signal: AbortSignal): void {
    const [first] = records;
    if (first) this.batches.set(`${topic} ${partition}`, { takenAt: first.timestamp, signal });
  }

  end({ topic, partition }: Pick<DeliveredBatch, 'topic' | 'partition'>): void {
    this.batches.delete(`${topic} ${partition}`);
  }

  /** How long the oldest usage that is in hand has waited at an instant, milliseconds; 0 where none is. */
  oldestAgeMs(nowMs: number): number {
    let age = 0;
    for (const [place, { takenAt, signal }] of this.batches) {
      if (signal.aborted) this.batches.delete(place);
      else age = Math.max(age, nowMs - takenAt);
    }
    return age;
  }
}
