import type { AccountEvent } from '@meterbook/domain/account/events';
import { encodeEvent, type EventMetadata } from '@meterbook/books/event-codec';
import type { AppendOutcome, EventStore, NewEvent, StreamAppend } from '@meterbook/event-store/event-store';
import type { Accounts } from './accounts';
import type { LoadedAccount } from './loaded-account';

/** What a piece of work on one account comes to. */
export interface Decided<R> {
  /** None: it already is so, or it is refused; the answer is then given only once the head confirmed the state. */
  readonly events: readonly AccountEvent[];
  readonly metadata: EventMetadata;
  /** The answer, asked for once the events stand in the store and in the state. */
  readonly answer: (account: LoadedAccount) => R;
}

export interface AccountWork<R> {
  readonly stream: string;
  /** How much of a round it fills: the usages in it, or 1 for a command. */
  readonly weight: number;
  readonly decide: (account: LoadedAccount) => Decided<R> | Promise<Decided<R>>;
}

/** Weight of one round of work, about: large enough for one durable append to serve many, small enough to answer soon. */
const maxRoundWeight = 2000;
/** Decisions that one piece of work may lose to other writers before it fails. */
const maxAttempts = 20;

interface Pending {
  readonly work: AccountWork<unknown>;
  attempts: number;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

interface Proposal {
  readonly pending: Pending;
  readonly account: LoadedAccount;
  readonly decided: Decided<unknown>;
  readonly encoded: readonly NewEvent[];
}

/** Too many others wrote to the same account at the same time; the same work may succeed a little later. */
export class AccountContended extends Error {
  override readonly name = 'AccountContended';
}

/**
 * The one writer of accounts in a process. It works in rounds: whatever was queued while the last append became durable,
 * commands first and at most one piece of work an account, is decided at the revisions known here and appended in one call.
 * Who loses to another process reads what is new and decides again.
 */
export class AccountWriter {
  private commands: Pending[] = [];
  private usage: Pending[] = [];
  private readonly checkpointsDue = new Set<string>();
  private running: Promise<void> | undefined;

  constructor(
    private readonly store: EventStore,
    private readonly accounts: Accounts,
    private readonly writesCheckpoints: boolean,
  ) {}

  /** Pieces of work that wait. */
  get queued(): number {
    return this.commands.length + this.usage.length;
  }

  /** Work that somebody waits for: it goes before usage. */
  command<R>(work: Omit<AccountWork<R>, 'weight'>): Promise<R> {
    return this.enqueue(this.commands, { ...work, weight: 1 });
  }

  charge<R>(work: AccountWork<R>): Promise<R> {
    return this.enqueue(this.usage, work);
  }

  /** Resolves when nothing is queued or under way any more. */
  async idle(): Promise<void> {
    while (this.running) await this.running;
  }

  private enqueue<R>(queue: Pending[], work: AccountWork<R>): Promise<R> {
    const promise = new Promise<R>((resolve, reject) => {
      queue.push({ work, attempts: 0, resolve: resolve as (answer: unknown) => void, reject });
    });
    // A turn later, so that everything that was handed over at once shares the first round.
    this.running ??= Promise.resolve().then(() => this.run());
    return promise;
  }

  private async run(): Promise<void> {
    while (this.queued > 0 || this.checkpointsDue.size > 0) {
      const round = this.takeRound();
      try {
        await this.write(round);
      } catch (error) {
        // The outcome of the append is unknown: forget what was believed, and let the callers come again.
        for (const { work, reject } of round) {
          this.accounts.forget(work.stream);
          reject(error);
        }
        this.checkpointsDue.clear();
      }
    }
    this.running = undefined;
  }

  /** The next round, at most one piece of work a stream; what does not fit keeps its order for the rounds after. */
  private takeRound(): Pending[] {
    const streams = new Set<string>();
    const round: Pending[] = [];
    let weight = 0;
    const take = (queue: Pending[]): Pending[] =>
      queue.filter((pending) => {
        if (weight >= maxRoundWeight || streams.has(pending.work.stream)) return true;
        streams.add(pending.work.stream);
        weight += pending.work.weight;
        round.push(pending);
        return false;
      });
    this.commands = take(this.commands);
    this.usage = take(this.usage);
    return round;
  }

