/**
 * An account as SPEC §5 to §7 and §10 word it: a list of what happened, added up anew at every question. It is slow and plain,
 * and shares nothing with the domain that it is held against: no amount, no fold, no decision.
 */
import type { Ask, Asked, Command, Outcome, Sent } from './asks';
import { contentOf } from './asks';
import type { Books } from './books';
import { booksOf } from './books';
import { charge } from './charging';
import type { Fact } from './facts';
import { dispute, lose, refund, win, writeOff } from './money-back';
import { earn, grant, open, recharge, settings } from './money-in';
import { reverse } from './reversing';
import type { Money } from './money';
import type { NaiveRules, NaiveVersion } from './rules';
import { inForce } from './rules';
import { cancel, isActive, renew, start, switchPlan } from './subscribing';
import type { Verdict } from './verdict';

export class NaiveAccount {
  readonly facts: Fact[] = [];
  private readonly done = new Map<string, { readonly content: string; readonly answer: unknown }>();

  /** @param spareOf what live holds leave to be refunded at an instant; null where there are no holds */
  constructor(
    private readonly versions: readonly NaiveVersion[],
    private readonly spareOf: (books: Books, now: number) => Money | null = () => null,
  ) {}

  /** What all that happened comes to, or what had occurred by an instant. */
  books(until?: number): Books {
    return booksOf(this.facts, until);
  }

  ask(asked: Ask): Outcome {
    if (asked.ask === 'usage') {
      return { is: 'charged', each: asked.usages.map((usage) => this.charged(usage, asked.now)) };
    }
    if (asked.ask !== 'earn') return this.command(asked);
    this.facts.push(...earn(this.facts, this.versions));
    return { is: 'nothing' };
  }

  private charged(usage: Parameters<typeof charge>[1], now: number): unknown {
    const books = this.books();
    if (!books.isOpen) return 'unknown_account';
    const verdict = charge(books, usage, this.versions, now);
    if (typeof verdict === 'string') return verdict;
    this.facts.push(...verdict.facts);
    return verdict.answer;
  }

  private command(asked: Command & Sent): Outcome {
    const books = this.books();
    books.spare = this.spareOf(books, asked.now);
    if (!books.isOpen && asked.ask !== 'open' && asked.ask !== 'recharge') return refused('unknown_account');
    const key = keyOf(asked);
    const content = contentOf(asked);
    const earlier = key === null ? undefined : this.done.get(key);
    if (earlier !== undefined) {
      return earlier.content === content
        ? { is: 'repeated', answer: earlier.answer }
        : refused(key?.startsWith('closing') === true ? 'dispute_closed' : 'idempotency_conflict');
    }
    const verdict = this.verdict(books, asked);
    if (typeof verdict === 'string') return refused(verdict);
    if (verdict === null || verdict.facts.length === 0) return { is: 'nothing' };
    this.facts.push(...verdict.facts);
    if (key !== null) this.done.set(key, { content, answer: verdict.answer });
    return { is: 'done', answer: verdict.answer };
  }

  private verdict(books: Books, asked: Command & Sent): Verdict {
    if (isSoAlready(books, asked)) return null;
    const undone = asked.ask === 'reverse' ? books.charges.get(asked.usage)?.fact.at : undefined;
    const at = instantOf(asked, books.lastCommand, undone);
    if (typeof at === 'string') return at;
    if (asked.ask === 'reverse') return reverse(books, asked, at);
    if (asked.ask === 'cancel') return cancel(books, at);
    const rules = inForce(this.versions, at)?.rules;
    if (rules === undefined) return 'no_rulebook';
    if (asked.ask === 'open') return open(rules, at);
    return decide(books, asked, rules, at);
  }
}

function decide(
  books: Books,
  asked: Exclude<Command, { ask: 'open' | 'reverse' | 'cancel' }>,
  rules: NaiveRules,
  at: number,
): Verdict {
  switch (asked.ask) {
    case 'recharge':
      return recharge(books, asked, rules, at);
    case 'grant':
      return grant(books, asked, rules, at);
    case 'settings':
      return settings(books, asked.change, rules, at);
    case 'start':
      return start(books, asked, rules, at);
    case 'renew':
      return renew(books, asked, rules, at);
    case 'switch':
      return switchPlan(books, asked, rules, at);
    case 'refund':
      return refund(books, asked, rules, at);
    case 'dispute':
      return dispute(books, asked, rules, at);
    case 'won':
    case 'lost':
      return close(books, asked, rules, at);
    case 'write-off':
      return writeOff(books, asked, rules.currency, at);
  }
}

function close(books: Books, asked: Asked<'won' | 'lost'>, rules: NaiveRules, at: number): Verdict {
  if (!books.rechargeLots.has(asked.recharge)) return 'unknown_recharge';
  const found = books.disputes.get(asked.dispute);
  if (found?.recharge !== asked.recharge) return 'unknown_dispute';
  return asked.ask === 'won' ? win(books, found, rules, at) : lose(books, asked, found, rules, at);
}

/** What makes a command the same: ids of one kind are unique, payments of subscriptions are of one kind, and a dispute is closed once. */
function keyOf(asked: Command): string | null {
  switch (asked.ask) {
    case 'open':
    case 'settings':
    case 'cancel':
      return null;
    case 'start':
    case 'renew':
    case 'switch':
      return `payment ${asked.id}`;
    case 'won':
    case 'lost':
      return `closing ${asked.recharge} ${asked.dispute}`;
    case 'recharge':
    case 'grant':
    case 'reverse':
    case 'refund':
    case 'dispute':
    case 'write-off':
      return `${asked.ask} ${asked.id}`;
  }
}

function refused(code: string): Outcome {
  return { is: 'refused', code };
}

/** When a command occurs: as it says, else now, or with the account's last command, or what it undoes, if that is later. */
function instantOf({ now, occurredAt }: Sent, last: number, undone = -Infinity): number | string {
  if (occurredAt === null) return Math.max(now, last, undone);
  if (occurredAt > now) return 'occurred_at_in_future';
  return occurredAt < Math.max(last, undone) ? 'occurred_at_out_of_order' : occurredAt;
}

/** What is so already is accepted, whatever its time. */
function isSoAlready(books: Books, asked: Command & Sent): boolean {
  if (asked.ask === 'open') return books.isOpen;
  if (asked.ask === 'cancel') return books.isCancelled && isActive(books, asked.occurredAt ?? asked.now);
  return asked.ask === 'settings' && changesNothing(books, asked.change);
}

function changesNothing(books: Books, change: Extract<Command, { ask: 'settings' }>['change']): boolean {
  const { payAsYouGo, customMultiplier, suspended, tier } = change;
  return (
    (payAsYouGo === undefined || payAsYouGo === (books.payAsYouGo ?? false)) &&
    (customMultiplier === undefined || customMultiplier === books.customMultiplier) &&
    (suspended === undefined || suspended === books.isSuspended) &&
    (tier === undefined || tier === books.pinned)
  );
}
