import type { Labels } from '@meterbook/domain/usage/labels';
import type { Dimensions, Measures } from './charge-row';

/** Where a charge stands, so that it is found by its id alone: 32 bits of the id's hash, and its event and place in that. */
export type Locator = readonly [idHash: number, revision: number, index: number];

/**
 * One charge, or the reversal of one, as it waits for its block: a line of JSON, which has no line break within it. A reversal says where
 * its charge stands. Quarters are counted from 1970, in quarters of an hour.
 */
export type ChargeLine = readonly [
  bookedQuarter: number,
  occurredQuarter: number,
  account: string,
  apiKey: string | null,
  labels: Labels | null,
  dimensions: Dimensions,
  measures: Measures,
  locator: Locator,
];

export function fromLine(text: string): ChargeLine {
  return JSON.parse(text) as ChargeLine;
}

/** The lines of a row of the tail. */
export function linesIn(lines: string): string[] {
  return lines.split('\n');
}

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** 32 bits that stand for an id (FNV-1a over its UTF-16 units); others may have the same. */
export function idHashOf(id: string): number {
  let hash = FNV_OFFSET;
  for (let at = 0; at < id.length; at++) hash = Math.imul(hash ^ id.charCodeAt(at), FNV_PRIME);
  return hash >>> 0;
}
