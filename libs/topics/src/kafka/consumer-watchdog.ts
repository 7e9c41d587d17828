import type { Clock } from '@meterbook/runtime/clock';
import type { ConsumerLag, DeliveryRecovery } from '../topics';

/** Looks in the time after which the watchdog acts. */
const LOOKS_PER_STALL = 4;

/** kafkajs does not go on although there is something to do. */
export class ConsumerStalled extends Error {
  override readonly name = 'ConsumerStalled';

  constructor(
    message: string,
    /** The partition that is left alone; undefined where all are. */
    readonly place?: DeliveryRecovery,
  ) {
    super(message);
  }
}

/** A delivery as the watchdog sees it. */
export interface WatchedDelivery {
  readonly place: DeliveryRecovery;
  /** For how long it has waited for records, in milliseconds. */
  idleMs(): number;
}

/** What is watched of a consumer. */
export interface Watched {
  /** For how long the group has not answered, and how long it may take to, in milliseconds. */
  silence(): { readonly silentMs: number; readonly patienceMs: number };
  deliveries(): readonly WatchedDelivery[];
  lag(): Promise<readonly ConsumerLag[]>;
}

/**
 * Rejects with `ConsumerStalled` when the group does not answer, because the member has lost its partitions then whatever kafkajs is
 * waiting for, and when a partition that has records is left alone for `stallMs`.
 */
export async function watch(watched: Watched, stallMs: number, clock: Clock, signal: AbortSignal): Promise<void> {
  await Promise.race([watchSilence(watched, clock, signal), watchLag(watched, stallMs, clock, signal)]);
}

async function watchSilence(watched: Watched, clock: Clock, signal: AbortSignal): Promise<void> {
  for (;;) {
    await clock.sleep(watched.silence().patienceMs / LOOKS_PER_STALL, signal);
    if (signal.aborted) return;
    const { silentMs, patienceMs } = watched.silence();
    if (silentMs > patienceMs) throw new ConsumerStalled(`the group has not answered for ${silentMs} ms`);
  }
}

async function watchLag(watched: Watched, stallMs: number, clock: Clock, signal: AbortSignal): Promise<void> {
  const behindSinceMs = new Map<WatchedDelivery, number>();
  for (;;) {
    await clock.sleep(stallMs / LOOKS_PER_STALL, signal);
    if (signal.aborted) return;
    const behind = await deliveriesBehind(watched);
    const now = clock.now();
    for (const delivery of behindSinceMs.keys()) if (!behind.includes(delivery)) behindSinceMs.delete(delivery);
    for (const delivery of behind) {
      const sinceMs = behindSinceMs.get(delivery) ?? now;
      // Otherwise it was fetched from meanwhile.
      const unmoved = now - sinceMs <= delivery.idleMs();
      behindSinceMs.set(delivery, unmoved ? sinceMs : now);
      if (unmoved && now - sinceMs >= stallMs)
        throw new ConsumerStalled(
          `nothing was fetched for ${delivery.idleMs()} ms although there is lag`,
          delivery.place,
        );
    }
  }
}

/** Deliveries that wait for records although there are some. */
async function deliveriesBehind(watched: Watched): Promise<WatchedDelivery[]> {
  const idle = watched.deliveries().filter((delivery) => delivery.idleMs() > 0);
  if (idle.length === 0) return [];
  try {
    const behind = new Set((await watched.lag()).filter((partition) => partition.lag > 0).map(keyOf));
    return idle.filter((delivery) => behind.has(keyOf(delivery.place)) && delivery.idleMs() > 0);
  } catch {
    // Without an answer there is nothing to judge by; the group does not answer either then.
    return [];
  }
}

export function keyOf({ topic, partition }: Pick<DeliveryRecovery, 'topic' | 'partition'>): string {
  return `${topic}/${partition}`;
}
