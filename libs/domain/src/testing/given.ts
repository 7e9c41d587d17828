import type { Account } from '../account/account';
import type { AccountRefusal, Decision } from '../account/decision';
import type { AccountEvent } from '../account/events';
import { evolve } from '../account/evolve';

/** The account after some events, from its first one on; undefined after none. */
export function accountAfter(events: readonly AccountEvent[]): Account | undefined {
  return events.reduce<Account | undefined>((account, event, revision) => evolve(account, event, revision), undefined);
}

/** Given what happened, when something is asked, then that comes of it. */
export function given(...history: readonly AccountEvent[]): Given {
  return new Given(history);
}

class Given {
  constructor(private readonly history: readonly AccountEvent[]) {}

  when(decide: (account: Account | undefined) => Decision): Outcome {
    return new Outcome(this.history, decide(accountAfter(this.history)));
  }
}

class Outcome {
  constructor(
    private readonly history: readonly AccountEvent[],
    private readonly decision: Decision,
  ) {
    // An event has no field that its stored form leaves out.
    if (decision.kind === 'accepted') expect(decision.events).toStrictEqual(stored(decision.events));
  }

  /** The events it is accepted with. */
  get events(): readonly AccountEvent[] {
    if (this.decision.kind !== 'accepted') throw new Error(JSON.stringify(this.decision));
    return this.decision.events;
  }

  /** The account after it. */
  get account(): Account {
    const account = accountAfter([...this.history, ...this.events]);
    if (account === undefined) throw new Error('no account');
    return account;
  }

  /** All that has happened then: what a next step is given. */
  get soFar(): readonly AccountEvent[] {
    return [...this.history, ...this.events];
  }

  thenEvents(...expected: readonly unknown[]): void {
    expect(this.events).toMatchObject(expected);
    expect(this.events).toHaveLength(expected.length);
  }

  thenNothing(): void {
    expect(this.decision).toEqual({ kind: 'accepted', events: [] });
  }

  /** A refusal says in a sentence what is wrong. */
  thenRefused(code: AccountRefusal): void {
    expect(this.decision).toMatchObject({ kind: 'refused', code, detail: expect.stringMatching(/^\S.+\.$/) as string });
  }

  thenRepeats(revision: number): void {
    expect(this.decision).toEqual({ kind: 'repeated', revision });
  }
}

function stored(events: readonly AccountEvent[]): unknown {
  return JSON.parse(JSON.stringify(events));
}
