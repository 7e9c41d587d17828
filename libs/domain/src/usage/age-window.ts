const DAY_MS = 86_400_000;
/** How far usage may lie after its acceptance: a clock elsewhere may be ahead of ours (SPEC §9). */
export const MAX_AHEAD_MS = 5 * 60_000;

/** Which usage is taken, by its own time against the moment of its acceptance; instants are milliseconds since 1970. */
export class AgeWindow {
  private readonly maxAgeMs: number;

  constructor(readonly days: number) {
    this.maxAgeMs = days * DAY_MS;
  }

  /** The earliest usage that is taken at an instant. */
  earliest(acceptedAt: number): number {
    return acceptedAt - this.maxAgeMs;
  }

  /** The latest usage that is taken at an instant. */
  latest(acceptedAt: number): number {
    return acceptedAt + MAX_AHEAD_MS;
  }

  /** Why usage is not taken; undefined where it lies in the window, its ends included. */
  refusal(occurredAt: number, acceptedAt: number): 'usage_too_old' | 'usage_in_future' | undefined {
    if (occurredAt < this.earliest(acceptedAt)) return 'usage_too_old';
    return occurredAt > this.latest(acceptedAt) ? 'usage_in_future' : undefined;
  }
}
