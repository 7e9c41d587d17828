import type { CommandTime, Decision } from '@meterbook/domain/account/decision';
import type { AccountEvent } from '@meterbook/domain/account/events';
import type { PublishedRulebook } from '@meterbook/domain/rulebook/rulebook';
import { instantMs } from '@meterbook/domain/time/instant';
import { decodeEvent, type EventMetadata } from '@meterbook/books/event-codec';
import type { EventStore } from '@meterbook/event-store/event-store';
import { Problem, retryAfter } from '@meterbook/http/problem/problem';
import { Written } from '@meterbook/http/request/written';
import type { Clock } from '@meterbook/runtime/clock';
import { accountStream, eventAt, type AccountName } from '@meterbook/books/account-stream';
import { AccountContended, type AccountWriter } from '../account-writer';
import type { LoadedAccount } from '../loaded-account';
import { unknownPlatform } from '@meterbook/http/request/known-platform';
import { toRefusalProblem } from '../../refusals';
import type { Rulebooks } from '@meterbook/books/rulebooks';

/** Pauses of a command that lost all its races for an account; each doubles the one before. */
const firstPauseMs = 10;
const longestPauseMs = 1280;
/** When to send it again after the last of them. */
const retryAfterSeconds = 1;

/** A command that somebody sent: which account it is about, who sent it, and when it occurs if that was said. */
export interface SentCommand {
  readonly name: AccountName;
  readonly sender: EventMetadata;
  /** RFC 3339; undefined stands for now. */
  readonly occurredAt: string | undefined;
}

/** What a decision needs to know beside the account. */
export interface CommandFacts {
  readonly time: CommandTime;
  readonly rulebooks: readonly PublishedRulebook[];
}

export type Decide = (loaded: LoadedAccount, facts: CommandFacts) => Decision | Promise<Decision>;

export type Agreed = Exclude<Decision, { readonly kind: 'refused' }>;

type EventOf<T extends AccountEvent['type']> = Extract<AccountEvent, { readonly type: T }>;

/** Carries out commands on accounts: the domain decides, the writer appends, and a refusal becomes its problem. */
export class AccountCommands {
  constructor(
    private readonly store: EventStore,
    private readonly writer: AccountWriter,
    private readonly rulebooks: Rulebooks,
    private readonly clock: Clock,
  ) {}

  /** Decides, appends and answers from the account as it then stands. Throws the refusal's problem. */
  async execute<R>(
    command: SentCommand,
    decide: Decide,
    answer: (decision: Agreed, loaded: LoadedAccount, facts: CommandFacts) => R,
  ): Promise<R> {
    const { name, sender, occurredAt } = command;
    const rulebooks = await this.rulebooks.confirmed(name.platform);
    if (rulebooks.length === 0) throw unknownPlatform(name.platform);
    const time = { occurredAt: occurredAt === undefined ? null : instantMs(occurredAt), now: this.clock.now() };
    const facts = { time, rulebooks };
    const decided = (decision: Decision) => ({
      events: decision.kind === 'accepted' ? decision.events : [],
      metadata: sender,
      answer: (loaded: LoadedAccount) => {
        if (decision.kind === 'refused') throw toRefusalProblem(decision);
        return answer(decision, loaded, facts);
      },
    });
    const work = {
      stream: accountStream(name),
      decide: (loaded: LoadedAccount) => {
        const deciding = decide(loaded, facts);
        return deciding instanceof Promise ? deciding.then(decided) : decided(deciding);
      },
    };
    return this.persevere(() => this.writer.command(work));
  }

  /** The same for a command with an id: its answer comes from the event that carried it out, now or at the first time. */
  async executeOnce<T extends AccountEvent['type'], A>(
    command: SentCommand,
    decide: Decide,
    type: T,
    answerOf: (event: EventOf<T>) => A,
  ): Promise<Written<A>> {
    const agreed = await this.execute(command, decide, (decision) => decision);
    const repeated = agreed.kind === 'repeated';
    const event = repeated
      ? decodeEvent<AccountEvent>(await eventAt(this.store, accountStream(command.name), agreed.revision))
      : agreed.events.find((written) => written.type === type);
    if (event?.type !== type)
      throw new Error(`${accountStream(command.name)}: the command was not carried out by a ${type}`);
    return new Written(answerOf(event as EventOf<T>), repeated);
  }

  /** Tries again a little later where others keep winning, for example the charges of a busy account; every try decides anew. */
  private async persevere<R>(work: () => Promise<R>): Promise<R> {
    for (let pauseMs = firstPauseMs; pauseMs <= longestPauseMs; pauseMs *= 2) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof AccountContended)) throw error;
        await this.clock.sleep(pauseMs);
      }
    }
    const headers = retryAfter(retryAfterSeconds);
    throw new Problem('too_busy', 'Too many others write to this account just now.', { headers });
  }
}
