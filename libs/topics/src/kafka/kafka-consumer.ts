import { backoffMs } from '@meterbook/runtime/backoff';
import type { Clock } from '@meterbook/runtime/clock';
import type { Random } from '@meterbook/runtime/random';
import {
  tellReleased,
  type BatchHandler,
  type ConsumerLag,
  type DeliveryListener,
  type DeliveryRecovery,
} from '../topics';
import { ConsumerStalled, keyOf } from './consumer-watchdog';
import { KafkaSession, type Continuity, type SessionSettings } from './kafka-session';
import { TopicsUnfit } from './kafka-topic-setup';

/** Delay before a consumer that failed is started again; each further failure without a joined group between doubles it. */
const FIRST_RESTART_MS = 100;
const LONGEST_RESTART_MS = 10_000;

/** Where a group is behind and what it has committed. */
export interface GroupProgress {
  lag(): Promise<readonly ConsumerLag[]>;
  /** Makes and checks the topics. */
  prepare(): Promise<unknown>;
  /** Every partition of the consumed topics. */
  readonly partitions: readonly DeliveryRecovery[];
}

/** A member of a consumer group for as long as it is wanted: starts a new session wherever one ends. */
export class KafkaConsumer {
  private readonly running = new Map<string, Promise<void>>();
  private readonly next = new Map<string, number>();
  private attempts = 0;
  /** What was reported as failing and has not recovered. */
  private reported: readonly DeliveryRecovery[] = [];
  private assigned: readonly DeliveryRecovery[];
  private readonly continuity: Continuity;

  constructor(
    private readonly settings: SessionSettings,
    private readonly progress: GroupProgress,
    private readonly handle: BatchHandler,
    private readonly clock: Clock,
    private readonly random: Random,
  ) {
    // Until the group has said what this member is given, it may be any.
    this.assigned = progress.partitions;
    this.continuity = {
      running: this.running,
      next: this.next,
      held: [],
      joined: (partitions) => this.joined(partitions),
    };
  }

  /** Delivers until aborted; resolves when every handler has ended and the group is left. Rejects where the topics are unfit. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.progress.prepare();
        const session = new KafkaSession(
          { ...this.settings, listener: this.unlessReported() },
          this.continuity,
          this.handle,
          this.clock,
        );
        await session.run(signal, () => this.progress.lag());
      } catch (error) {
        if (error instanceof TopicsUnfit) throw error;
        await this.restartLater(error, signal);
      }
    }
    await Promise.all(this.running.values());
    for (const place of this.reported) tellReleased(this.settings.listener, place);
    this.reported = [];
  }

  private joined(partitions: readonly DeliveryRecovery[]): void {
    this.assigned = partitions;
    this.attempts = 0;
    this.recover();
  }

  private async restartLater(error: unknown, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    this.attempts += 1;
    const { attempts: attempt } = this;
    const retryInMs = backoffMs({ firstMs: FIRST_RESTART_MS, longestMs: LONGEST_RESTART_MS }, attempt, this.random);
    // A stall concerns one partition, everything else all of them.
    const places = error instanceof ConsumerStalled && error.place ? [error.place] : this.assigned;
    const known = new Set(this.reported.map(keyOf));
    this.reported = [...this.reported, ...places.filter((place) => !known.has(keyOf(place)))];
    for (const place of places)
      this.settings.listener?.failed({ ...place, offset: this.next.get(keyOf(place)) ?? 0, attempt, retryInMs, error });
    await this.clock.sleep(retryInMs, signal);
  }

  /** A delivery that ends with its session has not recovered: what is reported of the session goes on. */
  private unlessReported(): DeliveryListener | undefined {
    const { listener } = this.settings;
    if (!listener) return undefined;
    const isReported = (place: DeliveryRecovery): boolean => this.reported.some((one) => keyOf(one) === keyOf(place));
    return {
      failed: (failure) => listener.failed(failure),
      recovered: (place) => {
        if (!isReported(place)) listener.recovered(place);
      },
      released: (place) => {
        if (!isReported(place)) tellReleased(listener, place);
      },
    };
  }

  private recover(): void {
    for (const place of this.reported) this.settings.listener?.recovered(place);
    this.reported = [];
  }
}
