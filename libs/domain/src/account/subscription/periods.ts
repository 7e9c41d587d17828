import type { Period, Subscription } from './subscription';

/** The paid period of a number; undefined where there is none. */
export function periodOf({ periods }: Subscription, number: number): Period | undefined {
  const period = periods[number];
  return period?.number === number ? period : periods.find((other) => other.number === number);
}

/** Whether a period begins: a switch may have kept it from that. */
export function begins({ from, switchedAt }: Period): boolean {
  return switchedAt === null || switchedAt > from;
}

/** The period that an instant (milliseconds since 1970) lies in, whether or not it was switched away from later; undefined where there is none. */
export function periodAt({ timeline }: Subscription, atMs: number): Period | undefined {
  let low = 0;
  let high = timeline.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((timeline[middle]?.from ?? Infinity) <= atMs) low = middle + 1;
    else high = middle;
  }
  const period = timeline[low - 1];
  if (period === undefined || atMs >= period.to) return undefined;
  return period.switchedAt === null || atMs < period.switchedAt ? period : undefined;
}

/** The period that runs at an instant, with all that was paid before it; undefined where none does. */
export function runningPeriod(subscription: Subscription | null, atMs: number): Period | undefined {
  const period = subscription === null ? undefined : periodAt(subscription, atMs);
  return period?.switchedAt === null ? period : undefined;
}

/** Whether something paid is running or waits at an instant. */
export function isActive(subscription: Subscription | null, atMs: number): boolean {
  return (subscription?.periods.at(-1)?.to ?? -Infinity) > atMs;
}
