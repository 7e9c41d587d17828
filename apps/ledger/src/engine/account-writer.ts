import type { AccountEvent } from '@meterbook/domain/account/events';
import { encodeEvent, isTooLarge, type EventMetadata } from '@meterbook/books/event-codec';
import type { AppendOutcome, EventStore, NewEvent, StreamAppend } from '@meterbook/event-store/event-store';
import { StoreUnavailable, StreamDamaged } from '@meterbook/event-store/store-failure';
import type { Clock } from '@meterbook/runtime/clock';
import type { Accounts } from './accounts';
import type { IdentityKey } from './identity-key';
import type { LoadedAccount } from './loaded-account';
import { sideBySide } from './side-by-side';

/** What a piece of work on one account comes to. */
export interface Decided<R> {
  /** None: it already is so, or it is refused; the answer is then given only once the head confirmed the state. */
  readonly events: readonly AccountEvent[];
  readonly metadata: EventMetadata;
  /** Keys of the charges of its one event, where it charges usage: nobody has to hash them again. */
  readonly keys?: readonly IdentityKey[];
  /** The answer, asked for once the events stand in the store and in the state. */
  readonly answer: (account: LoadedAccount) => R;
}

export interface AccountWork<R> {
  readonly stream: string;
  /** How much of a round it fills: the usages in it, or 1 for a command. */
  readonly weight: number;
  /** `maxCharges` is how many charges it may decide on, because an event with more is larger than a store takes. */
  readonly decide: (account: LoadedAccount, maxCharges: number) => Decided<R> | Promise<Decided<R>>;
}

/** Weight of one round of work, about: large enough for one durable append to serve many, small enough to answer soon. */
const MAX_ROUND_WEIGHT = 2000;
/** Weight of a round with a command in it, about: somebody waits until it is durable. */
const MAX_COMMAND_ROUND_WEIGHT = 200;
/** Decisions that one piece of work may lose to other writers before it fails. */
const MAX_ATTEMPTS = 20;
/** How long a command may wait for its first turn, milliseconds: whoever sent it has to be told in time that nothing was done. */
const LONGEST_WAIT_MS = 10_000;
/** Accounts that are read and decided on at a time: one behind the other, a store that is away would be waited for once an account. */
const ACCOUNTS_AT_A_TIME = 64;

interface Pending {
  readonly work: AccountWork<unknown>;
  /** When it was handed over, milliseconds since 1970; null where it may wait for ever. */
  readonly since: number | null;
  attempts: number;
  /** Its decision has failed, and whoever waits for it knows. */
  hasFailed: boolean;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

interface Proposal {
  readonly pending: Pending;
  readonly account: LoadedAccount;
  readonly decided: Decided<unknown>;
  readonly encoded: readonly NewEvent[];
}

/** What was decided makes an event that is larger than a later hop takes, and that cannot be cut. */
export class EventTooLarge extends Error {
  override readonly name = 'EventTooLarge';
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
    private readonly clock: Clock,
  ) {}

  /** Pieces of work that wait. */
  get queued(): number {
    return this.commands.length + this.usage.length;
  }

  /** Work that somebody waits for: it goes before usage. Rejects with `StoreUnavailable` where its turn does not come in time. */
  command<R>(work: Omit<AccountWork<R>, 'weight'>): Promise<R> {
    return this.enqueue(this.commands, { ...work, weight: 1 }, this.clock.now());
  }

  charge<R>(work: AccountWork<R>): Promise<R> {
    return this.enqueue(this.usage, work, null);
  }

  /** Resolves when nothing is queued or under way any more. */
  async idle(): Promise<void> {
    while (this.running) await this.running;
  }

  private enqueue<R>(queue: Pending[], work: AccountWork<R>, since: number | null): Promise<R> {
    const promise = new Promise<R>((resolve, reject) => {
      queue.push({ work, since, attempts: 0, hasFailed: false, resolve: resolve as (answer: unknown) => void, reject });
    });
    // A turn later, so that everything that was handed over at once shares the first round.
    this.running ??= Promise.resolve().then(() => this.run());
    return promise;
  }

  private async run(): Promise<void> {
    while (this.queued > 0 || this.checkpointsDue.size > 0) {
      this.dropLate();
      const round = this.takeRound();
      try {
        await this.write(round);
      } catch (error) {
        this.giveBack(round, error);
      }
    }
    this.running = undefined;
  }

