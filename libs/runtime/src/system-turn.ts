import { setImmediate } from 'node:timers/promises';

/** Lets whatever else waits for the thread have its turn, without waiting for anything: no clock decides how long it takes. */
export async function othersTurn(): Promise<void> {
  await setImmediate();
}
