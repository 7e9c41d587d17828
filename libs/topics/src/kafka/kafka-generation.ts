import type { KafkaPartitionDelivery } from './kafka-partition-delivery';

/** The partitions that were shared out at one time. It is over when the group is joined anew. */
export class Generation {
  private over = false;
  stoppedAtMs: number | undefined;
  readonly deliveries = new Map<string, KafkaPartitionDelivery>();
  private readonly running = new Map<AbortController, Promise<void>>();

  /** From now on the partitions may be others'. */
  end(): void {
    this.over = true;
  }

  isOver(): boolean {
    return this.over;
  }

  isDone(): boolean {
    return this.running.size === 0;
  }

  /** Runs a delivery until it ends or the generation is stopped. */
  run(key: string, delivery: KafkaPartitionDelivery): Promise<void> {
    const abort = new AbortController();
    const ended = delivery.run(abort.signal).finally(() => {
      // Whoever still listens to the handler's signal learns that the partition is no longer its own.
      abort.abort();
      this.running.delete(abort);
    });
    this.deliveries.set(key, delivery);
    this.running.set(abort, ended);
    return ended;
  }

  stop(nowMs: number): void {
    this.stoppedAtMs ??= nowMs;
    for (const abort of this.running.keys()) abort.abort();
  }

  async done(): Promise<void> {
    await Promise.allSettled(this.running.values());
  }
}
