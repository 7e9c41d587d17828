import type { Clock } from '@meterbook/runtime/clock';
import type { EsdbFeed, FeedBatch } from './esdb-feed';
import { RetentionCheck } from './retention-check';

/** Wait before the metadata is followed again after the store was away, milliseconds. */
const RETRY_MS = 1_000;

/**
 * Follows the metadata of the books for as long as the store is open: a setting that lets the server drop events refuses the start,
 * and raises an alarm within moments where it is made later.
 */
export class RetentionWatch {
  private readonly check = new RetentionCheck();

  constructor(
    private readonly feed: EsdbFeed,
    private readonly isForeign: (stream: string) => Promise<boolean>,
    private readonly clock: Clock,
  ) {}

  /** Resolves once all metadata was seen and nothing in it endangers the books, and goes on following. Throws `StoreUnfit`. */
  async begin(signal: AbortSignal): Promise<void> {
    const batches = this.feed.batches(signal);
    let ready = false;
    try {
      while (!ready) {
        const next = await batches.next();
        if (next.done === true) throw new Error('the event store was closed before it was ready');
        await this.take(next.value);
        ready = next.value.caughtUp;
      }
      this.check.conclude();
    } catch (error) {
      await batches.return();
      throw error;
    }
    void this.follow(batches, signal);
  }

  /** The settings by which a stream loses events; undefined where it has none. */
  settingsOf(stream: string): readonly string[] | undefined {
    return this.check.settingsOf(stream);
  }

  alarms(): readonly string[] {
    const sentence = this.check.sentence();
    return sentence === undefined ? [] : [sentence];
  }

  private async follow(begun: AsyncGenerator<FeedBatch, void, undefined>, signal: AbortSignal): Promise<void> {
    for (let batches = begun; !signal.aborted; batches = this.feed.batches(signal)) {
      try {
        for await (const batch of batches) await this.take(batch);
      } catch {
        // That the store is away shows everywhere else; here it is only waited for.
        await this.clock.sleep(RETRY_MS, signal);
      }
    }
  }

  /** Another application may do with its streams what it likes, also where their names begin like ours. */
  private async take({ events }: FeedBatch): Promise<void> {
    for (const record of events) {
      const stream = this.check.add(record);
      if (stream !== undefined && (await this.isForeign(stream))) this.check.forget(stream);
    }
  }
}
