import type { StreamDamage } from '../event-store';
import { StreamDamaged } from '../store-failure';
import { deletedForGood } from './esdb-failure';
import type { EsdbReader } from './esdb-reader';
import type { ForeignStreams } from './foreign-streams';
import { tombstoneType, type RecordedEvent } from './recorded-event';
import { losingSettings, metadataPrefix, streamOfMetadata } from './retention-check';

export interface Sorted {
  readonly events: readonly RecordedEvent[];
  readonly damaged: readonly StreamDamage[];
}

/** What the records of one subscription are: events of ours, damage of a stream of ours, or somebody else's. */
export class FeedSorter {
  private readonly damaged = new Set<string>();

  constructor(
    private readonly reader: EsdbReader,
    private readonly foreign: ForeignStreams,
  ) {}

  async sort(records: readonly RecordedEvent[]): Promise<Sorted> {
    const events: RecordedEvent[] = [];
    const damaged: StreamDamage[] = [];
    for (const record of records) {
      if (record.ours && !this.damaged.has(record.stream)) {
        events.push(record);
        continue;
      }
      const stream = streamOfMetadata(record.stream) ?? record.stream;
      if (this.damaged.has(stream) || this.foreign.has(stream)) continue;
      const damage = await this.damageBy(record, stream);
      if (damage === undefined) continue;
      this.damaged.add(stream);
      damaged.push({ stream, position: record.position, damage });
    }
    return { events, damaged };
  }

  /** What is wrong with a stream of which this record is not an event of ours; undefined where nothing is, or where the stream is foreign. */
  private async damageBy(record: RecordedEvent, stream: string): Promise<string | undefined> {
    if (record.stream === metadataPrefix(stream)) return this.damageBySettings(record, stream);
    if (record.type === tombstoneType) return deletedForGood;
    const first = record.revision === 0 ? record : await this.firstOf(stream);
    if (first?.revision === 0 && !first.ours) {
      this.foreign.add(stream);
      return undefined;
    }
    return `event ${record.revision} of it was not written by the ledger`;
  }

  /** A setting is damage once events are gone by it: until then it is an alarm (`RetentionWatch`). */
  private async damageBySettings(record: RecordedEvent, stream: string): Promise<string | undefined> {
    const settings = losingSettings(record);
    if (settings.length === 0) return undefined;
    const first = await this.firstOf(stream);
    if (first?.revision !== 0) return `its events were dropped by ${settings.join(', ')} in its metadata`;
    if (!first.ours) this.foreign.add(stream);
    return undefined;
  }

  /** The first event that is still there. */
  private async firstOf(stream: string): Promise<RecordedEvent | undefined> {
    try {
      const { events } = await this.reader.stream(stream, 0, 'forward', 1);
      return events[0];
    } catch (error) {
      if (error instanceof StreamDamaged) return undefined;
      throw error;
    }
  }
}
