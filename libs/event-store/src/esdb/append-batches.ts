import type { Proposal } from './recorded-event';

/** Bytes of one append, below the server's 1 MiB (default through 25.0) by what it adds itself. */
export const MAX_APPEND_BYTES = 900 * 1024;

/**
 * The events in order, in as few appends as fit. The same events give the same batches always, so that an append repeated
 * after a crash meets the batches of the first try.
 */
export function batchesOf(stream: string, proposals: readonly Proposal[]): Proposal[][] {
  const batches: Proposal[][] = [];
  let room = 0;
  for (const proposal of proposals) {
    if (proposal.bytes > MAX_APPEND_BYTES)
      throw new Error(
        `an event of ${proposal.bytes} bytes for ${stream} is more than the ${MAX_APPEND_BYTES} of one append`,
      );
    if (proposal.bytes > room) {
      batches.push([]);
      room = MAX_APPEND_BYTES;
    }
    batches.at(-1)?.push(proposal);
    room -= proposal.bytes;
  }
  return batches;
}
