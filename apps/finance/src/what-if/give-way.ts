import { constants, setPriority } from 'node:os';

/** Lets whoever books and answers come first. On Linux a priority is a thread's own; elsewhere it would be that of the whole process. */
export function giveWay(): void {
  if (process.platform !== 'linux') return;
  try {
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // Without the right to it, it takes its turns like everybody else.
  }
}
