import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '@meterbook/runtime/clock';
import { EmbeddedConsumer, type ConsumerSettings } from './embedded-consumer';
import { FILE_ENDING, GROUPS } from './embedded-files';
import { GroupFile } from './embedded-group-file';
import { TopicFile } from './embedded-topic-file';
import { OpenConsumers } from '../open-consumers';
import { Topics, type BatchHandler, type ConsumerLag, type DeliveryListener, type TopicRecord } from '../topics';

/** A member that was not heard of for this long has lost its partitions. That of a process that runs no more is not waited for. */
export const LEASE_MS = 10_000;
/** Records and bytes of one batch. */
export const MAX_BATCH_RECORDS = 2000;
export const MAX_BATCH_BYTES = 4 * 1024 * 1024;
/** Bytes of one topic that may wait to become durable. */
export const MAX_QUEUED_BYTES = 64 * 1024 * 1024;

const name = /^[0-9A-Za-z._-]{1,200}$/;

export interface EmbeddedTopicsOptions {
  /** Put before the name of every topic and keeps the groups apart, as `TOPIC_PREFIX` says. */
  readonly prefix: string;
  /** Partitions of a topic that is created. A topic that has another number is refused. */
  readonly partitions: number;
  /** Topics that have another number of partitions. */
  readonly partitionsOf?: Readonly<Record<string, number>>;
  /**
   * Topics whose records are deleted once they are older than this and every group that ever consumed the topic has committed them.
   * A group without a member for as long is waited for no more where another one is alive, and the listener is told.
   */
  readonly retentionMs?: Readonly<Record<string, number>>;
  readonly listener?: DeliveryListener;
  readonly leaseMs?: number;
  readonly maxBatchRecords?: number;
  readonly maxBatchBytes?: number;
  readonly maxQueuedBytes?: number;
}

/**
 * Topics in local SQLite files, durable at each publish: a file per topic in `directory`, a file per consumer group in
 * `directory/groups`. Several threads or processes may open the same directory; they share nothing but the files.
 */
export class EmbeddedTopics extends Topics {
  private readonly topics = new Map<string, TopicFile>();
  private readonly groups = new Map<string, GroupFile>();
  private readonly consumers = new OpenConsumers();
  /** Groups that are waited for no more, and of which topic, as far as the listener was told. */
  private readonly abandoned = new Set<string>();

  constructor(
    private readonly directory: string,
    private readonly clock: Clock,
    private readonly options: EmbeddedTopicsOptions,
  ) {
    super();
  }

  override async publish(topic: string, records: readonly TopicRecord[]): Promise<void> {
    this.consumers.refuseWhenClosed();
    if (records.length > 0) await this.topic(topic).publish(records);
  }

  override async consume(
    group: string,
    topics: readonly string[],
    handle: BatchHandler,
    signal: AbortSignal,
  ): Promise<void> {
    await this.consumers.run(signal, (stop) => {
      const consumed = {
        groupName: group,
        group: this.group(group),
        topics: new Map(topics.map((topic) => [topic, this.topic(topic)])),
        maintain: () => this.maintain(topics),
      };
      return new EmbeddedConsumer(consumed, handle, this.clock, this.consumerSettings()).run(stop);
    });
  }

  override async lag(group: string, topics: readonly string[]): Promise<ConsumerLag[]> {
    this.consumers.refuseWhenClosed();
    // A group that only asks is none: it must not hold back what is old.
    const file = existsSync(this.groupPath(group)) ? this.group(group) : undefined;
    return topics.flatMap((topic) => {
      const offsets = file?.committed(topic) ?? [];
      const records = this.topic(topic);
      return records.ends().flatMap((end, partition) => {
        const committed = offsets[partition] ?? 0;
        const from = Math.max(committed, records.start(partition));
        return end === 0 ? [] : [{ topic, partition, lag: end - from, committed }];
      });
    });
  }

  override close(): Promise<void> {
    return this.consumers.close(async () => {
      for (const file of [...this.topics.values(), ...this.groups.values()]) await file.close();
    });
  }

  private async maintain(topics: readonly string[]): Promise<void> {
    for (const topic of topics)
      await this.topic(topic).maintain(this.options.retentionMs?.[topic], (oldMs) => this.committedByAll(topic, oldMs));
  }

  /**
   * Per partition, the offset before which every group that knows the topic has done with everything; empty without such a group. A
   * group that had no member since an instant is left out, unless all are such.
   */
  private committedByAll(topic: string, aliveSinceMs: number): number[] {
    const knowing = readdirSync(this.groupsFolder())
      .filter((file) => file.endsWith(FILE_ENDING))
      .map((file) => file.slice(0, -FILE_ENDING.length))
      .map((group) => ({ group, committed: this.group(group).committed(topic), seenAt: this.group(group).seenAt() }))
      .filter(({ committed }) => committed.length > 0);
    const alive = knowing.filter(({ seenAt }) => seenAt >= aliveSinceMs);
    for (const { group } of alive.length > 0 ? knowing : [])
      if (!alive.some((one) => one.group === group)) this.abandon(group, topic);
    const [first, ...others] = (alive.length > 0 ? alive : knowing).map(({ committed }) => committed);
    return (first ?? []).map((offset, partition) =>
      others.reduce((least, committed) => Math.min(least, committed[partition] ?? 0), offset),
    );
  }

  private abandon(group: string, topic: string): void {
    const place = `${topic} ${group}`;
    if (this.abandoned.has(place)) return;
    this.abandoned.add(place);
    this.options.listener?.abandoned?.({ group, topic });
  }

  private consumerSettings(): ConsumerSettings {
    const { listener, leaseMs, maxBatchRecords, maxBatchBytes } = this.options;
    return {
      listener,
      leaseMs: leaseMs ?? LEASE_MS,
      maxBatchRecords: maxBatchRecords ?? MAX_BATCH_RECORDS,
      maxBatchBytes: maxBatchBytes ?? MAX_BATCH_BYTES,
    };
  }

  private topic(topic: string): TopicFile {
    let file = this.topics.get(topic);
    if (!file) {
      const { prefix, partitions, partitionsOf, maxQueuedBytes } = this.options;
      const path = join(this.directory, `${prefix}${checked('topic', topic)}${FILE_ENDING}`);
      const settings = {
        partitions: partitionsOf?.[topic] ?? partitions,
        maxQueuedBytes: maxQueuedBytes ?? MAX_QUEUED_BYTES,
      };
      file = new TopicFile(path, topic, settings, this.clock);
      this.topics.set(topic, file);
    }
    return file;
  }

  private group(group: string): GroupFile {
    let file = this.groups.get(group);
    if (!file) {
      file = new GroupFile(this.groupPath(group), this.clock);
      this.groups.set(group, file);
    }
    return file;
  }

  private groupPath(group: string): string {
    return join(this.groupsFolder(), `${checked('group', group)}${FILE_ENDING}`);
  }

  private groupsFolder(): string {
    return join(this.directory, `${this.options.prefix}${GROUPS}`);
  }
}

function checked(what: string, text: string): string {
  if (!name.test(text))
    throw new Error(`the name of a ${what} is 1 to 200 letters, digits, dots, underscores or hyphens: ${text}`);
  return text;
}
