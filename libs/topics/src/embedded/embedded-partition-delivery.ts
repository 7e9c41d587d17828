import { backoffMs } from '@meterbook/runtime/backoff';
import type { Clock } from '@meterbook/runtime/clock';
import type { Lease } from './embedded-group-file';
import type { TopicFile } from './embedded-topic-file';
import { damagedHeader } from './record-frame';
import {
  tellReleased,
  type BatchHandler,
  type DeliveredRecord,
  type DeliveryListener,
  type DeliveryRecovery,
} from '../topics';

/** Delay before a failed batch is delivered again; each further failure doubles it. */
const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 10_000;

export interface DeliverySettings {
  readonly maxBatchRecords: number;
  readonly maxBatchBytes: number;
  readonly listener: DeliveryListener | undefined;
}

/** What one member delivers of one partition while it holds the lease. */
export interface LeasedPartition {
  readonly group: string;
  readonly lease: Lease;
  readonly topic: TopicFile;
  /** False when the lease is lost. */
  readonly commit: (offset: number) => Promise<boolean>;
}

/** Delivers one partition in order, a batch at a time: the next one only after the offset of the one before is stored. */
export class PartitionDelivery {
  private position: number;
  private attempts = 0;

  constructor(
    private readonly leased: LeasedPartition,
    private readonly handle: BatchHandler,
    private readonly clock: Clock,
    private readonly settings: DeliverySettings,
  ) {
    this.position = leased.lease.committed;
  }

  /** Ends when aborted and the handler has ended, or when the lease is lost. */
  async run(signal: AbortSignal): Promise<void> {
    let batch: readonly DeliveredRecord[] = [];
    try {
      while (!signal.aborted) {
        try {
          if (batch.length === 0) batch = this.read();
          if (batch.length > 0) await this.handle({ ...this.place(), records: batch }, signal);
        } catch (error) {
          await this.retryLater(error, signal);
          continue;
        }
        const last = batch.at(-1);
        // A batch that was dealt with counts even where the handler was told to end meanwhile.
        if (last && !(await this.commit(last.offset + 1, signal))) return;
        if (last) this.moveTo(last.offset + 1);
        else await this.waitForMore(signal);
        batch = [];
      }
    } finally {
      if (this.attempts > 0) tellReleased(this.settings.listener, this.groupPlace());
    }
  }

  /** False when the lease is lost. A disk that is full is waited for: the batch is dealt with and need not come again. */
  private async commit(offset: number, signal: AbortSignal): Promise<boolean> {
    for (;;) {
      try {
        return await this.leased.commit(offset);
      } catch (error) {
        if (signal.aborted) return false;
        await this.retryLater(error, signal);
      }
    }
  }

  private read(): DeliveredRecord[] {
    const { topic, lease } = this.leased;
    const { maxBatchRecords, maxBatchBytes, listener } = this.settings;
    const records = topic.read(lease.partition, this.position, maxBatchRecords, maxBatchBytes);
    for (const record of records) if (record.headers[damagedHeader] !== undefined) listener?.damaged?.(record);
    return records;
  }

  private async waitForMore(signal: AbortSignal): Promise<void> {
    const { topic, lease } = this.leased;
    // What the group has not committed may be gone, where it is new and the records are old.
    this.position = Math.max(this.position, topic.start(lease.partition));
    await topic.waitFor(lease.partition, this.position, signal);
  }

  private moveTo(offset: number): void {
    this.position = offset;
    this.recover();
  }

  private async retryLater(error: unknown, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    this.attempts += 1;
    const retryInMs = backoffMs({ firstMs: FIRST_RETRY_MS, longestMs: LONGEST_RETRY_MS }, this.attempts);
    const { position: offset, attempts: attempt } = this;
    this.settings.listener?.failed({ ...this.groupPlace(), offset, attempt, retryInMs, error });
    await this.clock.sleep(retryInMs, signal);
  }

  private recover(): void {
    if (this.attempts > 0) this.settings.listener?.recovered(this.groupPlace());
    this.attempts = 0;
  }

  private place(): { readonly topic: string; readonly partition: number } {
    return { topic: this.leased.topic.topic, partition: this.leased.lease.partition };
  }

  private groupPlace(): DeliveryRecovery {
    return { group: this.leased.group, ...this.place() };
  }
}
