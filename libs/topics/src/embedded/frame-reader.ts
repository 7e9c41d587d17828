import { isPageDamaged, nextReadable } from '@meterbook/runtime/damaged-pages';
import type { Database, Statement } from '@meterbook/runtime/sqlite';
import { damagedHeader, decodeFrame } from './record-frame';
import type { DeliveredRecord } from '../topics';

/** A frame's row id is partition × this + base offset, so that a partition's frames lie side by side. */
export const PARTITION_SPAN = 2 ** 40;

export interface FrameRow {
  readonly place: number;
  readonly records: number;
  readonly timestamp: number;
  readonly body: Buffer;
  readonly sums: Buffer | null;
}

/** How far a partition goes. */
export interface PartitionEnd {
  readonly partition: number;
  /** Offset of the next record. */
  readonly next: number;
  /** Of the last record, milliseconds since 1970. */
  readonly timestamp: number;
}

export type FrameHead = Pick<FrameRow, 'place' | 'records' | 'timestamp'>;

export function placeOf(partition: number, offset: number): number {
  return partition * PARTITION_SPAN + offset;
}

/** Reads the frames of a topic's partitions. Where a page of the file is damaged, one record stands for all that were on it. */
export class FrameReader {
  private readonly selectFrames: Statement<[number, number], FrameRow>;
  private readonly selectFrameAt: Statement<[number, number], FrameHead>;
  private readonly selectFirst: Statement<[number, number], number>;

  constructor(
    database: Database,
    private readonly topic: string,
    private readonly partitionEnd: (partition: number) => PartitionEnd | undefined,
  ) {
    this.selectFrames = database.prepare(
      'SELECT place, records, timestamp, body, sums FROM frames WHERE place >= ? AND place < ? ORDER BY place LIMIT 1',
    );
    this.selectFrameAt = database.prepare(
      'SELECT place, records, timestamp FROM frames WHERE place >= ? AND place <= ? ORDER BY place DESC LIMIT 1',
    );
    this.selectFirst = database
      .prepare<[number, number], number>(
        'SELECT place FROM frames WHERE place >= ? AND place < ? ORDER BY place LIMIT 1',
      )
      .pluck();
  }

  /** Offset of the oldest record of a partition that is still kept, or its next offset where there is none; 0 where that cannot be seen. */
  start(partition: number): number {
    try {
      const first = this.selectFirst.get(placeOf(partition, 0), placeOf(partition + 1, 0));
      return first === undefined ? this.endOf(partition) : first - placeOf(partition, 0);
    } catch (error) {
      if (!isPageDamaged(error)) throw error;
      return 0;
    }
  }

  /** Records of a partition from an offset on, whole frames as far as the limits allow; at least one where there is one. */
  read(partition: number, from: number, maxRecords: number, maxBytes: number): DeliveredRecord[] {
    const records: DeliveredRecord[] = [];
    try {
      this.readInto(records, partition, from, maxRecords, maxBytes);
    } catch (error) {
      if (!isPageDamaged(error)) throw error;
      if (records.length === 0 && from < this.endOf(partition)) records.push(this.lost(partition, from));
    }
    return records;
  }

  private readInto(
    records: DeliveredRecord[],
    partition: number,
    from: number,
    maxRecords: number,
    maxBytes: number,
  ): void {
    const end = placeOf(partition + 1, 0);
    const first = this.selectFrameAt.get(placeOf(partition, 0), placeOf(partition, from));
    let place =
      first && first.place + first.records > placeOf(partition, from) ? first.place : placeOf(partition, from);
    for (let bytes = 0; bytes < maxBytes && records.length < maxRecords;) {
      const row = this.selectFrames.get(place, end);
      if (
        !row ||
        (records.length > 0 && (records.length + row.records > maxRecords || bytes + row.body.length > maxBytes))
      )
        break;
      const base = row.place - placeOf(partition, 0);
      decodeFrame(this.topic, partition, { base, ...row }, from, maxRecords, records);
      bytes += row.body.length;
      place = row.place + Math.max(1, row.records);
    }
  }

  /** Stands at the last offset that is lost, so that the next one read is the first that is not, and was taken no later than that. */
  private lost(partition: number, from: number): DeliveredRecord {
    const end = this.partitionEnd(partition);
    const next = nextReadable(from, this.endOf(partition), (offset) => this.readableAt(partition, offset));
    const isEnd = next >= this.endOf(partition);
    const after = isEnd ? end : this.selectFrames.get(placeOf(partition, next), placeOf(partition + 1, 0));
    const value = `The records from offset ${from} to ${next - 1} are lost: a page of their file is damaged.`;
    const place = { topic: this.topic, partition, offset: next - 1, timestamp: after?.timestamp ?? 0 };
    return { ...place, key: '', headers: { [damagedHeader]: 'true' }, value };
  }

  /** The offset after the last record of a partition. */
  private endOf(partition: number): number {
    return this.partitionEnd(partition)?.next ?? 0;
  }

  /** Offset of the first frame at or after an offset, or the end where there is none; undefined where a damaged page is in the way. */
  private readableAt(partition: number, offset: number): number | undefined {
    try {
      const row = this.selectFrames.get(placeOf(partition, offset), placeOf(partition + 1, 0));
      return row ? row.place - placeOf(partition, 0) : this.endOf(partition);
    } catch (error) {
      if (!isPageDamaged(error)) throw error;
      return undefined;
    }
  }
}
