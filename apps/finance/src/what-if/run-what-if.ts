import type { AccountEvent } from '@meterbook/domain/account/events';
import { AccountAgain, type BookedEvent } from '@meterbook/domain/account/what-if/account-again';
import type { LookedBack } from '@meterbook/domain/account/what-if/command-again';
import type { BookedPromotion } from '@meterbook/domain/account/what-if/promotions-again';
import { SupposedRules } from '@meterbook/domain/account/what-if/supposed-rules';
import { readStoredRulebook } from '@meterbook/domain/rulebook/read-rulebook';
import type { Rulebook } from '@meterbook/domain/rulebook/rulebook';
import type { TierEvent } from '@meterbook/domain/tier/events';
import { storedInstant } from '@meterbook/domain/time/instant';
import { decodeAccountEvent } from '@meterbook/books/account-event';
import { accountStream } from '@meterbook/books/account-stream';
import { decodeEvent, decodeMetadata } from '@meterbook/books/event-codec';
import { Rulebooks } from '@meterbook/books/rulebooks';
import { tierPrefix } from '@meterbook/books/stream-kinds';
import { comparePositions, type EventStore, type Position, type StoredEvent } from '@meterbook/event-store/event-store';
import { StreamDamaged } from '@meterbook/event-store/store-failure';
import { AccountHistory } from '@meterbook/books/account-history';
import { Grouping } from './group-of';
import type { WhatIfProgress, WhatIfQuestion, WhatIfTask } from './question';
import { ResultBeingMade } from './result-file';
import { SpanIndex, type AccountToDecide } from './span-index';

/** Accounts that a result names of those that it stands without. */
const MAX_NAMED = 100;
/** What of the whole is told to be done once it is known where to begin, from 0 to 1. */
const PART_OF_LOOKING = 0.1;
/** Events after which it is told how far it is. */
const TELL_EVERY_EVENTS = 2_000;

/** An account whose events make no sense from here on. */
class AccountUnreadable extends Error {
  override readonly name = 'AccountUnreadable';
}

/**
 * Decides again what was booked, account by account, and writes the result into a file. Memory holds one account and some groups at a
 * time. Nothing is written into the store.
 */
export async function runWhatIf(
  store: EventStore,
  { question, rulebook, file }: WhatIfTask,
  tell: (progress: WhatIfProgress) => void,
): Promise<void> {
  const end = await store.end();
  const published = await new Rulebooks(store).versions(question.platform);
  const rules = new SupposedRules(question.from, supposedIn(rulebook), published);
  const index = await SpanIndex.read(store, question, end);
  const result = new ResultBeingMade(file, question.groupBy);
  try {
    await new WhatIfRun(store, question, rules, index, result, end).run(tell);
  } finally {
    result.close();
    index.close();
  }
}

function supposedIn(text: WhatIfTask['rulebook']): Rulebook | null {
  if (text === null) return null;
  const read = readStoredRulebook(JSON.parse(text));
  if (read.kind === 'invalid') throw new Error('a rulebook that was taken cannot be read');
  return read.rulebook;
}

class WhatIfRun {
  private readonly grouping: Grouping;
  private readonly refused = new Map<string, number>();
  private readonly damaged: string[] = [];
  private damagedCount = 0;
  private decided = 0;

  constructor(
    private readonly store: EventStore,
    private readonly question: WhatIfQuestion,
    private readonly rules: SupposedRules,
    private readonly index: SpanIndex,
    private readonly result: ResultBeingMade,
    private readonly end: Position,
  ) {
    this.grouping = new Grouping(question.groupBy, question.zone, rules);
  }

  async run(tell: (progress: WhatIfProgress) => void): Promise<void> {
    const { events, accountsInSpan: accounts } = this.index;
    let told = 0;
    const onEvent = (): void => {
      this.decided += 1;
      if (this.decided < told + TELL_EVERY_EVENTS) return;
      told = this.decided;
      const part = PART_OF_LOOKING + (1 - PART_OF_LOOKING) * Math.min(1, this.decided / Math.max(1, events));
      tell({ part, accounts });
    };
    tell({ part: PART_OF_LOOKING, accounts });
    for (const each of this.index.accounts()) await this.decideOrLeaveOut(each, onEvent);
    this.result.finish({
      accounts,
      refused: [...this.refused].sort(([a], [b]) => (a < b ? -1 : 1)).map(([code, count]) => ({ code, count })),
      damaged: { count: this.damagedCount, accounts: this.damaged },
    });
  }

