import type { PublishedRulebook } from '@meterbook/domain/rulebook/rulebook';
import type { TierEvent } from '@meterbook/domain/tier/events';
import { pin, promote } from '@meterbook/domain/tier/promote';
import { evolveTier, foldRecharge } from '@meterbook/domain/tier/tier';
import { accountNamed } from '@meterbook/books/account-stream';
import { encodeEvent } from '@meterbook/books/event-codec';
import type { Rulebooks } from '@meterbook/books/rulebooks';
import { DamagedStreams, folded } from '@meterbook/event-store/damaged-streams';
import type { AppendOutcome, EventStore, NewEvent, StreamAppend } from '@meterbook/event-store/event-store';
import { StreamDamaged } from '@meterbook/event-store/store-failure';
import { UnreadableRelay } from '@meterbook/messages/relayed-event';
import type { BatchHandler, Topics } from '@meterbook/topics/topics';
import { tierFactOf, type TierFact } from './tier-fact';
import { TierStates, tierStream, type ReadTier } from './tier-states';
import { GROUPS, TOPICS } from '@meterbook/messages/topic-table';

/** Times that an account's facts are decided anew because another process was faster. */
const MAX_ATTEMPTS = 20;

/** What an account's facts come to. */
interface Decided {
  readonly account: string;
  readonly before: ReadTier;
  readonly after: ReadTier;
  readonly events: readonly NewEvent[];
}

/**
 * Hop 6: hears recharges and pins on `ledger.entries` and writes what they come to in the `tier-` streams, one append a
 * batch. A fact heard again decides nothing, by its revision in the account's stream; so does one decided on a state that
 * is behind, since neither what was earned nor what was heard ever goes back.
 *
 * A fact that cannot be read, or whose account or rulebook cannot be, is passed over and told of; everything else goes on. The
 * account's next recharge makes up for it, since every recharge says what all of them add up to.
 */
export class PromoteTiers {
  /** Streams that promotions go on without. */
  readonly damaged = new DamagedStreams();
  private readonly states: TierStates;

  constructor(
    private readonly store: EventStore,
    private readonly topics: Topics,
    private readonly rulebooks: Rulebooks,
  ) {
    this.states = new TierStates(store);
  }

  /** The loop: consumes until aborted. */
  run(signal: AbortSignal): Promise<void> {
    return this.topics.consume(GROUPS.promoting, [TOPICS.entries], this.handle, signal);
  }

  readonly handle: BatchHandler = async ({ records }): Promise<void> => {
    let pending = new Map<string, TierFact[]>();
    for (const record of records) {
      if (!accountNamed(record.key)) continue;
      const fact = await this.withoutDamage(() => tierFactOf(record, this.store));
      if (!fact) continue;
      const facts = pending.get(record.key);
      if (facts) facts.push(fact);
      else pending.set(record.key, [fact]);
    }
    for (let attempt = 0; pending.size > 0; attempt++) {
      if (attempt === MAX_ATTEMPTS) throw new Error(`tiers lost ${MAX_ATTEMPTS} times to other writers`);
      pending = await this.decideAndAppend(pending);
    }
  };

  /** Decides and appends for every account at once; gives back those that another process was faster at. */
  private async decideAndAppend(facts: ReadonlyMap<string, TierFact[]>): Promise<Map<string, TierFact[]>> {
    const appends: Decided[] = [];
    for (const [account, heard] of facts) {
      const decided = await this.withoutDamage(() => this.decide(account, heard));
      if (!decided) continue;
      if (decided.events.length > 0) appends.push(decided);
      else this.states.keep(account, decided.after);
    }
    const again = new Map<string, TierFact[]>();
    if (appends.length === 0) return again;
    for (const { account } of appends) this.states.forget(account);
    const outcomes = await this.append(appends);
    for (const [i, { account, after }] of appends.entries()) {
      const outcome = outcomes[i];
      if (outcome === 'damaged') continue;
      if (outcome?.kind === 'appended') this.states.keep(account, after);
      else again.set(account, facts.get(account) ?? []);
    }
    return again;
  }

  private async decide(account: string, heard: readonly TierFact[]): Promise<Decided> {
    const rulebooks = await this.rulebooks.confirmed(account.slice(0, account.indexOf('/')));
    const before = await this.states.load(account);
    return folded(tierStream(account), () => decide(account, before, heard, rulebooks));
  }

  /** One call for all; where a stream of them cannot be appended to, one call each, since what the first one wrote is not known. */
  private async append(appends: readonly Decided[]): Promise<(AppendOutcome | 'damaged' | undefined)[]> {
    try {
      return await this.store.append(appends.map(toAppend));
    } catch (error) {
      if (!(error instanceof StreamDamaged)) throw error;
    }
    const outcomes: (AppendOutcome | 'damaged' | undefined)[] = [];
    for (const decided of appends) {
      const [outcome] = (await this.withoutDamage(() => this.store.append([toAppend(decided)]))) ?? [
        'damaged' as const,
      ];
      outcomes.push(outcome);
    }
    return outcomes;
  }

  /** Undefined, and told of, where one stream is damaged; what fails because something is down is thrown, and tried again. */
  private async withoutDamage<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof StreamDamaged) && !(error instanceof UnreadableRelay)) throw error;
      this.damaged.note(error.stream, error);
      return undefined;
    }
  }
}

function decide(
  account: string,
  before: ReadTier,
  facts: readonly TierFact[],
  rulebooks: readonly PublishedRulebook[],
): Decided {
  let { state, hash } = before;
  const events: NewEvent[] = [];
  for (const fact of facts) {
    const event: TierEvent | null =
      fact.kind === 'recharge' ? promote(state, fact.recharge, rulebooks) : pin(state, fact.pin);
    if (event) {
      const revision = state.revision + 1;
      const encoded = encodeEvent(tierStream(account), revision, hash, event, fact.metadata);
      events.push(encoded);
      state = evolveTier(state, event, revision);
      hash = encoded.hash;
    } else if (fact.kind === 'recharge') {
      state = foldRecharge(state, fact.recharge);
    }
  }
  return { account, before, after: { state, hash }, events };
}

function toAppend({ account, before, events }: Decided): StreamAppend {
  const { revision } = before.state;
  return { stream: tierStream(account), expectedRevision: revision < 0 ? 'no-stream' : revision, events };
}
