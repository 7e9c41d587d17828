import type { Ask, AskedUsage } from './asks';
import type { Books } from './books';
import type { NaiveVersion } from './rules';
import { dayMs } from './rules';
import type { Doing, Near, Step } from './stories';

/** Where a story begins: a Saturday. */
export const storyStart = Date.parse('2026-10-31T22:00:00.000Z');

/** The instants that matter to an account about now: edges of periods, of days and weeks, of lots and versions. */
export function instantsThatMatter(books: Books, versions: readonly NaiveVersion[], now: number): number[] {
  const day = now - (now % dayMs);
  const monday = day - ((new Date(now).getUTCDay() + 6) % 7) * dayMs;
  const periods = books.periods.flatMap(({ from, to }) => [from, to]);
  const expiries = [...books.lots.values()].flatMap(({ expires }) => (expires === null ? [] : [expires]));
  const last = books.isOpen ? [books.lastCommand] : [];
  const windows = books.recharges.slice(-2).flatMap(({ at }) => [at + dayMs, at + 3 * dayMs]);
  return [
    now,
    day,
    day + dayMs,
    monday,
    monday + 7 * dayMs,
    ...last,
    ...periods.slice(-6),
    ...periods.slice(-6),
    ...expiries.slice(-2),
    ...windows,
    ...versions.map(({ from }) => from).filter((from) => from > storyStart - dayMs),
  ];
}

/** What is known when the next thing is asked. */
export interface SoFar {
  readonly books: Books;
  readonly versions: readonly NaiveVersion[];
  readonly asks: readonly Ask[];
  readonly now: number;
  /** Usage events so far. */
  readonly usages: number;
}

/** The next thing that an account is asked, once it is known how things stand. */
export function told(step: Step, { books, versions, asks, now: before, usages }: SoFar): Ask {
  const matters = instantsThatMatter(books, versions, before);
  const resolved = ({ which, offset }: Near): number => (matters[which % matters.length] ?? before) + offset;
  const later = step.wait === null ? before : resolved(step.wait);
  const now = Math.max(before, Math.min(later, before + 4 * dayMs));
  const { doing } = step;
  if (doing.does === 'earn') return { ask: 'earn', now };
  if (doing.does === 'usage') return { ask: 'usage', now, usages: asked(doing, now, usages, resolved) };
  if (doing.does === 'again') {
    const commands = asks.filter((ask) => 'occurredAt' in ask);
    const again = commands[doing.which % Math.max(1, commands.length)];
    return again === undefined ? { ask: 'earn', now } : { ...again, now };
  }
  const occurredAt = step.occurredAt === null ? null : Math.min(resolved(step.occurredAt), now + 1);
  return { ...commandOf(doing, resolved, usages), now, occurredAt };
}

type Commanded = Exclude<Doing, { does: 'usage' | 'earn' | 'again' }>;

function commandOf(doing: Commanded, resolved: (near: Near) => number, usages: number) {
  switch (doing.does) {
    case 'open':
      return { ask: 'open' } as const;
    case 'recharge': {
      const { amount, currency, provider } = doing;
      return { ask: 'recharge', id: `r${doing.id}`, provider, amount, currency } as const;
    }
    case 'grant': {
      const { amount, reason, expires } = doing;
      const expiresAt = expires === null ? null : resolved(expires);
      return { ask: 'grant', id: `g${doing.id}`, amount, reason, expiresAt } as const;
    }
    case 'reverse':
      return { ask: 'reverse', id: `x${doing.id}`, usage: `u${doing.usage % (usages + 1)}` } as const;
    case 'pay-as-you-go':
      return { ask: 'settings', change: { payAsYouGo: doing.on } } as const;
    case 'multiply':
      return { ask: 'settings', change: { customMultiplier: doing.by } } as const;
    case 'pin':
      return { ask: 'settings', change: { tier: doing.tier } } as const;
  }
}

/** Usage comes at most five minutes early, as ingest has it. */
function asked(
  { usages }: Extract<Doing, { does: 'usage' }>,
  now: number,
  first: number,
  resolved: (near: Near) => number,
): AskedUsage[] {
  return usages.map(({ model, group, channel, requests, at }, index) => ({
    id: `u${first + index}`,
    at: at === null ? now : Math.min(resolved(at), now + 300_000),
    model,
    group,
    channel,
    units: { requests },
  }));
}
