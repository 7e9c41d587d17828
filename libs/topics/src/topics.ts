/** A record to publish. Records of one key stay in order: murmur2 of the key chooses the partition (Kafka's rule). */
export interface TopicRecord {
  readonly key: string;
  /** UTF-8 text, handed on byte for byte. */
  readonly value: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface DeliveredRecord extends TopicRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** When the topic took the record, milliseconds since 1970. */
  readonly timestamp: number;
  readonly headers: Readonly<Record<string, string>>;
}

export interface DeliveredBatch {
  readonly topic: string;
  readonly partition: number;
  /** In offset order, never empty. */
  readonly records: readonly DeliveredRecord[];
}

/** Resolves when every record of the batch is dealt with for good; only then is its offset committed. A rejection means: deliver again, with backoff. */
export type BatchHandler = (batch: DeliveredBatch, signal: AbortSignal) => Promise<void>;

export interface ConsumerLag {
  readonly topic: string;
  readonly partition: number;
  /** Records published and not yet committed by the group. */
  readonly lag: number;
}

export abstract class Topics {
  /** Resolves when every record is durable: on a majority (acks=all) or on disk. */
  abstract publish(topic: string, records: readonly TopicRecord[]): Promise<void>;
  /**
   * Joins a consumer group: each partition is delivered to one member, in order, one batch at a time; partitions run side by side.
   * A group without an offset starts at the earliest record. Resolves once aborted and every running handler has ended.
   */
  abstract consume(group: string, topics: readonly string[], handle: BatchHandler, signal: AbortSignal): Promise<void>;
  /** How far a group is behind, a row per partition that has records. */
  abstract lag(group: string, topics: readonly string[]): Promise<ConsumerLag[]>;
  abstract close(): Promise<void>;
}
