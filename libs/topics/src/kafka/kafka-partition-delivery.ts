import { backoffMs } from '@meterbook/runtime/backoff';
import type { Clock } from '@meterbook/runtime/clock';
import type { KafkaMessage } from 'kafkajs';
import {
  tellReleased,
  type BatchHandler,
  type DeliveredRecord,
  type DeliveryListener,
  type DeliveryRecovery,
} from '../topics';
import { decodeRecord } from './kafka-records';

/** Delay before a failed batch is delivered, or a failed commit sent, again; each further failure doubles it. */
const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 10_000;

export interface DeliverySettings {
  readonly maxBatchRecords: number;
  readonly maxBatchBytes: number;
  readonly listener: DeliveryListener | undefined;
}

/** `lost` when the group did not take it because the partition is no longer this member's. */
export type CommitOutcome = 'stored' | 'lost';

/** A partition that this member was given, for as long as nobody joins or leaves the group. */
export interface AssignedPartition {
  readonly place: DeliveryRecovery;
  readonly commit: (offset: number) => Promise<CommitOutcome>;
  /** Stops and resumes the fetching of this partition. */
  readonly pause: () => void;
  readonly resume: () => void;
  /** Ends when nobody delivers this partition any more whose time is over. */
  readonly predecessor: Promise<void>;
}

interface Fetched {
  readonly records: readonly DeliveredRecord[];
  readonly bytes: number;
}

/**
 * Delivers one partition in order, a batch at a time: the next one only after the offset of the one before is stored. What is
 * fetched waits here; where too much of it waits the partition is paused, and the others go on.
 */
export class KafkaPartitionDelivery {
  private readonly fetched: Fetched[] = [];
  private fetchedBytes = 0;
  private paused = false;
  private attempts = 0;
  private wake: () => void = () => undefined;
  /** Since when nothing waits here and nothing is being dealt with; undefined while there is work. */
  private idleSinceMs: number | undefined;

  constructor(
    private readonly assigned: AssignedPartition,
    private readonly handle: BatchHandler,
    private readonly clock: Clock,
    private readonly settings: DeliverySettings,
  ) {
    this.idleSinceMs = clock.now();
  }

  get place(): DeliveryRecovery {
    return this.assigned.place;
  }

  /** For how long it has waited for records, in milliseconds. */
  idleMs(): number {
    return this.idleSinceMs === undefined ? 0 : this.clock.now() - this.idleSinceMs;
  }

  /** Takes what was fetched, in offset order. */
  push(messages: readonly KafkaMessage[]): void {
    const { topic, partition } = this.place;
    const bytes = messages.reduce((sum, { key, value }) => sum + (key?.length ?? 0) + (value?.length ?? 0), 0);
    this.fetched.push({ records: messages.map((message) => decodeRecord(topic, partition, message)), bytes });
    this.fetchedBytes += bytes;
    this.idleSinceMs = undefined;
    if (!this.paused && this.fetchedBytes >= this.settings.maxBatchBytes) {
      this.paused = true;
      this.assigned.pause();
    }
    this.wake();
  }

  /** Ends when aborted and the handler has ended, or when the partition is lost. */
  async run(signal: AbortSignal): Promise<void> {
    const wake = (): void => this.wake();
    signal.addEventListener('abort', wake);
    try {
      await this.assigned.predecessor;
      for (let records = this.take(); !signal.aborted; records = this.take()) {
        if (records.length === 0) await this.waitForMore(signal);
        else if (!(await this.deliver(records, signal))) return;
      }
    } finally {
      signal.removeEventListener('abort', wake);
      if (this.attempts > 0) tellReleased(this.settings.listener, this.place);
    }
  }

  /** False when the partition is not this member's any more. */
  private async deliver(records: readonly DeliveredRecord[], signal: AbortSignal): Promise<boolean> {
    const { topic, partition } = this.place;
    const offset = records[0]?.offset ?? 0;
    const handled = await this.untilDone(() => this.handle({ topic, partition, records }, signal), offset, signal);
    if (!handled) return false;
    const next = (records.at(-1)?.offset ?? offset) + 1;
    // A batch that was dealt with counts even where the handler was told to end meanwhile.
    const outcome = await this.untilDone(() => this.assigned.commit(next), offset, signal);
    if (outcome?.result !== 'stored') return false;
    this.recover();
    return true;
  }

  /** Tries for ever; undefined where it did not succeed before it was aborted. */
  private async untilDone<T>(
    work: () => Promise<T>,
    offset: number,
    signal: AbortSignal,
  ): Promise<{ readonly result: T } | undefined> {
    for (;;) {
      try {
        return { result: await work() };
      } catch (error) {
        if (!(await this.retryLater(error, offset, signal))) return undefined;
      }
    }
  }

  /** False when it is aborted. */
  private async retryLater(error: unknown, offset: number, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false;
    this.attempts += 1;
    const retryInMs = backoffMs({ firstMs: FIRST_RETRY_MS, longestMs: LONGEST_RETRY_MS }, this.attempts);
    this.settings.listener?.failed({ ...this.place, offset, attempt: this.attempts, retryInMs, error });
    await this.clock.sleep(retryInMs, signal);
    return !signal.aborted;
  }

  private recover(): void {
    if (this.attempts > 0) this.settings.listener?.recovered(this.place);
    this.attempts = 0;
  }

  /** The next batch: whatever waits, up to the limits. Empty where nothing does. */
  private take(): readonly DeliveredRecord[] {
    const { maxBatchRecords, maxBatchBytes } = this.settings;
    const batch: DeliveredRecord[] = [];
    let bytes = 0;
    for (let next = this.fetched[0]; next && batch.length < maxBatchRecords; next = this.fetched[0]) {
      if (batch.length > 0 && bytes + next.bytes > maxBatchBytes) break;
      const taken = next.records.slice(0, maxBatchRecords - batch.length);
      const rest = next.records.slice(taken.length);
      const restBytes = Math.round((next.bytes * rest.length) / next.records.length);
      if (rest.length > 0) this.fetched[0] = { records: rest, bytes: restBytes };
      else this.fetched.shift();
      batch.push(...taken);
      bytes += next.bytes - restBytes;
    }
    this.fetchedBytes -= bytes;
    if (this.paused && this.fetchedBytes < maxBatchBytes / 2) {
      this.paused = false;
      this.assigned.resume();
    }
    return batch;
  }

  private async waitForMore(signal: AbortSignal): Promise<void> {
    this.idleSinceMs ??= this.clock.now();
    if (signal.aborted || this.fetched.length > 0) return;
    await new Promise<void>((resolve) => (this.wake = resolve));
  }
}
