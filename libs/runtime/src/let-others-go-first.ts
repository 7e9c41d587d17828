import { getPriority, setPriority } from 'node:os';

/** How much nicer than the process a thread is whose work may be late, in steps of `nice`: where all want it, it gets a tenth of what another gets. */
const NICER_BY = 10;
/** The nicest that there is. */
const NICEST = 19;

/**
 * Gives this thread less of the processor than its siblings where both want it, and all where they do not. Of all systems Linux alone
 * knows threads by a priority of their own; elsewhere it would be the whole process, so nothing is changed.
 */
export function letOthersGoFirst(): void {
  if (process.platform !== 'linux') return;
  setPriority(Math.min(NICEST, getPriority() + NICER_BY));
}
