import type { AccountEvent } from '@meterbook/domain/account/events';
import { typesOfEvent } from '@meterbook/domain/webhook/messages';
import type { AccountWebhookType } from '@meterbook/domain/webhook/webhook-types';
import { accountNamed } from '@meterbook/books/account-stream';
import type { Rulebooks } from '@meterbook/books/rulebooks';
import { accountPrefix, webhookPrefix } from '@meterbook/books/stream-kinds';
import type { DamagedStreams } from '@meterbook/event-store/damaged-streams';
import { comparePositions, type EventStore, type Position, type StoredEvent } from '@meterbook/event-store/event-store';
import { StreamDamaged } from '@meterbook/event-store/store-failure';
import type { Clock } from '@meterbook/runtime/clock';
import { Turns } from '@meterbook/runtime/turns';
import type { AccountStates } from './account-states';
import type { DeliveryFile } from './delivery-file';
import { periodEndOf } from './expiring-periods';
import { QueueBatch } from './queue-batch';
import type { Listener, Registry } from './registry';
import { tellEvent } from './tell-event';

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

  constructor(private readonly parts: QueueParts) {}

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
      for await (const batch of store.subscribe(prefixes, this.reached, signal)) {
        for (const { stream, damage } of batch.damaged) this.parts.damaged.note(stream, damage);
        const turnedAt = await this.takeAll(batch.events, prefixes, file);
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
    prefixes: readonly string[],
    file: DeliveryFile,
  ): Promise<Position | undefined> {
    const batch = new QueueBatch(file, this.parts.rulebooks);
    const turns = new Turns(this.parts.clock);
    for (const stored of events) {
      if (stored.stream.startsWith(accountPrefix)) await this.takeEvent(stored, batch);
      if (stored.stream.startsWith(webhookPrefix) || batch.size >= MAX_PENDING) this.write(batch, stored.position);
      if (stored.stream.startsWith(webhookPrefix)) {
        this.takeEndpoint(stored);
        if (this.parts.registry.prefixes().some((prefix) => !prefixes.includes(prefix))) return stored.position;
      }
      await turns.next();
    }
    const last = events.at(-1);
    if (last && batch.size > 0) this.write(batch, last.position);
    return undefined;
  }

  /** Rows and position at once, so that what is read again after a crash is queued once. */
  private write(batch: QueueBatch, position: Position): void {
    const endpoints = batch.write(position, this.parts.clock.now());
    if (endpoints.size > 0) this.parts.queued(endpoints);
  }

  private takeEndpoint(stored: StoredEvent): void {
    try {
      this.parts.changed(this.parts.registry.take(stored).listener);
    } catch (error) {
      this.passOver(stored.stream, error);
    }
  }

  private async takeEvent(stored: StoredEvent, batch: QueueBatch): Promise<void> {
    const name = accountNamed(stored.stream.slice(accountPrefix.length));
    const types = typesOf(stored.type);
    const listeners = name && types.length > 0 ? this.parts.registry.listening(name, types) : [];
    if (!name || listeners.length === 0) return;
    try {
      const { states } = this.parts;
      const versions = await batch.versions(name.platform);
      // What was booked long before the file was made is not told once more; that its periods end is.
      if (stored.bookedAt >= batch.since)
        batch.add(await tellEvent({ name, stored, listeners, versions }, states, batch));
      if (types.includes('subscription.expiring'))
        batch.addPeriod(periodEndOf(name, await states.before(name, stored.revision + 1), stored.bookedAt));
    } catch (error) {
      this.passOver(stored.stream, error);
    }
  }

  private passOver(stream: string, error: unknown): void {
    if (!(error instanceof StreamDamaged)) throw error;
    this.parts.damaged.note(stream, error);
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

function typesOf(type: string): readonly AccountWebhookType[] {
  return Object.hasOwn(typesOfEvent, type) ? typesOfEvent[type as AccountEvent['type']] : [];
}
