import { Injectable } from '@nestjs/common';
import { Health } from '@meterbook/http/health/health';
import { Problem, retryAfter } from '@meterbook/http/problem/problem';
import { Clock } from '@meterbook/runtime/clock';
import { ProjectionControl, type RebuildStatus } from './projection-control';

/** Who follows at a time: in all, and of one caller. */
export const MAX_LISTENERS = 200;
export const MAX_LISTENERS_OF_CALLER = 20;
/** How often is looked how far a rebuild is, for all who follow it, milliseconds. */
const LOOK_EVERY_MS = 250;
/** How long nothing is said at most, so that nobody on the way takes a connection for dead, milliseconds. */
const SILENT_AT_MOST_MS = 15_000;
/** How long one answer goes on at most, milliseconds; whoever follows asks again. */
const FOLLOWED_AT_MOST_MS = 3_600_000;
const RETRY_AFTER_SECONDS = 5;

/** Who follows a rebuild. */
export interface Listener {
  readonly name: string;
  /** Aborted once the answer is over, or nobody listens any more. */
  readonly gone: AbortSignal;
}

/** Tells whoever listens how a rebuild goes, as server-sent events: `progress` whenever it has moved, `ended` with what came of it. */
@Injectable()
export class RebuildEvents {
  /** What was seen last, for all who follow; taken away when it is time to look again. */
  private readonly seen = new Map<string, RebuildStatus>();
  private readonly listeners = new Map<string, number>();
  private listening = 0;

  constructor(
    private readonly control: ProjectionControl,
    private readonly clock: Clock,
    private readonly health: Health,
  ) {}

  /** The events as text, the first of them at once. Throws the problems `unknown_rebuild` and `too_busy`. */
  follow(projection: string, rebuildId: string, listener: Listener): AsyncIterable<string> {
    const first = this.look(projection, rebuildId);
    if (!first) throw new Problem('unknown_rebuild', `${projection} has no rebuild with this id.`);
    this.admit(listener);
    return this.events(projection, rebuildId, AbortSignal.any([listener.gone, this.health.stopped]));
  }

  private async *events(projection: string, rebuildId: string, over: AbortSignal): AsyncIterable<string> {
    const beganAt = this.clock.now();
    let [said, saidAt] = ['', beganAt];
    while (!over.aborted) {
      const status = this.look(projection, rebuildId);
      if (!status) return;
      const event = status.state === 'running' ? 'progress' : 'ended';
      const text = `event: ${event}\ndata: ${JSON.stringify(status)}\n\n`;
      const now = this.clock.now();
      const isNews = text !== said;
      if (isNews || now - saidAt >= SILENT_AT_MOST_MS) {
        yield isNews ? text : ':\n\n';
        [said, saidAt] = [text, now];
      }
      if (event === 'ended' || now - beganAt >= FOLLOWED_AT_MOST_MS) return;
      await this.clock.sleep(LOOK_EVERY_MS, over);
    }
  }

  /** Many who follow one rebuild cost one look at a time. */
  private look(projection: string, rebuildId: string): RebuildStatus | undefined {
    const place = `${projection} ${rebuildId}`;
    const known = this.seen.get(place);
    if (known) return known;
    const status = this.control.rebuild(projection, rebuildId);
    if (!status || this.listening === 0) return status;
    this.seen.set(place, status);
    void this.clock.sleep(LOOK_EVERY_MS).then(() => this.seen.delete(place));
    return status;
  }

  private admit({ name, gone }: Listener): void {
    const others = this.listeners.get(name) ?? 0;
    if (this.listening >= MAX_LISTENERS || others >= MAX_LISTENERS_OF_CALLER)
      throw new Problem('too_busy', 'Too many follow rebuilds just now: ask how it is going without following it.', {
        headers: retryAfter(RETRY_AFTER_SECONDS),
      });
    this.listening += 1;
    this.listeners.set(name, others + 1);
    const leave = (): void => {
      this.listening -= 1;
      const left = (this.listeners.get(name) ?? 1) - 1;
      if (left > 0) this.listeners.set(name, left);
      else this.listeners.delete(name);
    };
    if (gone.aborted) leave();
    else gone.addEventListener('abort', leave, { once: true });
  }
}