  /** What one account's stream holds is nobody else's trouble: what came before it counts, and it is named. */
  private async decideOrLeaveOut(account: AccountToDecide, onEvent: () => void): Promise<void> {
    try {
      await this.decide(account, onEvent);
    } catch (error) {
      if (!(error instanceof StreamDamaged || error instanceof AccountUnreadable)) throw error;
      this.damagedCount += 1;
      if (this.damaged.length < MAX_NAMED) this.damaged.push(account.account);
    }
  }

  private async decide({ account, first }: AccountToDecide, onEvent: () => void): Promise<void> {
    const name = { platform: this.question.platform, account };
    const stream = accountStream(name);
    const then = await new AccountHistory(this.store, name).upTo(({ revision }) => revision < first);
    if (then.fault) throw new AccountUnreadable(then.fault.detail);
    try {
      const again = new AccountAgain(this.rules, {
        account: then.account,
        promotions: await this.promotionsOf(account),
        isReversed: this.index.reversedOf(account),
      });
      for (let stored = then.next; stored && comparePositions(stored.position, this.end) <= 0;) {
        const booked = sensible(() => bookedEvent(stored as StoredEvent));
        const found = await this.found(stream, again, booked.event);
        this.count(
          account,
          sensible(() => again.next(booked, found)),
        );
        onEvent();
        const read = await then.rest.next();
        stored = read.done === true ? undefined : read.value;
      }
    } finally {
      await then.rest.return?.();
    }
  }

  private count(account: string, { booked, again, refused }: ReturnType<AccountAgain['next']>): void {
    for (const each of booked)
      if (this.isCounted(each.atMs)) this.result.of(this.grouping.of(account, each)).actual.count(each);
    for (const each of again)
      if (this.isCounted(each.atMs)) this.result.of(this.grouping.of(account, each)).simulated.count(each);
    for (const code of refused) this.refused.set(code, (this.refused.get(code) ?? 0) + 1);
  }

  private isCounted(atMs: number): boolean {
    return atMs >= this.question.from && atMs < this.question.to;
  }

  /** What an event looks back at, where that stands before everything that is decided again. */
  private async found(stream: string, again: AccountAgain, event: AccountEvent): Promise<LookedBack> {
    const wanted = sensible(() => again.wants(event));
    if (!wanted) return {};
    const { revision } = wanted;
    const stored = await eventIn(this.store, stream, revision);
    return sensible(() => {
      const before = decodeAccountEvent(stored);
      if (before.type === 'WalletRecharged') return { recharge: before };
      const charges = before.type === 'UsageCharged' ? before.charges : [];
      const charge = wanted.kind === 'charge' ? charges[wanted.index] : undefined;
      if (!charge || wanted.kind !== 'charge') throw new Error(`revision ${revision} is not what is looked back at`);
      return { charge: { charge, revision, index: wanted.index } };
    });
  }

  /** Only a supposed rulebook that promotes at all needs to know what the books' promotions were. */
  private async promotionsOf(account: string): Promise<readonly BookedPromotion[]> {
    if (!this.rules.promotes) return [];
    const promotions: BookedPromotion[] = [];
    const stream = `${tierPrefix}${this.question.platform}/${account}`;
    for await (const stored of this.store.read(stream, 'start', 'forward')) {
      const event = sensible(() => decodeEvent<TierEvent>(stored));
      if (event.type !== 'TierPromoted') continue;
      const { rechargeRevision, occurredAt, to, earned = [to] } = event;
      promotions.push({
        tierRevision: stored.revision,
        rechargeRevision,
        occurredAt: sensible(() => storedInstant(occurredAt)),
        earned,
      });
    }
    return promotions;
  }
}

async function eventIn(store: EventStore, stream: string, revision: number): Promise<StoredEvent> {
  for await (const stored of store.read(stream, revision, 'forward')) if (stored.revision === revision) return stored;
  throw new AccountUnreadable(`${stream} has no revision ${revision}`);
}

function bookedEvent(stored: StoredEvent): BookedEvent {
  const { revision, bookedAt } = stored;
  return { event: decodeAccountEvent(stored), revision, bookedAt, request: decodeMetadata(stored).request };
}

/** What throws here throws on what an account's stream holds. */
function sensible<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new AccountUnreadable(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
