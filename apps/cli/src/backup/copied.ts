import type { BooksCopied, CopyTurn } from '@meterbook/host/files/copy-books';
import type { Extents } from '@meterbook/host/files/witness';
import { othersTurn } from '@meterbook/runtime/system-turn';
import { exitCodes, type ExitCode } from '../exit-code';
import type { Terminal } from '../terminal';

/** Somebody stopped a copy between two commits: what is there is whole, and can be gone on with. */
export class CopyInterrupted extends Error {
  override readonly name = 'CopyInterrupted';
}

/** What a backup or a restore tells. */
export interface CopyReport extends BooksCopied {
  readonly folder: string;
  /** Events in the copy, and the hash of its last frame, which stands for all of them. */
  readonly store: { readonly events: number; readonly hash: string } | null;
}

export function reportOf(folder: string, { store }: Extents, copied: BooksCopied): CopyReport {
  return { folder, ...copied, store: store && { events: store.next, hash: store.hash } };
}

/** Tells of a copy's progress, and ends it where it was interrupted. */
export function toldTurns(what: string, terminal: Terminal, asked: AbortSignal): CopyTurn {
  return async (kind, done, of) => {
    terminal.progress(`${what}: ${done} ${kind}`, of === 0 ? null : done / of);
    await othersTurn();
    if (asked.aborted) throw new CopyInterrupted();
  };
}

/** Prints what a copy came to; the exit code says whether the store is as it was written. */
export function printCopy(done: string, report: CopyReport, terminal: Terminal, json: boolean): ExitCode {
  const { folder, events, records, store, faults } = report;
  if (json) terminal.json(report);
  else {
    terminal.line(`${done} ${folder}: ${events} events and ${records} records added.`);
    if (store) terminal.line(`The store there: ${store.events} events, SHA-256 ${store.hash}.`);
    for (const position of faults)
      terminal.line(`  position ${position} is not what was written there: meterbook verify says more.`);
  }
  return faults.length > 0 ? exitCodes.notWell : exitCodes.well;
}

/** Runs a copy; says so where it was interrupted. */
export async function unlessInterrupted(copy: () => Promise<ExitCode>, terminal: Terminal): Promise<ExitCode> {
  try {
    return await copy();
  } catch (error) {
    if (!(error instanceof CopyInterrupted)) throw error;
    terminal.note('Interrupted: what was copied stays, and the next one goes on with it.');
    return exitCodes.interrupted;
  }
}
