import type { Ask, AskedUsage, Command, MoneyBackCommand, PlanCommand } from './asks';
import type { Books } from './books';
import type { Settings } from './facts';
import type { NaiveVersion } from './rules';
import { dayMs } from './rules';
import type { Doing, MoneyBackDoing, Near, PlanDoing, Step } from './stories';

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
  return { ...commandOf(doing, resolved, usages, books), now, occurredAt };
}

/** One of those there are, or, seldom, one that is not. */
function oneOf(ids: Iterable<string>, which: number): string {
  const all = [...ids];
  return which === 0 ? 'none' : (all[which % all.length] ?? 'none');
}

type Commanded = Exclude<Doing, { does: 'usage' | 'earn' | 'again' }>;
type WalletDoing = Exclude<Commanded, PlanDoing | MoneyBackDoing>;

function commandOf(doing: Commanded, resolved: (near: Near) => number, usages: number, books: Books): Command {
  if (isOfPlans(doing)) return planCommand(doing);
  return isOfMoneyBack(doing) ? moneyBackCommand(doing, books) : walletCommand(doing, resolved, usages);
}

function isOfPlans(doing: Commanded): doing is PlanDoing {
  return ['start', 'renew', 'cancel', 'switch'].includes(doing.does);
}

function isOfMoneyBack(doing: Commanded): doing is MoneyBackDoing {
  return ['refund', 'dispute', 'won', 'lost', 'write-off'].includes(doing.does);
}

function walletCommand(doing: WalletDoing, resolved: (near: Near) => number, usages: number): Command {
  switch (doing.does) {
    case 'open':
      return { ask: 'open' };
    case 'recharge': {
      const { amount, currency, provider } = doing;
      return { ask: 'recharge', id: `r${doing.id}`, provider, amount, currency };
    }
    case 'grant': {
      const { amount, reason, expires } = doing;
      return {
        ask: 'grant',
        id: `g${doing.id}`,
        amount,
        reason,
        expiresAt: expires === null ? null : resolved(expires),
      };
    }
    case 'reverse':
      return { ask: 'reverse', id: `x${doing.id}`, usage: `u${doing.usage % (usages + 1)}` };
    case 'pay-as-you-go':
    case 'multiply':
    case 'pin':
      return { ask: 'settings', change: changeOf(doing) };
  }
}

function changeOf(doing: Extract<Doing, { does: 'pay-as-you-go' | 'multiply' | 'pin' }>): Settings {
  if (doing.does === 'pay-as-you-go') return { payAsYouGo: doing.on };
  return doing.does === 'multiply' ? { customMultiplier: doing.by } : { tier: doing.tier };
}

function planCommand(doing: PlanDoing): PlanCommand {
  switch (doing.does) {
    case 'start': {
      const { plan, kind, provider } = doing;
      return { ask: 'start', id: `p${doing.id}`, plan, kind, provider };
    }
    case 'renew':
      return { ask: 'renew', id: `p${doing.id}`, provider: doing.provider };
    case 'cancel':
      return { ask: 'cancel' };
    case 'switch':
      return { ask: 'switch', id: `p${doing.id}`, plan: doing.plan, provider: doing.provider };
  }
}

function moneyBackCommand(doing: MoneyBackDoing, books: Books): MoneyBackCommand {
  const recharges = books.rechargeLots.keys();
  switch (doing.does) {
    case 'refund':
      return { ask: 'refund', id: `f${doing.id}`, recharge: oneOf(recharges, doing.recharge) };
    case 'dispute':
      return { ask: 'dispute', id: `d${doing.id}`, recharge: oneOf(recharges, doing.recharge), amount: doing.amount };
    case 'won':
    case 'lost': {
      const dispute = oneOf(books.disputes.keys(), doing.dispute);
      const recharge = books.disputes.get(dispute)?.recharge ?? oneOf(recharges, doing.dispute);
      return doing.does === 'won'
        ? { ask: 'won', dispute, recharge }
        : { ask: 'lost', dispute, recharge, fee: doing.fee };
    }
    case 'write-off':
      return { ask: 'write-off', id: `o${doing.id}`, amount: doing.amount };
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
