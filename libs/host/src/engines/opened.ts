import type { EventStore } from '@meterbook/event-store/event-store';
import type { TakesOver } from '@meterbook/event-store/take-over';
import type { DeliveryHealth } from '@meterbook/topics/delivery-health';
import type { Topics } from '@meterbook/topics/topics';

export interface StoreEngine {
  readonly store: EventStore;
  /** The embedded store's folder: its positions are numbers that count events. Null where the store is a server. */
  readonly folder: string | null;
  /** Resolves once the engine answers; waits while it is away, and rejects where it would endanger the books. */
  readonly ready: (signal: AbortSignal) => Promise<void>;
}

/** The same, of a store that may be filled with what another one holds. */
export interface OpenedStore extends StoreEngine {
  readonly store: EventStore & TakesOver;
}

export interface TopicsEngine {
  readonly topics: Topics;
  /** Which partitions do not move on just now. */
  readonly deliveries: DeliveryHealth;
  /** As that of the store. */
  readonly ready: (signal: AbortSignal) => Promise<void>;
}
