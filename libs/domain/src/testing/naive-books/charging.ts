import { fraction, sameText, times } from '../naive-fraction';
import { naiveRate, type NaiveRated } from '../naive-rater';
import type { AskedUsage } from './asks';
import type { Books } from './books';
import type { ChargeFact, OfLot } from './facts';
import type { Money } from './money';
import { least, money, product, quotient, textOf } from './money';
import type { Pool } from './pools';
import { leave, payingPeriod, there } from './pools';
import type { NaiveRules, NaiveVersion } from './rules';
import { highest, inForce } from './rules';
import { mayDraw, mayGive, take, total } from './wallet';
import type { Verdict } from './verdict';

export interface Priced {
  readonly rated: Exclude<NaiveRated, string>;
  readonly tier: string;
  readonly group: string;
  readonly userFactor: string;
}

/** What a usage costs an account as it is now, or why it cannot be told. */
export function priced(
  books: Books,
  usage: Pick<AskedUsage, 'at' | 'model' | 'group' | 'channel' | 'units'>,
  rules: NaiveRules,
  now: number,
): Priced | string {
  const model = rules.models.find(({ id }) => id === usage.model);
  if (model === undefined) return 'unknown_model';
  const group = usage.group ?? model.group;
  if (!rules.groups.some(({ id }) => id === group)) return 'unknown_group';
  const channel = rules.channels.find(({ id }) => id === usage.channel);
  if (usage.channel !== null && channel === undefined) return 'unknown_channel';
  const tier = tierAt(books, rules, now);
  const factor = userFactor(books, rules, tier, group);
  const rated = naiveRate(
    model,
    { ...usage, fields: {} },
    { channelDiscount: channel?.discount ?? '1', userFactor: factor, rounding: rules.rounding },
  );
  return typeof rated === 'string' ? rated : { rated, tier, group, userFactor: factor };
}

/** Prices and pays one usage, booked now. */
export function charge(
  books: Books,
  usage: AskedUsage,
  versions: readonly NaiveVersion[],
  now: number,
): (Verdict & object) | string {
  const version = inForce(versions, usage.at);
  if (version === undefined) return 'no_rulebook';
  const { rules } = version;
  const price = priced(books, usage, rules, now);
  if (typeof price === 'string') return price;
  const { rated, tier, group } = price;
  const drawn = draw(books, money(rated.amount), usage.at, rules);
  const { at, id } = usage;
  const { lots, owed, pools } = drawn;
  const fact: ChargeFact = {
    did: 'charge',
    at,
    id,
    amount: money(rated.amount),
    cost: money(rated.cost),
    lots,
    owed,
    pools,
  };
  const answer = {
    id,
    amount: rated.amount,
    unrounded: rated.unrounded,
    currency: rules.currency,
    tier,
    group,
    channel: usage.channel,
    cost: rated.cost,
    plan: payingPeriod(books, usage.at)?.plan ?? null,
    rulebookVersion: version.version,
    draws: drawn.draws,
    limitedBy: drawn.limitedBy,
  };
  return { facts: [fact], answer };
}

/** The highest of what was earned, the pin, and what the plan brings whose period runs. */
export function tierAt(books: Books, rules: NaiveRules, at: number): string {
  return highest(rules, [books.pinned, ...books.earned, payingPeriod(books, at)?.tier]);
}

function userFactor(books: Books, rules: NaiveRules, tier: string, group: string): string {
  if (books.customMultiplier !== null) return books.customMultiplier;
  const cell = rules.tierMultipliers?.[tier]?.[group];
  if (cell !== undefined) return cell;
  const discount = rules.tiers.find(({ id }) => id === tier)?.discount ?? '1';
  const multiplier = rules.groups.find(({ id }) => id === group)?.multiplier ?? '1';
  return sameText(times(fraction(discount), fraction(multiplier)));
}

function orderOf({ drawOrder }: NaiveRules): readonly string[] {
  return drawOrder ?? ['main', 'backup', 'wallet'];
}

export interface Drawn {
  readonly lots: readonly OfLot[];
  readonly pools: ChargeFact['pools'];
  readonly owed: Money;
  readonly draws: readonly unknown[];
  readonly limitedBy: string | null;
}

/** Who pays an amount, source by source. */
function draw(books: Books, amount: Money, at: number, rules: NaiveRules): Drawn {
  const period = payingPeriod(books, at);
  const unit = period?.creditsPerUnit ?? 0n;
  const given = { main: 0n, backup: 0n };
  let lots: readonly OfLot[] = [];
  let rest = amount;
  let limit: string | null = null;
  const draws: unknown[] = [];
  const fromPool = (pool: Pool): void => {
    if (period === undefined) return;
    const wanted = least(product(rest, unit), there(books, period, pool));
    const { credits: most, limit: by } = leave(books, period, at);
    const leaves = most === null ? null : most - given.main - given.backup;
    const gives = leaves === null ? wanted : least(wanted, leaves < 0n ? 0n : leaves);
    if (gives < wanted) limit ??= by;
    if (gives === 0n) return;
    given[pool] = gives;
    rest -= quotient(gives, unit);
    draws.push({ from: pool, credits: textOf(gives) });
  };
  for (const source of orderOf(rules)) {
    if (source === 'main' || source === 'backup') fromPool(source);
    else if (mayDraw(books, rules)) {
      lots = take(mayGive(books, at), rest);
      rest -= total(lots);
      if (lots.length > 0) draws.push({ from: 'wallet', amount: textOf(total(lots)) });
    }
  }
  if (rest > 0n) {
    draws.push({ from: 'receivable', amount: textOf(rest) });
    limit ??= shortOf(books, at, rules);
  }
  const gave = given.main + given.backup > 0n;
  const pools = period !== undefined && gave ? { period: period.n, ...given } : null;
  return { lots, pools, owed: rest, draws, limitedBy: limit };
}

/** Why the wallet did not pay what was left over. */
function shortOf(books: Books, at: number, rules: NaiveRules): string {
  const isOff = !mayDraw(books, rules) && mayGive(books, at).length > 0;
  return isOff ? 'pay_as_you_go_off' : 'insufficient_credits';
}
