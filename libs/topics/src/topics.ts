/** A record to publish. Records of one key stay in order: murmur2 of the key chooses the partition (Kafka's rule). */
export interface TopicRecord {
  readonly key: string;
  /**
   * UTF-8 text. Bytes that are no UTF-8 come and go unharmed: each is a lone surrogate here, U+DC80 for 0x80 to U+DCFF for 0xFF
   * (`text-bytes.ts`), which `JSON.stringify` escapes and `JSON.parse` gives back.
   */
  readonly value: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface DeliveredRecord extends TopicRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** When the topic took the record, milliseconds since 1970; never falls along a partition. */
  readonly timestamp: number;
  readonly headers: Readonly<Record<string, string>>;
}

export interface DeliveredBatch {
  readonly topic: string;
  readonly partition: number;
  /** In offset order, never empty. */
  readonly records: readonly DeliveredRecord[];
}

/**
 * Resolves when every record of the batch is dealt with for good; only then is its offset committed.
 * A rejection means: deliver the same batch again, with backoff, for ever.
 * The signal is aborted when the consumer stops or has lost the partition: end soon, by resolving or by rejecting.
 * It is the same for every batch of the partition: take off it what you put on it. A rejection after it is no failure.
 */
export type BatchHandler = (batch: DeliveredBatch, signal: AbortSignal) => Promise<void>;

export interface ConsumerLag {
  readonly topic: string;
  readonly partition: number;
  /** Records published and not yet committed by the group. */
  readonly lag: number;
  /** The first offset that the group has not committed; 0 where it has committed none. */
  readonly committed: number;
}

/** A partition that does not move on: its batch failed, or could not be read, and is tried again. */
export interface DeliveryFailure {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  /** The first offset that is not committed. */
  readonly offset: number;
  /** Failures in a row, from 1. */
  readonly attempt: number;
  readonly retryInMs: number;
  readonly error: unknown;
}

/** The partition whose last failure was reported, and which has moved on or is no longer this consumer's. */
export type DeliveryRecovery = Pick<DeliveryFailure, 'group' | 'topic' | 'partition'>;

/** Told of every delivery that fails and of the end of its failures; an adapter takes it when it is made. It must not throw. */
export interface DeliveryListener {
  /** After each failure, before the wait. */
  failed(failure: DeliveryFailure): void;
  /** Once per row of failures. */
  recovered(recovery: DeliveryRecovery): void;
  /** In its place where the partition did not move on, and is no longer this consumer's. Told as recovered where nobody listens for it. */
  released?(place: DeliveryRecovery): void;
  /** A record could no longer be read as it was written. It is delivered with an empty key and the bytes that were found as its value. */
  damaged?(record: DeliveredRecord): void;
  /** Records of a topic that this group has not consumed are deleted, since nobody was a member of it for as long as they are kept. */
  abandoned?(place: { readonly group: string; readonly topic: string }): void;
}

/** Says that a partition that failed is no longer this consumer's. */
export function tellReleased(listener: DeliveryListener | undefined, place: DeliveryRecovery): void {
  if (listener?.released) listener.released(place);
  else listener?.recovered(place);
}

/** The largest record, in bytes of key, headers as JSON and value together: what a broker with default settings takes. */
export const MAX_RECORD_BYTES = 1_000_000;

/** Nothing of this publish was taken, because one record is larger than `MAX_RECORD_BYTES`; it will never be. */
export class RecordTooLarge extends Error {
  override readonly name = 'RecordTooLarge';

  constructor(
    readonly topic: string,
    /** Where it stands in the list that was to be published. */
    readonly index: number,
    readonly bytes: number,
  ) {
    super(`record ${index} for topic ${topic} has ${bytes} bytes, more than ${MAX_RECORD_BYTES}`);
  }
}

/** Nothing of this publish was taken, because too much is already waiting to become durable; the same call may succeed a little later. */
export class TopicsBusy extends Error {
  override readonly name = 'TopicsBusy';

  constructor(
    readonly topic: string,
    detail: string,
  ) {
    super(`topic ${topic} is busy: ${detail}`);
  }
}

/** Nothing of this publish was taken, because it could not be written, as where the disk is full; the same call may succeed later. */
export class TopicsUnavailable extends Error {
  override readonly name = 'TopicsUnavailable';

  constructor(
    readonly topic: string,
    cause: unknown,
  ) {
    super(`topic ${topic} cannot be written just now: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

export abstract class Topics {
  /**
   * Resolves when every record is durable: on a majority (acks=all) or on disk. Refuses with `TopicsBusy` when a queue limit is
   * reached, with `TopicsUnavailable` where nothing could be written, and with `RecordTooLarge`. Records of one key that are published one after the other, or in one list, keep that order.
   * Any other rejection is an unknown outcome: publishing the same records again is safe, because every consumer drops what it knows.
   */
  abstract publish(topic: string, records: readonly TopicRecord[]): Promise<void>;
  /**
   * Joins a consumer group: each partition is delivered to one member, in order, one batch at a time; partitions run side by side.
   * A group without an offset starts at the earliest record. Resolves once aborted and every running handler has ended.
   */
  abstract consume(group: string, topics: readonly string[], handle: BatchHandler, signal: AbortSignal): Promise<void>;
  /** How far a group is behind, a row per partition that has records. */
  abstract lag(group: string, topics: readonly string[]): Promise<ConsumerLag[]>;
  /** Stops every `consume`, waits for its handlers and for what is being published, and lets go of the engine. */
  abstract close(): Promise<void>;
}
