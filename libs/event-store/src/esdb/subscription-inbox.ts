import type { ReadResp } from '@eventstore/db-client/generated/streams_pb';
import type { Clock } from '@meterbook/runtime/clock';
import type { OpenSubscription } from './esdb-connection';
import { StoreUnavailable } from '../store-failure';

/** Messages, and bytes of events, held for a reader who is slower than the store; beyond either the store has to wait. */
const MAX_WAITING = 1024;
const MAX_WAITING_BYTES = 8 * 1024 * 1024;

/** What one open subscription has sent and nobody has taken yet. */
export class SubscriptionInbox {
  private waiting: ReadResp[] = [];
  private bytes = 0;
  private failure: Error | undefined;
  private wake: () => void = () => undefined;

  constructor(
    private readonly subscription: OpenSubscription,
    private readonly clock: Clock,
  ) {
    const { call } = subscription;
    call.on('data', (message: ReadResp) => {
      this.bytes += message.getEvent()?.getEvent()?.getData_asU8().length ?? 0;
      if (this.waiting.push(message) >= MAX_WAITING || this.bytes >= MAX_WAITING_BYTES) call.pause();
      this.wake();
    });
    call.on('error', (error) => this.end(error));
    call.on('end', () => this.end(new StoreUnavailable('the server closed a subscription')));
  }

  /** Everything that waits, or what comes first within `ms`; empty when nothing does. Throws once the call has failed. */
  async take(ms: number, signal: AbortSignal): Promise<readonly ReadResp[]> {
    if (this.waiting.length === 0 && !this.failure && !signal.aborted) await this.arrival(ms, signal);
    const taken = this.waiting;
    this.waiting = [];
    this.bytes = 0;
    this.subscription.call.resume();
    if (taken.length === 0 && this.failure) throw this.failure;
    return taken;
  }

  close(): void {
    this.subscription.call.cancel();
  }

  private async arrival(ms: number, signal: AbortSignal): Promise<void> {
    const arrived = new AbortController();
    const stop = (): void => arrived.abort();
    this.wake = stop;
    signal.addEventListener('abort', stop, { once: true });
    await this.clock.sleep(ms, arrived.signal);
    signal.removeEventListener('abort', stop);
  }

  private end(error: Error): void {
    if (this.failure) return;
    this.failure = error;
    this.subscription.lost(error);
    this.wake();
  }
}
