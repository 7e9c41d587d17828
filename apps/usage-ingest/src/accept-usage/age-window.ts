import { formatInstant } from '@meterbook/domain/time/instant';
import type { ValueFault } from '@meterbook/messages/reading/fault';

const DAY_MS = 86_400_000;
/** How far a clock elsewhere may be ahead of ours. */
export const MAX_AHEAD_MS = 5 * 60_000;

/** Which usage is taken, by its own time against the moment of acceptance. */
export class AgeWindow {
  private readonly maxAgeMs: number;

  constructor(maxAgeDays: number) {
    this.maxAgeMs = maxAgeDays * DAY_MS;
  }

  /** What is wrong with usage of an instant when it is accepted at another, both in milliseconds since 1970. */
  faultOf(occurredAt: number, acceptedAt: number): ValueFault | undefined {
    const [earliest, latest] = [acceptedAt - this.maxAgeMs, acceptedAt + MAX_AHEAD_MS];
    if (occurredAt < earliest) {
      return { code: 'usage_too_old', detail: `lies before ${formatInstant(earliest)}, when the age window begins` };
    }
    if (occurredAt > latest) {
      return { code: 'usage_in_future', detail: `lies after ${formatInstant(latest)}, more than five minutes ahead` };
    }
    return undefined;
  }
}
