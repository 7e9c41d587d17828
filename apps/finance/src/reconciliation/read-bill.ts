import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { Writable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import type { Decimal } from '@meterbook/domain/amount/decimal';
import { billAmount } from './bill-amount';
import { Buckets, type BillTime } from './buckets';
import type { ReconciliationQuestion } from './question';

/** Longest row, bytes. */
const MAX_ROW_BYTES = 256 * 1024;
/** Longest id of a request and longest name of a model, UTF-16 units: nobody has longer ones. */
const MAX_KEY_UNITS = 1024;
/** Bytes of the file that are read at a time. */
const READ_BYTES = 256 * 1024;

/** What a row comes under: an id, or a bucket of time and a model. */
export type Key = readonly [first: string, second: string];

export interface BillRow {
  readonly key: Key;
  readonly amount: Decimal;
}

/** A row that cannot be read; the header is line 1. */
export class InvalidRow extends Error {
  override readonly name = 'InvalidRow';

  constructor(
    readonly line: number,
    readonly detail: string,
  ) {
    super(`line ${line}: ${detail}`);
  }
}

export interface ReadBill {
  /** All rows but the header and blank lines. */
  readonly rows: number;
  /** Those outside of the time that is compared. */
  readonly skipped: number;
}

/** Reads the rows of a bill one after another, whatever its size. Throws `InvalidRow`. */
export async function readBill(
  file: string,
  question: ReconciliationQuestion,
  take: (row: BillRow) => void,
): Promise<ReadBill> {
  const reader = new RowReader(question, take);
  const parser = parse({
    bom: true,
    record_delimiter: ['\r\n', '\n', '\r'],
    skip_empty_lines: true,
    // How many cells a row has to have the header says.
    relax_column_count: true,
    max_record_size: MAX_ROW_BYTES,
    on_record: (cells: string[], { lines }) => {
      reader.read(cells, lines);
      return null;
    },
  });
  const nowhere = new Writable({ objectMode: true, write: (_row, _encoding, done) => done() });
  try {
    await pipeline(createReadStream(file, { highWaterMark: READ_BYTES }), parser, nowhere);
  } catch (error) {
    if (error instanceof CsvError) throw new InvalidRow(lineOf(error), 'it is not written as CSV');
    throw error;
  }
  return reader.end();
}

function lineOf(error: CsvError): number {
  const lines: unknown = error['lines'];
  return typeof lines === 'number' ? Math.max(lines, 1) : 1;
}

/** Where the columns stand that are looked at; −1 for one that is not. */
interface Places {
  readonly cells: number;
  readonly time: number;
  readonly model: number;
  readonly amount: number;
  readonly request: number;
}

class RowReader {
  private readonly buckets: Buckets;
  private readonly models: ReadonlyMap<string, string>;
  private places: Places | undefined;
  private rows = 0;
  private skipped = 0;

  constructor(
    private readonly question: ReconciliationQuestion,
    private readonly take: (row: BillRow) => void,
  ) {
    this.buckets = new Buckets(question.granularity, question.zone);
    this.models = new Map(question.models);
  }

  read(cells: readonly string[], line: number): void {
    if (!this.places) {
      this.places = this.placesIn(cells);
      return;
    }
    if (cells.length !== this.places.cells)
      throw new InvalidRow(line, `it has ${cells.length} cells, and the header ${this.places.cells}`);
    this.rows += 1;
    const time = this.timeIn(cells, this.places, line);
    const amount = billAmount(cells[this.places.amount] ?? '');
    if (!amount) throw new InvalidRow(line, 'its amount is no decimal');
    const key = this.keyIn(cells, this.places, time, line);
    if (time && (time.atMs < this.question.from || time.atMs >= this.question.to)) this.skipped += 1;
    else this.take({ key, amount });
  }

  end(): ReadBill {
    if (!this.places) throw new InvalidRow(1, 'there is no header');
    return { rows: this.rows, skipped: this.skipped };
  }

  private placesIn(header: readonly string[]): Places {
    const { time, model, amount, request } = this.question.columns;
    const placeOf = (name: string | null): number => {
      if (name === null) return -1;
      const place = header.indexOf(name);
      if (place < 0 || header.lastIndexOf(name) !== place)
        throw new InvalidRow(1, `there is ${place < 0 ? 'no' : 'more than one'} column of the name of a parameter`);
      return place;
    };
    return {
      cells: header.length,
      time: placeOf(time),
      model: placeOf(model),
      amount: placeOf(amount),
      request: placeOf(request),
    };
  }

  private timeIn(cells: readonly string[], { time }: Places, line: number): BillTime | undefined {
    if (time < 0) return undefined;
    const read = this.buckets.read(cells[time] ?? '');
    if (!read) throw new InvalidRow(line, 'its time is neither RFC 3339 nor local to the zone');
    return read;
  }

  private keyIn(cells: readonly string[], { request, model }: Places, time: BillTime | undefined, line: number): Key {
    const named = model < 0 ? '' : (cells[model] ?? '');
    const key: Key =
      this.question.granularity === 'request'
        ? [cells[request] ?? '', '']
        : [time?.bucket ?? '', this.models.get(named) ?? named];
    if (key.some((part) => part.length > MAX_KEY_UNITS)) throw new InvalidRow(line, 'what it is about is too long');
    return key;
  }
}
