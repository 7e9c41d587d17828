import type { Labels } from '@meterbook/domain/usage/labels';
import type { ChargeRow, Dimensions, Measures } from './charge-row';

/** Where a charge stands, so that it is found by its id alone. */
export interface Locator {
  /** 32 bits of the id's hash. */
  readonly idHash: number;
  readonly revision: number;
  readonly index: number;
}

type Line = readonly [
  bookedQuarter: number,
  occurredQuarter: number,
  account: string,
  apiKey: string | null,
  labels: Labels | null,
  dimensions: Dimensions,
  measures: Measures,
  locator: readonly [idHash: number, revision: number, index: number] | null,
];

/** A charge as it waits for its block: a line of JSON. A reversal has no place, since it is found by its charge's. */
export function lineOf(row: ChargeRow, locator: Locator | null): string {
  const { bookedQuarter, occurredQuarter, account, apiKey, labels, dimensions, measures } = row;
  const place = locator && ([locator.idHash, locator.revision, locator.index] as const);
  const line: Line = [bookedQuarter, occurredQuarter, account, apiKey, labels, dimensions, measures, place];
  return JSON.stringify(line);
}

export function fromLine(text: string): { readonly row: ChargeRow; readonly locator: Locator | null } {
  const [bookedQuarter, occurredQuarter, account, apiKey, labels, dimensions, measures, place] = JSON.parse(
    text,
  ) as Line;
  const row = { bookedQuarter, occurredQuarter, account, apiKey, labels, dimensions, measures };
  return { row, locator: place && { idHash: place[0], revision: place[1], index: place[2] } };
}

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** 32 bits that stand for an id (FNV-1a over its UTF-16 units); others may have the same. */
export function idHashOf(id: string): number {
  let hash = FNV_OFFSET;
  for (let at = 0; at < id.length; at++) hash = Math.imul(hash ^ id.charCodeAt(at), FNV_PRIME);
  return hash >>> 0;
}
