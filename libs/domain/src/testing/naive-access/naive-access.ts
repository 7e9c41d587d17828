/**
 * Access as SPEC §8 words it, on top of the naive books: a list of what was set aside and of what was let through, gone through anew
 * at every question. It shares nothing with the domain that it is held against.
 */
import type { Outcome } from '../naive-books/asks';
import type { Books } from '../naive-books/books';
import type { Money } from '../naive-books/money';
import { sum, textOf } from '../naive-books/money';
import { NaiveAccount } from '../naive-books/naive-account';
import { inForce } from '../naive-books/rules';
import { freeWallet, poolMoney, view } from '../naive-books/views';
import type { AccessAsk, AccessCommand, AccessOutcome, AskedAccess } from './access-asks';
import { isAskedOfAccess } from './access-asks';
import type { NaiveAccessRules, NaiveAccessVersion, NaiveLimits } from './access-rules';
import type { Counted, NaiveKey } from './authorizing';
import { authorize, availableOf } from './authorizing';

type StandingCommand = Exclude<AccessCommand, { ask: 'authorize' | 'release' }>;

/** Money that was set aside. */
interface NaiveHold {
  readonly content: string;
  readonly answer: unknown;
  readonly amount: Money;
  readonly until: number;
  /** Released, or settled. */
  isOver: boolean;
}

export class NaiveAccess {
  readonly account: NaiveAccount;
  readonly counted: Counted[] = [];
  /** By request, in the order in which they were placed. */
  readonly holds = new Map<string, NaiveHold>();
  private readonly keys = new Map<string, NaiveKey>();
  private own: NaiveLimits | null = null;

  constructor(private readonly versions: readonly NaiveAccessVersion[]) {
    this.account = new NaiveAccount(versions, (books, now) => this.spareOf(books, now));
  }

  /** @param refuses whether the domain refused by the minute, for where it may and need not */
  ask(asked: AccessAsk, refuses: boolean): AccessOutcome {
    if (!isAskedOfAccess(asked)) return this.asked(asked);
    const books = this.account.books();
    if (!books.isOpen) return { is: 'refused', code: 'unknown_account' };
    if (asked.ask === 'authorize') return this.authorized(asked.request, books, asked.now, refuses);
    return asked.ask === 'release' ? this.released(asked.authorization) : this.stands(asked, books);
  }

  /** What the account's view says now, with what is set aside. */
  view(now: number): unknown {
    const books = this.account.books();
    const rules = this.rulesAt(now);
    if (!books.isOpen || rules === undefined) return undefined;
    const held = this.held(now);
    return {
      ...(view(books, rules, now) as object),
      held: textOf(held),
      available: textOf(availableOf({ books, rules, now, held })),
    };
  }

  held(now: number): Money {
    const live = [...this.holds.values()].filter(({ until, isOver }) => !isOver && now < until);
    return sum(live.map(({ amount }) => amount));
  }

  private asked(asked: Exclude<AccessAsk, AccessCommand>): Outcome {
    const outcome = this.account.ask(asked);
    if (asked.ask !== 'usage' || outcome.is !== 'charged') return outcome;
    for (const [index, { authorization }] of asked.usages.entries()) {
      const isCharged = typeof outcome.each[index] === 'object';
      const hold = authorization === undefined ? undefined : [...this.holds.values()][authorization];
      if (isCharged && hold !== undefined) hold.isOver = true;
    }
    return outcome;
  }

  private authorized(request: AskedAccess, books: Books, now: number, refuses: boolean): AccessOutcome {
    const content = JSON.stringify(request);
    const before = this.holds.get(request.requestId);
    if (before !== undefined) {
      if (before.content === content) return { is: 'repeated', answer: before.answer };
      return { is: 'refused', code: 'idempotency_conflict' };
    }
    const rules = this.rulesAt(now);
    if (rules === undefined) return { is: 'refused', code: 'no_rulebook' };
    const { own, keys, counted } = this;
    const so = { books, rules, now, own, keys, counted, held: this.held(now) };
    const verdict = authorize(request, so, refuses);
    if (verdict.is === 'denied') return verdict;
    this.counted.push(verdict.counted);
    const { answer, estimate: amount } = verdict;
    if (answer.heldUntil === null) return { is: 'granted', answer };
    const until = Date.parse(answer.heldUntil);
    this.holds.set(request.requestId, { content, answer, amount, until, isOver: false });
    return { is: 'done', answer };
  }

