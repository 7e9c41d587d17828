import type { PublishedRulebook } from '@meterbook/domain/rulebook/rulebook';
import type { TierEvent } from '@meterbook/domain/tier/events';
import { pin, promote } from '@meterbook/domain/tier/promote';
import { evolveTier, foldRecharge } from '@meterbook/domain/tier/tier';
import { encodeEvent } from '@meterbook/books/event-codec';
import type { EventStore, NewEvent, StreamAppend } from '@meterbook/event-store/event-store';
import type { BatchHandler, Topics } from '@meterbook/topics/topics';
import type { Rulebooks } from '@meterbook/books/rulebooks';
import { tierFactOf, type TierFact } from './tier-fact';
import { TierStates, tierStream, type ReadTier } from './tier-states';

/** Times that an account's facts are decided anew because another process was faster. */
const maxAttempts = 20;

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
 */
export class PromoteTiers {
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
    return this.topics.consume('tier-projection', ['ledger.entries'], this.handle, signal);
  }

  readonly handle: BatchHandler = async ({ records }): Promise<void> => {
    let pending = new Map<string, TierFact[]>();
    for (const record of records) {
      const fact = tierFactOf(record);
      if (!fact) continue;
      const facts = pending.get(record.key);
      if (facts) facts.push(fact);
      else pending.set(record.key, [fact]);
    }
    for (let attempt = 0; pending.size > 0; attempt++) {
      if (attempt === maxAttempts) throw new Error(`tiers lost ${maxAttempts} times to other writers`);
      pending = await this.decideAndAppend(pending);
    }
  };

  /** Decides and appends for every account at once; gives back those that another process was faster at. */
  private async decideAndAppend(facts: ReadonlyMap<string, TierFact[]>): Promise<Map<string, TierFact[]>> {
    const again = new Map<string, TierFact[]>();
    const appends: Decided[] = [];
    for (const [account, heard] of facts) {
      const rulebooks = await this.rulebooks.confirmed(account.slice(0, account.indexOf('/')));
      const decided = decide(account, await this.states.load(account), heard, rulebooks);
      if (decided.events.length > 0) appends.push(decided);
      else this.states.keep(account, decided.after);
    }
    if (appends.length === 0) return again;
    for (const { account } of appends) this.states.forget(account);
    const outcomes = await this.store.append(appends.map(toAppend));
    for (const [i, { account, after }] of appends.entries()) {
      if (outcomes[i]?.kind === 'appended') this.states.keep(account, after);
      else again.set(account, facts.get(account) ?? []);
    }
    return again;
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
