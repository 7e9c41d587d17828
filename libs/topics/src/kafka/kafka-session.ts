import type { Clock } from '@meterbook/runtime/clock';
import { KafkaJSError, type Consumer, type EachBatchPayload, type IMemberAssignment, type KafkaConfig } from 'kafkajs';
import type { BatchHandler, ConsumerLag, DeliveryRecovery } from '../topics';
import { ConsumerStalled, keyOf, watch, type Watched } from './consumer-watchdog';
import { byNumber } from './kafka-assigner';
import { newKafka } from './kafka-client';
import { Generation } from './kafka-generation';
import { KafkaPartitionDelivery, type CommitOutcome, type DeliverySettings } from './kafka-partition-delivery';

/** How long a broker waits for new records before it answers; a partition that is resumed waits for that answer. */
const FETCH_WAIT_MS = 100;
/** Bytes of one partition in one fetch. */
const FETCH_PARTITION_BYTES = 1024 * 1024;
/** How long a rebalance waits for its members to join. */
const REBALANCE_TIMEOUT_MS = 60_000;
/** How long leaving the group and closing the connections may take. */
const DISCONNECT_TIMEOUT_MS = 10_000;
/** How long running handlers may take to end before the group is joined anew; less than kafkajs repeats a join for. */
const DRAIN_MS = 5000;
/** A heartbeat that is answered this long after a try to join was sent by a member that no longer tries. */
const JOIN_GRACE_MS = 1000;
/** Part of the session's time between two heartbeats. */
const HEARTBEAT_PART = 0.1;
/** The group is given at least this long to answer, which is more than one request may take. */
const LEAST_PATIENCE_MS = 20_000;

/** Refusals that say that the member, or this generation of it, is no longer in the group. */
const lostRefusals = new Set([
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
  'REBALANCE_IN_PROGRESS',
  'FENCED_INSTANCE_ID',
]);

export interface SessionSettings extends DeliverySettings {
  readonly client: KafkaConfig;
  /** The group's name as callers know it. */
  readonly group: string;
  readonly prefix: string;
  readonly topics: readonly string[];
  readonly sessionTimeoutMs: number;
  readonly stallMs: number;
}

/** What outlives a session: who still runs, and what this member had. */
export interface Continuity {
  /** The delivery of each partition that has not ended yet, by topic and number. */
  readonly running: Map<string, Promise<void>>;
  /** The offset that this member committed last, by topic and number. */
  readonly next: Map<string, number>;
  held: readonly number[];
  /** Called when the group is joined, with the partitions that this member was given. */
  joined(partitions: readonly DeliveryRecovery[]): void;
}

/**
 * One kafkajs consumer from its start to its end. kafkajs only fetches: what it fetched is handed to a delivery per partition at
 * once, so that neither its heartbeats nor its other partitions wait for a handler, and its own bookkeeping of offsets, commits
 * and restarts is not used.
 */
export class KafkaSession {
  private generation = new Generation();
  private readonly failure: Promise<never>;
  private fail: (error: unknown) => void = () => undefined;
  private stopping = false;
  private ended = false;
  private joining = false;
  private joinTriedAtMs = 0;
  /** The last time the group answered. */
  private heardAtMs: number;
  private payload: EachBatchPayload | undefined;

  constructor(
    private readonly settings: SessionSettings,
    private readonly continuity: Continuity,
    private readonly handle: BatchHandler,
    private readonly clock: Clock,
  ) {
    this.heardAtMs = clock.now();
    this.failure = new Promise((_, reject) => (this.fail = reject));
    this.failure.catch(() => undefined);
  }

  /** Delivers until aborted; rejects when kafkajs gives up or stalls. Handlers may outlive a rejection. */
  async run(signal: AbortSignal, lag: () => Promise<readonly ConsumerLag[]>): Promise<void> {
    const consumer = this.newConsumer();
    const ended = new AbortController();
    const stop = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    try {
      this.start(consumer).catch((error: unknown) => this.fail(error));
      await Promise.race([
        this.failure,
        stop,
        watch(this.watched(lag), this.settings.stallMs, this.clock, ended.signal),
      ]);
      await this.drain(consumer);
    } finally {
      ended.abort();
      this.ended = true;
      this.generation.stop(this.clock.now());
      this.generation.end();
      await this.disconnect(consumer);
    }
  }

