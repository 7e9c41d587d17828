import type { Revision, StoredEvent } from '../event-store';
import { StreamDamaged } from '../store-failure';
import type { EsdbReader } from './esdb-reader';
import type { Direction } from './read-requests';
import { toStoredEvent, type RecordedEvent } from './recorded-event';

/** Events of the first page of a stream, which is often the last; each further page has four times as many. */
const FIRST_PAGE_EVENTS = 32;
const LARGEST_PAGE_EVENTS = 1000;

const notOurs = 'it is foreign: its first event was not written by the ledger';

/** What is known of streams besides their events. */
export interface StreamRules {
  /** Whether older events of a stream may be gone. */
  readonly mayAge: (stream: string) => boolean;
  /** The settings of a stream by which the server drops events, as far as they are known. */
  readonly losingSettings: (stream: string) => readonly string[] | undefined;
}

/** Reads of one stream. What stands in it and is not a whole stream of ours is a `StreamDamaged`. */
export class StreamReads {
  constructor(
    private readonly reader: EsdbReader,
    private readonly rules: StreamRules,
  ) {}

  async head(stream: string): Promise<Revision | 'no-stream'> {
    return (await this.newest(stream))?.revision ?? 'no-stream';
  }

  async *read(stream: string, from: Revision | 'start' | 'end', direction: Direction): AsyncIterable<StoredEvent> {
    if (from === 'end' && direction === 'forward') {
      const last = await this.newest(stream);
      if (last) yield toStoredEvent(last);
      return;
    }
    let last: RecordedEvent | undefined;
    for await (const record of this.records(stream, from === 'start' ? 0 : from, direction)) {
      yield toStoredEvent(record);
      last = record;
    }
    if (direction === 'backward' && last) this.refuseGap(stream, 0, last.revision);
  }

  /** The newest event; undefined where there is no such stream. */
  private async newest(stream: string): Promise<RecordedEvent | undefined> {
    const { events, missing } = await this.reader.stream(stream, 'end', 'backward', 1);
    const [last] = events;
    if (!last) this.refuseEmpty(stream, missing);
    else if (!last.ours) throw await this.notOurs(last);
    return last;
  }

  private async *records(stream: string, from: Revision | 'end', direction: Direction): AsyncIterable<RecordedEvent> {
    let next = from;
    for (let size = FIRST_PAGE_EVENTS, more = true; more; size = Math.min(size * 4, LARGEST_PAGE_EVENTS)) {
      const page = await this.reader.stream(stream, next, direction, size);
      if (page.events.length === 0 && (next === 0 || next === 'end')) this.refuseEmpty(stream, page.missing);
      for (const record of page.events) {
        if (!record.ours) throw await this.notOurs(record);
        if (direction === 'forward' && next !== 'end') this.refuseGap(stream, next, record.revision);
        yield record;
        next = record.revision + (direction === 'forward' ? 1 : -1);
      }
      more = page.more && next !== -1;
    }
  }

  /** True where what stands first in a stream was written by somebody else. */
  async isForeign(stream: string): Promise<boolean> {
    try {
      const { events } = await this.reader.stream(stream, 0, 'forward', 1);
      return events[0] !== undefined && !events[0].ours;
    } catch (error) {
      if (error instanceof StreamDamaged) return false;
      throw error;
    }
  }

  /** A stream of which all is gone reads as empty, one that was softly deleted as missing, like one that never was. */
  private refuseEmpty(stream: string, missing: boolean): void {
    if (this.rules.mayAge(stream)) return;
    const settings = this.rules.losingSettings(stream);
    if (settings) throw new StreamDamaged(stream, `its events were dropped by ${settings.join(', ')} in its metadata`);
    if (!missing) throw new StreamDamaged(stream, 'all of its events were dropped');
  }

  /** Revisions have no gaps: where the server gives others than those asked for, the stream was cut. */
  private refuseGap(stream: string, from: Revision, to: Revision): void {
    if (to !== from && !this.rules.mayAge(stream))
      throw new StreamDamaged(stream, `it has lost its events from revision ${from} to ${to - 1}`);
  }

  private async notOurs({ stream, revision }: RecordedEvent): Promise<StreamDamaged> {
    const foreign = revision === 0 || (await this.isForeign(stream));
    return new StreamDamaged(stream, foreign ? notOurs : `event ${revision} of it was not written by the ledger`);
  }
}