  /** The outcome of an append is unknown: forget what was believed, and let the callers come again. */
  private giveBack(round: readonly Pending[], error: unknown): void {
    this.checkpointsDue.clear();
    for (const { work } of round) this.accounts.forget(work.stream);
    // One stream that turned out to be damaged is no trouble of the others: they are decided again.
    const others = error instanceof StreamDamaged ? round.filter(({ work }) => work.stream !== error.stream) : [];
    for (const pending of round)
      if (!others.includes(pending)) pending.reject(error instanceof StreamDamaged ? this.noted(error) : error);
    for (const pending of others) if (!pending.hasFailed) this.again(pending);
  }

  private noted(error: StreamDamaged): StreamDamaged {
    this.accounts.damaged.note(error.stream, error);
    return error;
  }

  /** What has waited too long is not begun: its sender has gone away, or is told so before it does. */
  private dropLate(): void {
    const before = this.clock.now() - LONGEST_WAIT_MS;
    const isLate = ({ since, attempts }: Pending): boolean => since !== null && attempts === 0 && since < before;
    for (const pending of this.commands)
      if (isLate(pending)) pending.reject(new StoreUnavailable(`no turn within ${LONGEST_WAIT_MS} ms`));
    this.commands = this.commands.filter((pending) => !isLate(pending));
  }

