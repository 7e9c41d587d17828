import { webhookPrefix } from '@meterbook/books/stream-kinds';
import type { Rulebooks } from '@meterbook/books/rulebooks';
import type { DamagedStreams } from '@meterbook/event-store/damaged-streams';
import { comparePositions, type EventStore, type Position, type StoredEvent } from '@meterbook/event-store/event-store';
import { StreamDamaged } from '@meterbook/event-store/store-failure';
import type { Clock } from '@meterbook/runtime/clock';
import { Turns } from '@meterbook/runtime/turns';
import type { AccountStates } from './account-states';
import type { BehindEndpoints } from './behind-endpoints';
import type { DeliveryFile } from './delivery-file';
import { HearEvents, type WhoListens } from './hear-events';
import { QueueBatch } from './queue-batch';
import type { Listener, Registry } from './registry';

/** How often a position is saved that nothing was queued for, at the most, milliseconds. */
const SAVE_EVERY_MS = 1_000;
/** How often somebody looks who waits for it, milliseconds. */
const CAUGHT_UP_LOOK_MS = 20;
/** Deliveries in memory before they are written. */
const MAX_PENDING = 1_000;

export interface QueueParts {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly rulebooks: Rulebooks;
  readonly registry: Registry;
  readonly states: AccountStates;
  readonly damaged: DamagedStreams;
  /** Endpoints that are passed over, since too much waits for them. */
  readonly behind: BehindEndpoints;
  /** Told of endpoints that something waits for now. */
  readonly queued: (endpoints: ReadonlySet<string>) => void;
  /** Told of an endpoint that was registered, changed or removed. */
  readonly changed: (listener: Listener) => void;
}

/**
 * Reads the store and queues what endpoints are to be told. Rows and position are saved together, so that a crash queues nothing
 * twice; an account, or a platform's endpoints, that cannot be read is passed over and told of.
 */
export class QueueEvents {
  private reached: Position | 'start' = 'start';
  private savedAt = -Infinity;
  private readonly hearing: HearEvents;

  constructor(private readonly parts: QueueParts) {
    this.hearing = new HearEvents(parts);
  }

  /** How far along the store it has come. */
  progress(): Position | 'start' {
    return this.reached;
  }

  /** Resolves when everything that stands in the store now was read, so that every endpoint is known; or when aborted. */
  async caughtUp(signal: AbortSignal): Promise<void> {
    const end = await this.parts.store.end();
    while (!signal.aborted && comparePositions(this.reached, end) < 0)
      await this.parts.clock.sleep(CAUGHT_UP_LOOK_MS, signal);
  }

  /** Reads the endpoints as of where the file says that the store was read up to: before anything is queued or sent. */
  async catchUpEndpoints(file: DeliveryFile, signal: AbortSignal): Promise<void> {
    const { position } = file.progress();
    this.reached = position;
    await this.refuseAnotherStore();
    await this.readEndpoints(position, signal);
  }

  /** The loop: queues until aborted. */
  async run(file: DeliveryFile, signal: AbortSignal): Promise<void> {
    const { store, registry } = this.parts;
    while (!signal.aborted) {
      const prefixes = registry.prefixes();
      const read = new Set(prefixes);
      for await (const batch of store.subscribe(prefixes, this.reached, signal)) {
        for (const { stream, damage } of batch.damaged) this.parts.damaged.note(stream, damage);
        const turnedAt = await this.takeAll(batch.events, read, file);
        this.moveOn(file, turnedAt ?? batch.position);
        // Another endpoint makes other streams matter from here on.
        if (turnedAt !== undefined) break;
      }
    }
  }

  private async readEndpoints(until: Position | 'start', signal: AbortSignal): Promise<void> {
    if (until === 'start') return;
    for await (const { events, position, caughtUp } of this.parts.store.subscribe([webhookPrefix], 'start', signal)) {
      for (const stored of events) if (comparePositions(stored.position, until) <= 0) this.takeEndpoint(stored);
      if (caughtUp || comparePositions(position, until) >= 0) return;
    }
  }

  /** Takes the events of a batch; where one of them makes other streams matter, only up to it, and says so by its position. */
  private async takeAll(
    events: readonly StoredEvent[],
    read: ReadonlySet<string>,
    file: DeliveryFile,
  ): Promise<Position | undefined> {
    const { registry, behind } = this.parts;
    // Those that have caught up alone are told by this loop again, and from here on.
    behind.join(this.reached, file);
    const listening: WhoListens = (name, types) =>
      registry.listening(name, types).filter(({ key }) => !behind.has(key));
    const batch = new QueueBatch(file, this.parts.rulebooks);
    const turns = new Turns(this.parts.clock);
    for (const stored of events) {
      const isEndpoint = stored.stream.startsWith(webhookPrefix);
      if (!isEndpoint) await this.hearing.take(stored, listening, batch);
      if (isEndpoint || batch.size >= MAX_PENDING) this.write(file, batch, stored.position);
      if (isEndpoint && this.makesOthersMatter(stored, read)) return stored.position;
      await turns.next();
    }
    const last = events.at(-1);
    if (last && batch.size > 0) this.write(file, batch, last.position);
    return undefined;
  }

  private makesOthersMatter(stored: StoredEvent, read: ReadonlySet<string>): boolean {
    this.takeEndpoint(stored);
    const platform = stored.stream.slice(webhookPrefix.length);
    return this.parts.registry.prefixesOf(platform).some((prefix) => !read.has(prefix));
  }

  /** Rows and position at once, so that what is read again after a crash is queued once. */
  private write(file: DeliveryFile, batch: QueueBatch, position: Position): void {
    const endpoints = batch.write(() => file.moveTo(position), this.parts.clock.now());
    this.parts.behind.note(endpoints, position, file);
    if (endpoints.size > 0) this.parts.queued(endpoints);
  }

  private takeEndpoint(stored: StoredEvent): void {
    try {
      this.parts.changed(this.parts.registry.take(stored).listener);
    } catch (error) {
      if (!(error instanceof StreamDamaged)) throw error;
      this.parts.damaged.note(stored.stream, error);
    }
  }

  private moveOn(file: DeliveryFile, position: Position | 'start'): void {
    const nowMs = this.parts.clock.now();
    if (position !== this.reached && nowMs - this.savedAt >= SAVE_EVERY_MS) {
      file.moveTo(position);
      this.savedAt = nowMs;
    }
    this.reached = position;
  }

  /** A store that is shorter than what was read of it is not the one that was read: nothing of it would be told. */
  private async refuseAnotherStore(): Promise<void> {
    const end = await this.parts.store.end();
    if (comparePositions(this.reached, end) <= 0) return;
    throw new Error(
      `the event store ends at ${end}, but deliveries.db has read it up to ${this.reached}: restore the store, or delete deliveries.db if this store is the right one`,
    );
  }
}
