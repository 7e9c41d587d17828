import { accountPrefix } from '@meterbook/books/stream-kinds';
import type { Rulebooks } from '@meterbook/books/rulebooks';
import type { DamagedStreams } from '@meterbook/event-store/damaged-streams';
import type { EventStore, Position } from '@meterbook/event-store/event-store';
import type { Clock } from '@meterbook/runtime/clock';
import { AccountStates } from './account-states';
import type { BehindEndpoints } from './behind-endpoints';
import type { DeliveryFile } from './delivery-file';
import { HearEvents, type WhoListens } from './hear-events';
import { QueueBatch } from './queue-batch';
import type { Listener, Registry } from './registry';

/** How often is looked for room, milliseconds. */
const LOOK_EVERY_MS = 500;

export interface ReadBehindParts {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly rulebooks: Rulebooks;
  readonly registry: Registry;
  readonly damaged: DamagedStreams;
  readonly behind: BehindEndpoints;
  readonly queued: (endpoints: ReadonlySet<string>) => void;
}

/** Queues, one endpoint at a time, what those are to be told for whom there was no room when it happened. */
export class ReadBehind {
  constructor(private readonly parts: ReadBehindParts) {}

  /** The loop: looks until aborted. */
  async run(file: DeliveryFile, signal: AbortSignal): Promise<void> {
    const { behind, registry, clock } = this.parts;
    while (!signal.aborted) {
      for (const [key, position] of behind.withRoom(file)) {
        const listener = registry.find(key);
        if (listener?.endpoint.enabled) await this.read(listener, position, file, signal);
        else behind.drop(key, file);
      }
      await clock.sleep(LOOK_EVERY_MS, signal);
    }
  }

  /** From a place on until there is no room, or nothing more. */
  private async read(
    listener: Listener,
    from: Position | 'start',
    file: DeliveryFile,
    signal: AbortSignal,
  ): Promise<void> {
    const { store, clock, damaged, behind, rulebooks, queued } = this.parts;
    const { key, platform, endpoint } = listener;
    const hearing = new HearEvents({ store, clock, damaged, states: new AccountStates(store) });
    const listening: WhoListens = ({ account }, types) =>
      (endpoint.account === null || endpoint.account === account) &&
      endpoint.events.some((name) => types.includes(name))
        ? [listener]
        : [];
    for await (const { events, position, caughtUp } of store.subscribe(
      [`${accountPrefix}${platform}/${endpoint.account ?? ''}`],
      from,
      signal,
    )) {
      const batch = new QueueBatch(file, rulebooks);
      for (const stored of events) await hearing.take(stored, listening, batch);
      const isFull = behind.isFull(key, file);
      queued(batch.write(() => behind.advance(key, position, file, caughtUp), clock.now()));
      if (isFull || caughtUp || !behind.has(key)) return;
    }
  }
}
