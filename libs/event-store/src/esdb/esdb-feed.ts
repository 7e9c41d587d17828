import type { ReadResp } from '@eventstore/db-client/generated/streams_pb';
import type { Clock } from '@meterbook/runtime/clock';
import { comparePositions, type Position } from '../event-store';
import type { EsdbConnection } from './esdb-connection';
import { isUnknownOutcome, unavailable } from './esdb-failure';
import { StoreUnavailable } from '../store-failure';
import { retryDelayMs, type EsdbLimits } from './esdb-limits';
import type { EsdbReader } from './esdb-reader';
import { positionText, zeroPosition } from './position-text';
import { subscription } from './read-requests';
import { toRecordedEvent, type RecordedEvent } from './recorded-event';
import type { StreamNames } from './stream-names';
import { SubscriptionInbox } from './subscription-inbox';

export interface FeedBatch {
  readonly events: readonly RecordedEvent[];
  readonly position: Position;
  readonly caughtUp: boolean;
  /** Our time, milliseconds, at which the leader was asked; only of meaning with `caughtUp`. */
  readonly askedAt: number;
}

/**
 * The events of some streams in store order, for ever: over any number of subscriptions, each opened after the last event
 * that was handed on. The server's word that it has come so far is not enough for a position (see `Progress`), nor for
 * "caught up": that is asked of the leader.
 */
export class EsdbFeed {
  private readonly progress: Progress;
  /** When the subscription last moved on, or was last known to have nothing to bring. */
  private movedAt = 0;

  constructor(
    private readonly connection: EsdbConnection,
    private readonly reader: EsdbReader,
    private readonly limits: EsdbLimits,
    private readonly clock: Clock,
    private readonly names: StreamNames,
    private readonly prefixes: readonly string[],
    after: Position | 'start',
  ) {
    this.progress = new Progress(after, names);
  }

  /** Ends when aborted. Throws what trying again does not mend, or has not mended so far: that the store is away is not to be hidden. */
  async *batches(signal: AbortSignal): AsyncGenerator<FeedBatch, void, undefined> {
    for (let failures = 0; !signal.aborted;) {
      try {
        for await (const batch of this.session(signal)) {
          failures = 0;
          yield batch;
        }
      } catch (error) {
        if (isAborted(signal)) return;
        failures += 1;
        if (!isUnknownOutcome(error)) throw error;
        if (failures >= this.limits.attempts) throw unavailable(error);
        await this.clock.sleep(retryDelayMs(this.limits, failures), signal);
      }
    }
  }

  /** One subscription, until it fails or is taken for dead. */
  private async *session(signal: AbortSignal): AsyncGenerator<FeedBatch, void, undefined> {
    const after = this.progress.handled;
    const stored = this.prefixes.map((prefix) => this.names.stored(prefix));
    const inbox = new SubscriptionInbox(await this.connection.subscribe(subscription(stored, after)), this.clock);
    this.progress.reopened();
    this.movedAt = this.clock.now();
    try {
      for (;;) {
        const messages = await inbox.take(this.limits.markEveryMs, signal);
        if (isAborted(signal)) return;
        const before = this.progress.position;
        const events = messages.flatMap((message) => this.progress.take(message) ?? []);
        const askedAt = this.clock.now();
        if (events.length > 0 || this.progress.position !== before) {
          this.movedAt = askedAt;
          yield { events, position: this.progress.position, caughtUp: false, askedAt };
        }
        // While messages come in, the server is still on its way, and asking would make it search the same stretch twice.
        if (messages.length > 0 && messages.at(-1)?.hasCaughtUp() !== true) continue;
        if (await this.hasEverything(askedAt))
          yield { events: [], position: this.progress.position, caughtUp: true, askedAt };
      }
    } finally {
      inbox.close();
    }
  }

  /** Whether the leader has shown that nothing is missing. One that brings nothing although there is something is given up in time. */
  private async hasEverything(askedAt: number): Promise<boolean> {
    const answer = await this.ask().catch((error: unknown) => {
      if (isUnknownOutcome(error)) return false;
      throw error;
    });
    if (answer) this.movedAt = askedAt;
    else if (askedAt - this.movedAt >= this.limits.silenceMs) throw new StoreUnavailable('a subscription fell silent');
    return answer;
  }

  private async ask(): Promise<boolean> {
    const end = await this.reader.last(1);
    const from = this.progress.position;
    if (comparePositions(end, from) <= 0) return true;
    const { events } = await this.reader.all(this.prefixes, from, 'forward', 2, 1);
    const next = events.find(({ position }) => comparePositions(position, from) > 0);
    if (next && comparePositions(next.position, end) <= 0) return false;
    this.progress.reach(end);
    return true;
  }
}

function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

/**
 * How far a feed has come. A checkpoint may run ahead of events that are still to come, so it counts only once a later
 * message has proved it: the next checkpoint, or the server's own mark that it had sent everything.
 */
class Progress {
  private checkpoint: Position | undefined;
  private lastEvent: Position | 'start';
  private reached: Position | 'start';

  constructor(
    after: Position | 'start',
    private readonly names: StreamNames,
  ) {
    this.lastEvent = after;
    this.reached = after;
  }

  /** Where the next subscription begins. */
  get handled(): Position | 'start' {
    return this.reached;
  }

  get position(): Position {
    return this.reached === 'start' ? zeroPosition : this.reached;
  }

  reopened(): void {
    this.checkpoint = undefined;
  }

  /** The message's event, if it has one that was not handed on before. */
  take(message: ReadResp): RecordedEvent | undefined {
    const checkpoint = message.getCheckpoint();
    if (checkpoint) {
      this.prove();
      this.checkpoint = positionText(checkpoint.getCommitPosition(), checkpoint.getPreparePosition());
    }
    if (message.hasCaughtUp()) this.prove();
    const read = message.getEvent();
    if (!read) return undefined;
    this.checkpoint = undefined;
    const event = toRecordedEvent(read, this.names);
    if (comparePositions(event.position, this.lastEvent) <= 0) return undefined;
    this.lastEvent = event.position;
    this.reach(event.position);
    return event;
  }

  reach(position: Position | 'start'): void {
    if (comparePositions(position, this.reached) > 0) this.reached = position;
  }

  private prove(): void {
    if (this.checkpoint !== undefined) this.reach(this.checkpoint);
  }
}