  /** The next round, at most one piece of work a stream; what does not fit keeps its order for the rounds after. */
  private takeRound(): Pending[] {
    const streams = new Set<string>();
    const round: Pending[] = [];
    const isAwaited = this.commands.some(({ since }) => since !== null);
    const maxWeight = isAwaited ? MAX_COMMAND_ROUND_WEIGHT : MAX_ROUND_WEIGHT;
    let weight = 0;
    const take = (queue: Pending[]): Pending[] =>
      queue.filter((pending) => {
        if (weight >= maxWeight || streams.has(pending.work.stream)) return true;
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
    this.accounts.cache.startRound();
    const checkpoints = await this.dueCheckpoints();
    const proposals = await this.proposeAll(round);
    const written = proposals.filter(({ encoded }) => encoded.length > 0);
    const appends = [...written.map(toAppend), ...checkpoints.map(({ append }) => append)];
    const outcomes = appends.length > 0 ? await this.store.append(appends) : [];
    // First the checkpoints: they hold what was known before this round, which then adds to it.
    const outrun = checkpoints.filter(({ account, append }, i) => {
      if (outcomes[written.length + i]?.kind !== 'appended') return true;
      this.accounts.identities.checkpointed(account, append.events);
      return false;
    });
    for (const [i, proposal] of written.entries()) this.conclude(proposal, outcomes[i]);
    for (const { account } of outrun) this.accounts.forget(account.stream);
    const claims = proposals.filter(({ encoded }) => encoded.length === 0);
    await sideBySide(claims, ACCOUNTS_AT_A_TIME, (claim) => this.confirm(claim));
  }

  /** In the order of the round. Once the store is found to be away, what was not begun is not: it would wait in vain, one behind the other. */
  private async proposeAll(round: readonly Pending[]): Promise<Proposal[]> {
    const proposals: (Proposal | undefined)[] = [];
    let away: StoreUnavailable | undefined;
    const fail = (pending: Pending, error: unknown): void => {
      if (error instanceof StoreUnavailable) away = error;
      pending.hasFailed = true;
      pending.reject(error);
    };
    await sideBySide(round, ACCOUNTS_AT_A_TIME, (pending, i) => {
      try {
        if (away) throw away;
        const proposing = this.propose(pending);
        if (!(proposing instanceof Promise)) proposals[i] = proposing;
        else
          return proposing.then(
            (proposal) => void (proposals[i] = proposal),
            (error: unknown) => fail(pending, error),
          );
      } catch (error) {
        fail(pending, error);
      }
      return undefined;
    });
    return proposals.filter((proposal) => proposal !== undefined);
  }

  private async dueCheckpoints(): Promise<{ account: LoadedAccount; append: StreamAppend }[]> {
    const due: { account: LoadedAccount; append: StreamAppend }[] = [];
    for (const stream of this.checkpointsDue) {
      const checkpoint = await this.checkpointOf(stream);
      if (checkpoint) due.push(checkpoint);
    }
    this.checkpointsDue.clear();
    return due;
  }

  /** An account's checkpoint; undefined where none is due or can be written: whatever is wrong with it is no trouble of the round. */
  private async checkpointOf(stream: string): Promise<{ account: LoadedAccount; append: StreamAppend } | undefined> {
    const { checkpoints } = this.accounts;
    let account: LoadedAccount | undefined;
    try {
      account = await this.accounts.load(stream);
      if (!checkpoints.isDue(account)) return undefined;
      const append = await checkpoints.next(account);
      if (append) return { account, append };
    } catch (error) {
      // Once it is read anew, it is known what can be had of its checkpoints.
      if (account && error instanceof StreamDamaged) this.accounts.forget(stream);
    }
    return undefined;
  }

  /** At once where the account is in memory and its decision asks for nothing else, as nearly all do. */
  private propose(pending: Pending): Proposal | Promise<Proposal> {
    const account = this.accounts.load(pending.work.stream);
    if (account instanceof Promise || pending.attempts > 0) return this.proposeFromStore(pending, account);
    return this.decide(pending, account, Infinity);
  }

  private async proposeFromStore(pending: Pending, loading: LoadedAccount | Promise<LoadedAccount>): Promise<Proposal> {
    const account = await loading;
    return this.decide(pending, pending.attempts > 0 ? await this.accounts.refresh(account) : account, Infinity);
  }

  private decide(pending: Pending, account: LoadedAccount, maxCharges: number): Proposal | Promise<Proposal> {
    const deciding = pending.work.decide(account, maxCharges);
    return deciding instanceof Promise
      ? deciding.then((decided) => this.fit(pending, account, decided))
      : this.fit(pending, account, deciding);
  }

  /** What was decided, in events that a store takes: where one is too large, half of its charges are decided on. */
  private fit(pending: Pending, account: LoadedAccount, decided: Decided<unknown>): Proposal | Promise<Proposal> {
    const encoded = encode(account, decided);
    if (!encoded.some(isTooLarge)) return { pending, account, decided, encoded };
    const charges = decided.keys?.length ?? 0;
    if (charges <= 1) throw new EventTooLarge(`${account.stream}: one event would be larger than a store takes`);
    return this.decide(pending, account, Math.ceil(charges / 2));
  }

  private conclude({ pending, account, decided, encoded }: Proposal, outcome: AppendOutcome | undefined): void {
    if (outcome?.kind !== 'appended') {
      this.again(pending);
      return;
    }
    try {
      const first = outcome.revision - encoded.length + 1;
      this.accounts.advance(account, first, decided.events, encoded, decided.keys);
    } catch (error) {
      // It stands in the store, and nobody will be able to fold it: the account is damaged from here on.
      this.accounts.forget(account.stream);
      pending.reject(this.noted(new StreamDamaged(account.stream, String(error), error)));
      return;
    }
    if (this.writesCheckpoints && this.accounts.checkpoints.isDue(account)) this.checkpointsDue.add(account.stream);
    answer(pending, decided, account);
  }

  /** Deciding nothing is a claim about the head: it holds only if nobody has moved it. */
  private async confirm({ pending, account, decided }: Proposal): Promise<void> {
    try {
      const head = await this.store.head(account.stream);
      if ((head === 'no-stream' ? -1 : head) === account.revision) answer(pending, decided, account);
      else this.again(pending);
    } catch (error) {
      this.accounts.forget(account.stream);
      pending.reject(error instanceof StreamDamaged ? this.noted(error) : error);
    }
  }

  private again(pending: Pending): void {
    pending.attempts += 1;
    if (pending.attempts >= MAX_ATTEMPTS) {
      pending.reject(new AccountContended(`${pending.work.stream} lost ${MAX_ATTEMPTS} times to other writers`));
      return;
    }
    this.commands.unshift(pending);
  }
}

function encode(account: LoadedAccount, { events, metadata }: Decided<unknown>): NewEvent[] {
  let { hash } = account;
  return events.map((event, i) => {
    const stored = encodeEvent(account.stream, account.revision + 1 + i, hash, event, metadata);
    hash = stored.hash;
    return stored;
  });
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
