import { randomUUID } from 'node:crypto';
import type { Clock } from '@meterbook/runtime/clock';
import { SteadyClock } from '@meterbook/runtime/steady-clock';
import type { GroupFile, Lease } from './embedded-group-file';
import { PartitionDelivery, type DeliverySettings } from './embedded-partition-delivery';
import type { TopicFile } from './embedded-topic-file';
import type { BatchHandler } from '../topics';

/** How often a member looks whether its group has changed. */
const MEMBERSHIP_POLL_MS = 50;
/** Leases are renewed when this part of their time is over. */
const RENEW_PART = 0.25;

export interface ConsumerSettings extends DeliverySettings {
  /** A member that was not heard of for this long has lost its partitions. */
  readonly leaseMs: number;
}

/** What a consumer works on. */
export interface Consumed {
  readonly groupName: string;
  readonly group: GroupFile;
  /** By the names that callers use. */
  readonly topics: ReadonlyMap<string, TopicFile>;
  /** Called now and then, for what a consumer does on behalf of the writers. */
  readonly maintain: () => Promise<void>;
}

interface Running {
  readonly lease: Lease;
  readonly abort: AbortController;
  readonly done: Promise<void>;
}

/** One member of a consumer group: holds its share of the partitions and has them delivered side by side. */
export class EmbeddedConsumer {
  private readonly member = randomUUID();
  private readonly running = new Map<Lease, Running>();
  /** Leases whose delivery has ended and that are to be given back. */
  private readonly ended = new Set<Lease>();
  private readonly errors: unknown[] = [];
  /** Ends the sleep of the member's loop. */
  private wake: () => void = () => undefined;

  constructor(
    private readonly consumed: Consumed,
    private readonly handle: BatchHandler,
    private readonly clock: Clock,
    private readonly settings: ConsumerSettings,
  ) {}

  /** Delivers until aborted; resolves when every handler has ended and the partitions are given back. */
  async run(signal: AbortSignal): Promise<void> {
    const stop = (): void => this.wake();
    signal.addEventListener('abort', stop);
    try {
      while (!signal.aborted && this.errors.length === 0) await this.rest(await this.balance(), signal);
    } finally {
      signal.removeEventListener('abort', stop);
      for (const { abort } of this.running.values()) abort.abort();
      await Promise.all([...this.running.values()].map(({ done }) => done));
      await this.consumed.group.leave(this.member);
    }
    if (this.errors.length > 0) throw this.errors[0];
  }

  /** Renews the leases, starts and ends deliveries; returns the state of the group that this was in balance with. */
  private async balance(): Promise<number> {
    const ended = [...this.ended];
    const { acquired, revoked, changes } = await this.consumed.group.balance({
      member: this.member,
      topics: new Map([...this.consumed.topics].map(([name, topic]) => [name, topic.partitions])),
      leaseMs: this.settings.leaseMs,
      held: [...this.running.keys()].filter((lease) => !ended.includes(lease)),
      ended,
    });
    for (const lease of ended) {
      this.ended.delete(lease);
      this.running.delete(lease);
    }
    for (const lease of revoked) this.running.get(lease)?.abort.abort();
    for (const lease of acquired) this.start(lease);
    return changes;
  }

  /** Waits until the leases are to be renewed, the group changes or a delivery ends. */
  private async rest(changes: number, signal: AbortSignal): Promise<void> {
    const sliceMs = Math.min(MEMBERSHIP_POLL_MS, this.settings.leaseMs * RENEW_PART);
    const renewAfterMs = this.settings.leaseMs * RENEW_PART;
    // A clock that is set back must not put the renewal off by as much.
    const steady = new SteadyClock(this.clock);
    const renewAtMs = steady.now() + renewAfterMs;
    while (steady.now() < renewAtMs && this.consumed.group.changes() === changes) {
      await this.consumed.maintain();
      if (signal.aborted || this.ended.size > 0) return;
      const awake = new AbortController();
      this.wake = () => awake.abort();
      await this.clock.sleep(sliceMs, awake.signal);
    }
  }

  private start(lease: Lease): void {
    const topic = this.consumed.topics.get(lease.topic);
    if (!topic) throw new Error(`got a partition of ${lease.topic}, which nobody asked for`);
    const { groupName: group, group: offsets } = this.consumed;
    const abort = new AbortController();
    const commit = (offset: number): Promise<boolean> => offsets.commit(this.member, lease, offset);
    const delivery = new PartitionDelivery({ group, lease, topic, commit }, this.handle, this.clock, this.settings);
    const done = delivery
      .run(abort.signal)
      .catch((error: unknown) => this.errors.push(error))
      .then(() => {
        // Whoever still listens to the handler's signal learns that the partition is no longer its own.
        abort.abort();
        this.ended.add(lease);
        this.wake();
      });
    this.running.set(lease, { lease, abort, done });
  }
}