  private released(authorization: number): AccessOutcome {
    const hold = [...this.holds.values()][authorization];
    if (hold === undefined) return { is: 'refused', code: 'unknown_authorization' };
    hold.isOver = true;
    return { is: 'nothing' };
  }

  /** Settings and keys, which are commands of the account: they occur now, or with its last command if that is later. */
  private stands(asked: StandingCommand, books: Books): AccessOutcome {
    const at = Math.max(asked.now, books.lastCommand);
    const early = this.isSoAlready(asked, books);
    if (early !== null) return early;
    const rules = this.rulesAt(at);
    if (asked.ask !== 'revoke' && rules === undefined) return { is: 'refused', code: 'no_rulebook' };
    const isOfKey = asked.ask === 'regroup' || asked.ask === 'revoke';
    if (isOfKey && !this.keys.has(asked.key)) return { is: 'refused', code: 'unknown_api_key' };
    const group = asked.ask === 'issue' || asked.ask === 'regroup' ? asked.group : null;
    if (group !== null && rules?.groups.some(({ id }) => id === group) !== true) {
      return { is: 'refused', code: 'unknown_group' };
    }
    this.happen(asked);
    const change = asked.ask === 'suspend' ? { suspended: asked.suspended } : {};
    this.account.facts.push({ did: 'settings', at, change, settled: [] });
    return { is: 'done', answer: null };
  }

  /** What changes nothing is accepted; a key is issued once under its id. */
  private isSoAlready(asked: StandingCommand, { isSuspended }: Books): AccessOutcome | null {
    const nothing = { is: 'nothing' } as const;
    switch (asked.ask) {
      case 'limit':
        return sameLimits(asked.limits, this.own) ? nothing : null;
      case 'suspend':
        return asked.suspended === isSuspended ? nothing : null;
      case 'revoke':
        return this.keys.get(asked.key)?.isRevoked === true ? nothing : null;
      case 'regroup':
        return this.keys.get(asked.key)?.group === asked.group ? nothing : null;
      case 'issue': {
        const key = this.keys.get(asked.key);
        if (key === undefined) return null;
        return key.issuedFor === asked.group ? nothing : { is: 'refused', code: 'idempotency_conflict' };
      }
    }
  }

  private happen(asked: StandingCommand): void {
    if (asked.ask === 'limit') this.own = asked.limits;
    if (asked.ask === 'issue')
      this.keys.set(asked.key, { issuedFor: asked.group, group: asked.group, isRevoked: false });
    const key = 'key' in asked ? this.keys.get(asked.key) : undefined;
    if (key === undefined) return;
    if (asked.ask === 'regroup') key.group = asked.group;
    if (asked.ask === 'revoke') key.isRevoked = true;
  }

  /** What live holds leave to be refunded: of all there is, as if the wallet might be drawn. */
  private spareOf(books: Books, now: number): Money {
    const all = poolMoney(books, now) + freeWallet(books, now);
    const held = this.held(now);
    return all > held ? all - held : 0n;
  }

  private rulesAt(at: number): NaiveAccessRules | undefined {
    // The rules of a version are found again by their place in the list, with what they say of access.
    const found = inForce(this.versions, at);
    return this.versions.find((version) => version === found)?.rules;
  }
}

function sameLimits(one: NaiveLimits | null, other: NaiveLimits | null): boolean {
  return (
    (one === null) === (other === null) &&
    one?.requestsPerMinute === other?.requestsPerMinute &&
    one?.requestsPerDay === other?.requestsPerDay
  );
}
