import { FIRST_PLACE, type CellPlace } from './cell-cursor';
import type { CellEntry, CellStep } from './cell-entry';

/** Places without anything of the cell that are looked at for a page, each some hundreds of events or rows: a page may hold less than was asked for. */
const MAX_EMPTY_PLACES = 200;

/** Characters of explanations, from which on a page ends; it has one entry at least. */
const MAX_PAGE_CHARS = 4 * 1024 * 1024;

export interface Page {
  readonly items: readonly CellEntry[];
  /** Where the next page begins; null while nothing is beyond this one. */
  readonly next: CellPlace | null;
}

/** A page of what a source tells after a place; as of `derivedAt`, milliseconds since 1970. */
export async function pageOf(
  steps: AsyncIterable<CellStep>,
  place: CellPlace | null,
  limit: number,
  derivedAt: number,
  maxEmptyPlaces = MAX_EMPTY_PLACES,
): Promise<Page> {
  const items: CellEntry[] = [];
  let after = place?.after ?? FIRST_PLACE;
  let toSkip = place?.given ?? 0;
  let emptyPlaces = 0;
  let chars = 0;
  for await (const { mark, entries } of steps) {
    for (const [index, entry] of entries.entries()) {
      if (index < toSkip) continue;
      if (items.length === limit || chars >= MAX_PAGE_CHARS)
        return { items, next: { at: derivedAt, after, given: index } };
      items.push(entry);
      chars += entry.sentence.length + (entry.explain?.length ?? 0);
    }
    if (entries.length > 0) toSkip = 0;
    else emptyPlaces += 1;
    after = mark;
    if (emptyPlaces >= maxEmptyPlaces) return { items, next: { at: derivedAt, after, given: toSkip } };
  }
  return { items, next: null };
}
