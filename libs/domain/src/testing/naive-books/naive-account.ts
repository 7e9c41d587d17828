/**
 * An account as SPEC §5 to §7 and §10 word it: a list of what happened, added up anew at every question. It is slow and plain,
 * and shares nothing with the domain that it is held against: no amount, no fold, no decision.
 */
import type { Ask, Command, Outcome, Sent } from './asks';
import { contentOf } from './asks';
import type { Books } from './books';
import { booksOf } from './books';
import { charge } from './charging';
import type { Fact } from './facts';
import { earn, grant, open, recharge, settings } from './money-in';
import { reverse } from './reversing';
import type { NaiveVersion } from './rules';
import { inForce } from './rules';
import type { Verdict } from './verdict';

export class NaiveAccount {
  readonly facts: Fact[] = [];
  private readonly done = new Map<string, { readonly content: string; readonly answer: unknown }>();

  constructor(private readonly versions: readonly NaiveVersion[]) {}

  /** What all that happened comes to, or what had occurred by an instant. */
  books(until?: number): Books {
    return booksOf(this.facts, until);
  }

  ask(asked: Ask): Outcome {
    switch (asked.ask) {
      case 'usage':
        return { is: 'charged', each: asked.usages.map((usage) => this.charged(usage, asked.now)) };
      case 'earn':
        this.facts.push(...earn(this.facts, this.versions));
        return { is: 'nothing' };
      case 'open':
      case 'recharge':
      case 'grant':
      case 'settings':
      case 'reverse':
        return this.command(asked);
    }
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
    if (!books.isOpen && asked.ask !== 'open' && asked.ask !== 'recharge') return refused('unknown_account');
    const key = 'id' in asked ? `${spaceOf(asked)} ${asked.id}` : null;
    const content = contentOf(asked);
    const earlier = key === null ? undefined : this.done.get(key);
    if (earlier !== undefined) {
      return earlier.content === content ? { is: 'repeated', answer: earlier.answer } : refused('idempotency_conflict');
    }
    const verdict = this.verdict(books, asked);
    if (typeof verdict === 'string') return refused(verdict);
    if (verdict === null) return { is: 'nothing' };
    this.facts.push(...verdict.facts);
    if (key !== null) this.done.set(key, { content, answer: verdict.answer });
    return { is: 'done', answer: verdict.answer };
  }

  private verdict(books: Books, asked: Command & Sent): Verdict {
    if (asked.ask === 'open' && books.isOpen) return null;
    if (asked.ask === 'settings' && changesNothing(books, asked.change)) return null;
    const undone = asked.ask === 'reverse' ? books.charges.get(asked.usage)?.fact.at : undefined;
    const at = instantOf(asked, books.lastCommand, undone);
    if (typeof at === 'string') return at;
    if (asked.ask === 'reverse') return reverse(books, asked, at);
    const version = inForce(this.versions, at);
    if (version === undefined) return 'no_rulebook';
    switch (asked.ask) {
      case 'open':
        return open(version.rules, at);
      case 'recharge':
        return recharge(books, asked, version.rules, at);
      case 'grant':
        return grant(books, asked, version.rules, at);
      case 'settings':
        return settings(books, asked.change, version.rules, at);
    }
  }
}

/** Ids of one kind are unique in an account. */
function spaceOf({ ask }: Command): string {
  return ask;
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

function changesNothing(books: Books, change: Extract<Command, { ask: 'settings' }>['change']): boolean {
  const { payAsYouGo, customMultiplier, suspended, tier } = change;
  return (
    (payAsYouGo === undefined || payAsYouGo === (books.payAsYouGo ?? false)) &&
    (customMultiplier === undefined || customMultiplier === books.customMultiplier) &&
    (suspended === undefined || suspended === books.isSuspended) &&
    (tier === undefined || tier === books.pinned)
  );
}
