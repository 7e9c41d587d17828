import type { ClosingContent, ClosingPart } from '@meterbook/domain/closing/events';
import { decimal, toText } from '@meterbook/domain/amount/decimal';
import { decodeEvent } from '@meterbook/books/event-codec';
import { folded } from '@meterbook/event-store/damaged-streams';
import type { EventStore } from '@meterbook/event-store/event-store';
import { StreamDamaged } from '@meterbook/event-store/store-failure';
import type { TrialBalanceLine } from '../reports/trial-balance/derived-lines';
import type { StreamHead } from './stream-heads';

/** UTF-16 units of a part: none takes more than three bytes, so that a part is smaller than the largest event. */
const PART_UNITS = 256 * 1024;

/** Something that a closing holds. */
export type ClosingItem =
  { readonly kind: 'line'; readonly line: TrialBalanceLine } | { readonly kind: 'head'; readonly head: StreamHead };

/** Gathers what a closing holds into the data of parts, JSON texts. */
export class PartWriter {
  private kind: ClosingItem['kind'] = 'line';
  private rows: string[] = [];
  private units = 0;

  /** Adds an item; what it returns is a part that is full without it, if one is. */
  add(item: ClosingItem): string | undefined {
    const row = JSON.stringify(item.kind === 'line' ? lineRow(item.line) : headRow(item.head));
    const isFull = this.rows.length > 0 && (item.kind !== this.kind || this.units + row.length > PART_UNITS);
    const part = isFull ? this.rest() : undefined;
    this.kind = item.kind;
    this.rows.push(row);
    this.units += row.length + 1;
    return part;
  }

  /** The part that is not full yet; undefined where nothing is left. */
  rest(): string | undefined {
    if (this.rows.length === 0) return undefined;
    const part = `{"${this.kind}s":[${this.rows.join(',')}]}`;
    this.rows = [];
    this.units = 0;
    return part;
  }
}

/** What a closing holds, as it is stored. Throws `StreamDamaged` where not all of it is there, or some of it is none. */
export async function* closingItems(store: EventStore, { stream, parts }: ClosingContent): AsyncIterable<ClosingItem> {
  let read = 0;
  if (parts > 0)
    for await (const stored of store.read(stream, 'start', 'forward')) {
      if (read === parts) break;
      const { lines = [], heads = [] } = folded(stream, () => decodeEvent<ClosingPart>(stored));
      read += 1;
      for (const row of lines) yield { kind: 'line', line: folded(stream, () => lineFrom(row)) };
      for (const [account, revision, hash] of heads) yield { kind: 'head', head: { account, revision, hash } };
    }
  if (read < parts) throw new StreamDamaged(stream, `it has ${read} parts of ${parts}`);
}

function lineRow({ ledgerAccount, commodity, debit, credit }: TrialBalanceLine): readonly string[] {
  return [ledgerAccount, commodity, toText(debit), toText(credit)];
}

function lineFrom([ledgerAccount, commodity, debit, credit]: readonly [
  string,
  string,
  string,
  string,
]): TrialBalanceLine {
  return { ledgerAccount, commodity, debit: decimal(debit), credit: decimal(credit) };
}

function headRow({ account, revision, hash }: StreamHead): readonly (string | number)[] {
  return [account, revision, hash];
}
