import type { ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb';
import type { ClientReadableStream } from '@grpc/grpc-js';
import type { Clock } from '@meterbook/runtime/clock';
import type { Position, Revision } from '../event-store';
import type { EsdbConnection } from './esdb-connection';
import { StreamDamaged } from '../store-failure';
import { deletedForGood, isStreamDeleted, isUnknownOutcome, unavailable } from './esdb-failure';
import { Attempts, type EsdbLimits } from './esdb-limits';
import { allPage, streamPage, type Direction } from './read-requests';
import { toRecordedEvent, type RecordedEvent } from './recorded-event';
import type { StreamNames } from './stream-names';

/** A page is cut short here, so that large events do not add up in memory. */
const MAX_PAGE_BYTES = 4 * 1024 * 1024;

export interface Page {
  readonly events: readonly RecordedEvent[];
  /** False where nothing follows, as of this read. */
  readonly more: boolean;
  /** True where there is no such stream: it never was, or it was softly deleted. */
  readonly missing: boolean;
}

/** Reads page by page: each page is a call of its own with a deadline, made again until it is answered. Throws `StoreUnavailable` where it never is. */
export class EsdbReader {
  constructor(
    private readonly connection: EsdbConnection,
    private readonly limits: EsdbLimits,
    private readonly clock: Clock,
    private readonly names: StreamNames,
  ) {}

  /** Throws `StreamDamaged` where the stream was deleted for good. */
  async stream(stream: string, from: Revision | 'end', direction: Direction, count: number): Promise<Page> {
    try {
      return await this.page(streamPage(this.names.stored(stream), from, direction, count), count);
    } catch (error) {
      throw isStreamDeleted(error) ? new StreamDamaged(stream, deletedForGood, error) : error;
    }
  }

  all(
    prefixes: readonly string[],
    from: Position | 'start' | 'end',
    direction: Direction,
    count: number,
    attempts = this.limits.attempts,
  ): Promise<Page> {
    const stored = prefixes.map((prefix) => this.names.stored(prefix));
    return this.page(allPage(stored, from, direction, count), count, attempts);
  }

  /** Position of the newest event of all streams, the server's own included. */
  async last(attempts: number): Promise<Position | 'start'> {
    const page = await this.all([], 'end', 'backward', 1, attempts);
    return page.events[0]?.position ?? 'start';
  }

  private async page(request: ReadReq, count: number, attempts = this.limits.attempts): Promise<Page> {
    for (const tries = new Attempts(this.limits, this.clock, attempts); ;) {
      try {
        return await this.connection.call(tries.leftMs, (streams, metadata, options) =>
          collect(streams.read(request, metadata, options), count, this.names),
        );
      } catch (error) {
        if (!isUnknownOutcome(error)) throw error;
        if (!(await tries.again())) throw unavailable(error);
      }
    }
  }
}

function collect(call: ClientReadableStream<ReadResp>, count: number, names: StreamNames): Promise<Page> {
  return new Promise((resolve, reject) => {
    const events: RecordedEvent[] = [];
    let bytes = 0;
    let missing = false;
    call.on('error', reject);
    call.on('data', (message: ReadResp) => {
      try {
        missing ||= message.hasStreamNotFound();
        const read = message.getEvent();
        if (!read) return;
        const event = toRecordedEvent(read, names);
        events.push(event);
        bytes += event.data.length + event.metadata.length;
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
        call.cancel();
        return;
      }
      if (bytes < MAX_PAGE_BYTES || events.length < 2) return;
      resolve({ events, more: true, missing });
      call.cancel();
    });
    call.on('end', () => resolve({ events, more: !missing && events.length === count, missing }));
  });
}