  private watched(lag: () => Promise<readonly ConsumerLag[]>): Watched {
    const patienceMs = Math.max(this.settings.sessionTimeoutMs, LEAST_PATIENCE_MS);
    return {
      silence: () => ({
        silentMs: this.clock.now() - this.heardAtMs,
        // A join is answered when every member has joined.
        patienceMs: patienceMs + (this.joining ? REBALANCE_TIMEOUT_MS : 0),
      }),
      deliveries: () => [...this.generation.deliveries.values()],
      lag,
    };
  }

  private newConsumer(): Consumer {
    const { client, group, prefix, sessionTimeoutMs } = this.settings;
    const assigner = byNumber({ beforeJoin: () => this.beforeJoin(), held: () => this.continuity.held });
    const consumer = newKafka(client).consumer({
      groupId: `${prefix}${group}`,
      sessionTimeout: sessionTimeoutMs,
      rebalanceTimeout: REBALANCE_TIMEOUT_MS,
      heartbeatInterval: Math.floor(sessionTimeoutMs * HEARTBEAT_PART),
      maxWaitTimeInMs: FETCH_WAIT_MS,
      maxBytesPerPartition: FETCH_PARTITION_BYTES,
      allowAutoTopicCreation: false,
      partitionAssigners: [assigner],
      retry: { ...client.retry, restartOnFailure: async () => false },
    });
    consumer.on(consumer.events.CRASH, ({ payload: { error } }) => {
      this.generation.end();
      this.fail(error);
    });
    consumer.on(consumer.events.HEARTBEAT, () => this.heard());
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => this.joined(consumer, payload.memberAssignment));
    return consumer;
  }

  private heard(): void {
    const now = this.clock.now();
    this.heardAtMs = now;
    // A join that failed for a reason that passed: kafkajs goes on with the partitions that were taken back from it here.
    if (!this.stopping && this.generation.stoppedAtMs !== undefined && now - this.joinTriedAtMs > JOIN_GRACE_MS)
      this.fail(new ConsumerStalled('the group was not joined anew'));
  }

  private async start(consumer: Consumer): Promise<void> {
    await consumer.connect();
    await consumer.subscribe({
      topics: this.settings.topics.map((topic) => this.kafkaTopic(topic)),
      fromBeginning: true,
    });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: async (payload) => this.take(payload),
    });
  }

  /**
   * A rebalance takes every partition back. kafkajs waits for nobody before it joins anew, but it repeats a join that failed: so this
   * fails until what runs has ended and is committed, or until waiting longer would cost the membership.
   */
  private beforeJoin(): void {
    // A join may be under way when the consumer is closed, and would go on after that.
    if (this.ended) throw new Error('the consumer has ended');
    const now = this.clock.now();
    this.joinTriedAtMs = now;
    const { generation } = this;
    generation.stop(now);
    const drainUntilMs = (generation.stoppedAtMs ?? now) + Math.min(DRAIN_MS, this.settings.sessionTimeoutMs / 2);
    if (!generation.isDone() && !generation.isOver() && now < drainUntilMs)
      throw Object.assign(new KafkaJSError('handlers of the partitions are still running'), {
        type: 'REBALANCE_IN_PROGRESS',
      });
    // From here on the group may have given the partitions to others.
    generation.end();
    if (!this.joining) this.heardAtMs = now;
    this.joining = true;
  }

  private joined(consumer: Consumer, assignment: IMemberAssignment): void {
    if (this.ended) {
      // The answer to a join was under way when the consumer was closed.
      void this.disconnect(consumer);
      return;
    }
    this.heardAtMs = this.clock.now();
    this.joining = false;
    this.generation.end();
    const generation = new Generation();
    this.generation = generation;
    const places = this.settings.topics.flatMap((topic) =>
      (assignment[this.kafkaTopic(topic)] ?? []).map((partition) => ({ group: this.settings.group, topic, partition })),
    );
    this.continuity.held = [...new Set(places.map(({ partition }) => partition))];
    this.continuity.joined(places);
    // kafkajs keeps what was paused before the rebalance.
    if (consumer.paused().length > 0) consumer.resume(consumer.paused());
    if (this.stopping) this.pauseAll(consumer, places);
    else for (const place of places) this.deliver(consumer, generation, place);
  }

  private deliver(consumer: Consumer, generation: Generation, place: DeliveryRecovery): void {
    const key = keyOf(place);
    const { running } = this.continuity;
    const partitions = [{ topic: this.kafkaTopic(place.topic), partitions: [place.partition] }];
    const delivery = new KafkaPartitionDelivery(
      {
        place,
        commit: (offset) => this.commit(generation, place, offset),
        pause: () => {
          if (!generation.isOver()) consumer.pause(partitions);
        },
        resume: () => {
          if (!generation.isOver() && !this.stopping) consumer.resume(partitions);
        },
        predecessor: running.get(key) ?? Promise.resolve(),
      },
      this.handle,
      this.clock,
      this.settings,
    );
    const ended = generation.run(key, delivery).catch((error: unknown) => this.fail(error));
    running.set(key, ended);
    void ended.then(() => running.get(key) === ended && running.delete(key));
  }

  private take(payload: EachBatchPayload): void {
    const { batch } = payload;
    const topic = batch.topic.slice(this.settings.prefix.length);
    const delivery = this.generation.deliveries.get(keyOf({ topic, partition: batch.partition }));
    if (
      this.stopping ||
      !payload.isRunning() ||
      payload.isStale() ||
      !delivery ||
      this.generation.stoppedAtMs !== undefined
    )
      return;
    this.payload = payload;
    delivery.push(batch.messages);
    // Where to fetch next; nothing is committed by it.
    payload.resolveOffset(batch.lastOffset());
  }

  /**
   * One try. The check and the making of the request are one step: kafkajs puts the generation of that moment into the request, so
   * that it is either this one or nothing is sent.
   */
  private async commit(generation: Generation, place: DeliveryRecovery, offset: number): Promise<CommitOutcome> {
    if (generation.isOver() || !this.payload) return 'lost';
    const partitions = [{ partition: place.partition, offset: String(offset) }];
    try {
      await this.payload.commitOffsetsIfNecessary({ topics: [{ topic: this.kafkaTopic(place.topic), partitions }] });
      this.continuity.next.set(keyOf(place), offset);
      return 'stored';
    } catch (error) {
      if (generation.isOver() || (error instanceof Error && 'type' in error && lostRefusals.has(String(error.type))))
        return 'lost';
      throw error;
    }
  }

  /** Lets running handlers end and commits what they did, as a member of the group. */
  private async drain(consumer: Consumer): Promise<void> {
    this.stopping = true;
    const { generation } = this;
    generation.stop(this.clock.now());
    if (!generation.isOver())
      this.pauseAll(
        consumer,
        [...generation.deliveries.values()].map(({ place }) => place),
      );
    await generation.done();
  }

  /** What is fetched while the session stops is not taken, and would be fetched again and again. */
  private pauseAll(consumer: Consumer, places: readonly DeliveryRecovery[]): void {
    consumer.pause(places.map(({ topic, partition }) => ({ topic: this.kafkaTopic(topic), partitions: [partition] })));
  }

  private async disconnect(consumer: Consumer): Promise<void> {
    const done = new AbortController();
    const disconnected = consumer
      .disconnect()
      .catch(() => undefined)
      .then(() => done.abort());
    await Promise.race([disconnected, this.clock.sleep(DISCONNECT_TIMEOUT_MS, done.signal)]);
  }

  private kafkaTopic(topic: string): string {
    return `${this.settings.prefix}${topic}`;
  }
}