  private async write(round: readonly Pending[]): Promise<void> {
    this.accounts.startRound();
    const checkpoints = await this.dueCheckpoints();
    const proposals: Proposal[] = [];
    for (const pending of round) {
      const proposal = await this.propose(pending);
      if (proposal) proposals.push(proposal);
    }
    const written = proposals.filter(({ encoded }) => encoded.length > 0);
    const appends = [...written.map(toAppend), ...checkpoints.map(({ append }) => append)];
    const outcomes = appends.length > 0 ? await this.store.append(appends) : [];
    // First the checkpoints: they hold what was known before this round, which then adds to it.
    const outrun = checkpoints.filter(({ account, append }, i) => {
      if (outcomes[written.length + i]?.kind !== 'appended') return true;
      this.accounts.checkpointed(account, append);
      return false;
    });
    for (const [i, proposal] of written.entries()) this.settle(proposal, outcomes[i]);
    for (const { account } of outrun) this.accounts.forget(account.stream);
    for (const proposal of proposals) if (proposal.encoded.length === 0) await this.confirm(proposal);
  }

  private async dueCheckpoints(): Promise<{ account: LoadedAccount; append: StreamAppend }[]> {
    const due: { account: LoadedAccount; append: StreamAppend }[] = [];
    for (const stream of this.checkpointsDue) {
      const account = await this.accounts.load(stream);
      if (this.accounts.needsCheckpoint(account))
        due.push({ account, append: await this.accounts.checkpointOf(account) });
    }
    this.checkpointsDue.clear();
    return due;
  }

  private async propose(pending: Pending): Promise<Proposal | undefined> {
    const { work } = pending;
    try {
      const loading = this.accounts.load(work.stream);
      let account = loading instanceof Promise ? await loading : loading;
      if (pending.attempts > 0) account = await this.accounts.refresh(account);
      const deciding = work.decide(account);
      const decided = deciding instanceof Promise ? await deciding : deciding;
      let { hash } = account;
      const encoded = decided.events.map((event, i) => {
        const stored = encodeEvent(work.stream, account.revision + 1 + i, hash, event, decided.metadata);
        hash = stored.hash;
        return stored;
      });
      return { pending, account, decided, encoded };
    } catch (error) {
      pending.reject(error);
      return undefined;
    }
  }

  private settle({ pending, account, decided, encoded }: Proposal, outcome: AppendOutcome | undefined): void {
    if (outcome?.kind !== 'appended') {
      this.again(pending);
      return;
    }
    this.accounts.advance(
      account,
      outcome.revision - encoded.length + 1,
      decided.events.map((event, i) => ({ event, hash: encoded[i]?.hash ?? '' })),
    );
    if (this.writesCheckpoints && this.accounts.needsCheckpoint(account)) this.checkpointsDue.add(account.stream);
    answer(pending, decided, account);
  }

  /** Deciding nothing is a claim about the head: it holds only if nobody has moved it. */
  private async confirm({ pending, account, decided }: Proposal): Promise<void> {
    const head = await this.store.head(account.stream);
    if ((head === 'no-stream' ? -1 : head) === account.revision) answer(pending, decided, account);
    else this.again(pending);
  }

  private again(pending: Pending): void {
    pending.attempts += 1;
    if (pending.attempts >= maxAttempts) {
      pending.reject(new AccountContended(`${pending.work.stream} lost ${maxAttempts} times to other writers`));
      return;
    }
    this.commands.unshift(pending);
  }
}

function answer(pending: Pending, decided: Decided<unknown>, account: LoadedAccount): void {
  try {
    pending.resolve(decided.answer(account));
  } catch (error) {
    pending.reject(error);
  }
}

function toAppend({ account, encoded }: Proposal): StreamAppend {
  return {
    stream: account.stream,
    expectedRevision: account.revision < 0 ? 'no-stream' : account.revision,
    events: encoded,
  };
}
