import type { DeliveryFailure, DeliveryListener, DeliveryRecovery } from './topics';

/** Keeps which partitions do not move on just now, for a health check; at most one row per group and partition. */
export class DeliveryHealth implements DeliveryListener {
  private readonly failures = new Map<string, DeliveryFailure>();

  failed(failure: DeliveryFailure): void {
    this.failures.set(keyOf(failure), failure);
  }

  recovered(recovery: DeliveryRecovery): void {
    this.failures.delete(keyOf(recovery));
  }

  /** The last failure of each partition that has not moved on since. */
  current(): DeliveryFailure[] {
    return [...this.failures.values()];
  }
}

function keyOf({ group, topic, partition }: DeliveryRecovery): string {
  return `${group} ${topic} ${partition}`;
}
