/** The only source of time outside adapters. */
export abstract class Clock {
  /** Milliseconds since 1970, UTC. */
  abstract now(): number;
  /** Resolves after `ms` milliseconds, or at once when aborted. */
  abstract sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
