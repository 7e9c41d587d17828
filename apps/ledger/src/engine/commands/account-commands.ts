import type { CommandTime, Decision } from '@meterbook/domain/account/decision';
import type { AccountEvent } from '@meterbook/domain/account/events';
import type { PublishedRulebook } from '@meterbook/domain/rulebook/rulebook';
import { decodeEvent, type EventMetadata } from '@meterbook/books/event-codec';
import type { EventStore } from '@meterbook/event-store/event-store';
import { Problem, retryAfter } from '@meterbook/http/problem/problem';
import { Written } from '@meterbook/http/request/written';
import type { Clock } from '@meterbook/runtime/clock';
import { accountStream, eventAt, type AccountName } from '@meterbook/books/account-stream';
import { AccountContended, type AccountWriter, type Decided } from '../account-writer';
import type { LoadedAccount } from '../loaded-account';
import { unknownPlatform } from '@meterbook/http/request/known-platform';
import { toRefusalProblem } from '../../refusals';
import type { Rulebooks } from '@meterbook/books/rulebooks';

/** Pauses of a command that lost all its races for an account; each doubles the one before. */
const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 1280;
/** When to send it again after the last of them. */
const RETRY_AFTER_SECONDS = 1;

/** What each command says, whoever dispatches it: which account it is about, who sent it, and when it occurs. */
export interface SentCommand {
  readonly name: AccountName;
  readonly sender: EventMetadata;
  /** Milliseconds since 1970; null stands for now. */
  readonly occurredAt: number | null;
}

/** What a decision needs to know beside the account. */
export interface CommandFacts {
  readonly time: CommandTime;
  readonly rulebooks: readonly PublishedRulebook[];
}

export type Decide = (loaded: LoadedAccount, facts: CommandFacts) => Decision | Promise<Decision>;

/** A command that was agreed to, as it stands in the store and in the account. */
export interface Agreed {
  readonly decision: Exclude<Decision, { readonly kind: 'refused' }>;
  readonly loaded: LoadedAccount;
  readonly facts: CommandFacts;
}

/** What is answered. It looks at the account before it waits for anything, since the account goes on. */
export type Render<R> = (agreed: Agreed) => R | Promise<R>;

type EventOf<T extends AccountEvent['type']> = Extract<AccountEvent, { readonly type: T }>;

/** Carries out commands on accounts: the domain decides, the writer appends, and a refusal becomes its problem. */
export class AccountCommands {
  constructor(
    private readonly store: EventStore,
    private readonly writer: AccountWriter,
    private readonly rulebooks: Rulebooks,
    private readonly clock: Clock,
  ) {}

  /** Decides, appends and renders the answer from the account as it then stands. Throws the refusal's problem. */
  async execute<R>(command: SentCommand, decide: Decide, render: Render<R>): Promise<R> {
    const { name, sender, occurredAt } = command;
    const rulebooks = await this.rulebooks.confirmed(name.platform);
    if (this.rulebooks.lastNumber(name.platform) === 0) throw unknownPlatform(name.platform);
    const facts = { time: { occurredAt, now: this.clock.now() }, rulebooks };
    const work = new CommandWork(accountStream(name), sender, facts, decide, render);
    return this.persevere(() => this.writer.command(work));
  }

  /** Renders a command with an id from the event that carried it out, now or at the first time. */
  once<T extends AccountEvent['type'], A>(type: T, answerOf: (event: EventOf<T>) => A): Render<Written<A>> {
    return async ({ decision, loaded: { stream } }) => {
      const repeated = decision.kind === 'repeated';
      const event = repeated
        ? decodeEvent<AccountEvent>(await eventAt(this.store, stream, decision.revision))
        : decision.events.find((written) => written.type === type);
      if (event?.type !== type) throw new Error(`${stream}: the command was not carried out by a ${type}`);
      return new Written(answerOf(event as EventOf<T>), repeated);
    };
  }

  /** Tries again a little later where others keep winning, for example the charges of a busy account; every try decides anew. */
  private async persevere<R>(work: () => Promise<R>): Promise<R> {
    for (let pauseMs = FIRST_PAUSE_MS; pauseMs <= LONGEST_PAUSE_MS; pauseMs *= 2) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof AccountContended)) throw error;
        await this.clock.sleep(pauseMs);
      }
    }
    const headers = retryAfter(RETRY_AFTER_SECONDS);
    throw new Problem('too_busy', 'Too many others write to this account just now.', { headers });
  }
}

/** A command as work for the writer, which asks for its decision at each attempt. */
class CommandWork<R> {
  constructor(
    readonly stream: string,
    private readonly metadata: EventMetadata,
    private readonly facts: CommandFacts,
    private readonly decideOn: Decide,
    private readonly render: Render<R>,
  ) {}

  readonly decide = (loaded: LoadedAccount): Decided<R | Promise<R>> | Promise<Decided<R | Promise<R>>> => {
    const deciding = this.decideOn(loaded, this.facts);
    return deciding instanceof Promise ? deciding.then((decision) => this.decided(decision)) : this.decided(deciding);
  };

  private decided(decision: Decision): Decided<R | Promise<R>> {
    const { metadata, facts } = this;
    const events = decision.kind === 'accepted' ? decision.events : [];
    return { events, metadata, answer: (loaded) => this.render({ decision: agreedTo(decision), loaded, facts }) };
  }
}

/** A refusal is thrown only once the head of the stream confirmed what it was decided on. */
function agreedTo(decision: Decision): Agreed['decision'] {
  if (decision.kind === 'refused') throw toRefusalProblem(decision);
  return decision;
}
