import type { HoldEvent } from '@meterbook/domain/access/events';
import { dropExpired, dropSettled, isNoteDue, noteOf, type HoldBook } from '@meterbook/domain/access/hold-book';
import type { Account } from '@meterbook/domain/account/account';
import type { PublishedRulebook } from '@meterbook/domain/rulebook/rulebook';
import type { AccountName } from '@meterbook/books/account-stream';
import { encodeEvent, isTooLarge, type EventMetadata } from '@meterbook/books/event-codec';
import { holdStream } from '@meterbook/books/hold-stream';
import type { Rulebooks } from '@meterbook/books/rulebooks';
import type { EventStore, NewEvent, StreamAppend } from '@meterbook/event-store/event-store';
import { StoreUnavailable, StreamDamaged } from '@meterbook/event-store/store-failure';
import type { Clock } from '@meterbook/runtime/clock';
import type { LoadedAccount } from '../engine/loaded-account';
import type { AccountReader } from '../engine/commands/account-reader';
import { sideBySide } from '../engine/side-by-side';
import type { Holds, StoredHold } from './holds';
import type { LoadedHolds } from './loaded-holds';
import { endsPage, toPageText } from './request-page';

/** What a piece of work is decided on: the account and its holds, what has expired or is settled taken out. */
export interface HoldFacts {
  /** Undefined where it was never opened. */
  readonly account: Account | undefined;
  readonly book: HoldBook;
  readonly rulebooks: readonly PublishedRulebook[];
  readonly now: number;
  /** What was held before under the id of the request, where it names one. */
  readonly earlier: StoredHold | undefined;
}

export interface HoldDecided<R> {
  /** Null where nothing is to be remembered: the answer is then given only once the head of the stream confirmed what it was decided on. */
  readonly event: HoldEvent | null;
  /** Asked for once the event stands in the store, at its revision. It throws the problem of a refusal. */
  readonly answer: (revision: number) => R;
}

export interface HoldWork<R> {
  readonly name: AccountName;
  readonly sender: EventMetadata;
  /** The request whose earlier hold it has to know; null where it asks for none. */
  readonly requestId: string | null;
  /** At once: between what it is given and what it decides nothing else happens. */
  readonly decide: (facts: HoldFacts) => HoldDecided<R>;
}

/** Pieces of work of one round: enough for one durable append to serve many, few enough to answer soon. */
const MAX_ROUND_WORKS = 1000;
/** Those of one account in a round, so that one that asks without end keeps nobody else waiting. */
const MAX_ACCOUNT_WORKS = 100;
/** Decisions that one piece of work may lose to other writers before it fails. */
const MAX_ATTEMPTS = 100;
/** How long a piece of work may wait for its first turn, milliseconds. */
const LONGEST_WAIT_MS = 10_000;
/** Accounts that are read at a time. */
const ACCOUNTS_AT_A_TIME = 64;

/** Too many others wrote to the same stream at the same time. */
export class HoldsContended extends Error {
  override readonly name = 'HoldsContended';
}

interface Pending {
  readonly work: HoldWork<unknown>;
  readonly stream: string;
  readonly since: number;
  attempts: number;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

interface Answering {
  readonly pending: Pending;
  readonly decided: HoldDecided<unknown>;
  readonly revision: number;
}

/** What one account's part of a round comes to. */
interface Proposal {
  readonly holds: LoadedHolds;
  readonly append: StreamAppend;
  /** Revision of the holds before it. */
  readonly before: number;
  readonly answers: readonly Answering[];
  /** What another piece of work of the round has to be stored for first. */
  readonly later: readonly Pending[];
}

/**
 * The one writer of holds in a process. It works in rounds: whatever was queued while the last append became durable is decided, for
 * each account one after the other, on the account at its head and on the holds as known here; all accounts of a round share one
 * append, at the revisions decided on. Who loses to another process reads what is new and decides again.
 */
export class HoldWriter {
  private queue: Pending[] = [];
  private running: Promise<void> | undefined;

  constructor(
    private readonly store: EventStore,
    private readonly holds: Holds,
    private readonly accounts: AccountReader,
    private readonly rulebooks: Rulebooks,
    private readonly clock: Clock,
  ) {}

  get queued(): number {
    return this.queue.length;
  }

  /** Rejects with `StoreUnavailable` where its turn does not come in time, and `HoldsContended` where others always win. */
  async write<R>(work: HoldWork<R>): Promise<R> {
    const stream = holdStream(work.name);
    const since = this.clock.now();
    // One that has to be read first keeps no round waiting.
    if (!this.holds.isInMemory(stream))
      await Promise.all([this.holds.load(stream), this.accounts.confirmed(work.name)]);
    const promise = new Promise<R>((resolve, reject) => {
      this.queue.push({ work, stream, since, attempts: 0, resolve: resolve as (answer: unknown) => void, reject });
    });
    this.running ??= Promise.resolve().then(() => this.run());
    return promise;
  }

  /** Resolves when nothing is queued or under way any more. */
  async idle(): Promise<void> {
    while (this.running) await this.running;
  }

  private async run(): Promise<void> {
    while (this.queue.length > 0) {
      this.dropLate();
      const round = this.takeRound();
      try {
        await this.writeRound(round);
      } catch (error) {
        this.giveBack(round, error);
      }
    }
    this.running = undefined;
  }

  /** The next round; what does not fit keeps its order for the rounds after. */
  private takeRound(): Pending[] {
    const works = new Map<string, number>();
    const round: Pending[] = [];
    this.queue = this.queue.filter((pending) => {
      const taken = works.get(pending.stream) ?? 0;
      if (round.length >= MAX_ROUND_WORKS || taken >= MAX_ACCOUNT_WORKS) return true;
      works.set(pending.stream, taken + 1);
      round.push(pending);
      return false;
    });
    return round;
  }

  private dropLate(): void {
    const before = this.clock.now() - LONGEST_WAIT_MS;
    const isLate = ({ since, attempts }: Pending): boolean => attempts === 0 && since < before;
    for (const pending of this.queue)
      if (isLate(pending)) pending.reject(new StoreUnavailable(`no turn within ${LONGEST_WAIT_MS} ms`));
    this.queue = this.queue.filter((pending) => !isLate(pending));
  }

  private async writeRound(round: readonly Pending[]): Promise<void> {
    const proposals = await this.proposeAll(byStream(round));
    const written = proposals.filter(({ append }) => append.events.length > 0);
    const outcomes = written.length > 0 ? await this.store.append(written.map(({ append }) => append)) : [];
    const lost = written.filter(({ holds, answers }, i) => {
      if (outcomes[i]?.kind !== 'appended') return true;
      this.holds.keep(holds);
      answers.forEach(answer);
      return false;
    });
    const claims = proposals.filter(({ append }) => append.events.length === 0);
    for (const { later } of proposals) this.queue.unshift(...later);
    await sideBySide([...lost, ...claims], ACCOUNTS_AT_A_TIME, (proposal) => this.settle(proposal));
  }

  private async proposeAll(byStream: ReadonlyMap<string, readonly Pending[]>): Promise<Proposal[]> {
    const proposals: Proposal[] = [];
    await sideBySide([...byStream], ACCOUNTS_AT_A_TIME, async ([stream, works]) => {
      try {
        proposals.push(await this.propose(stream, works));
      } catch (error) {
        this.holds.forget(stream);
        for (const { reject } of works) reject(error);
      }
    });
    return proposals;
  }

  private async propose(stream: string, works: readonly Pending[]): Promise<Proposal> {
    const [{ work }] = works as readonly [Pending];
    const [rulebooks, holds, known] = await Promise.all([
      this.rulebooks.confirmed(work.name.platform),
      this.holds.load(stream),
      this.accounts.confirmed(work.name),
    ]);
    const loaded = await this.caughtUp(known, holds.book, work.name);
    const earlier = await Promise.all(works.map(({ work: { requestId } }) => this.earlierOf(holds, requestId)));
    // From here on nothing is waited for: what is decided is decided on one account and on all that was decided before.
    const before = holds.book.revision;
    const events: NewEvent[] = [];
    const answers: Answering[] = [];
    const later: Pending[] = [];
    const heldHere = new Set<string>();
    for (const [i, pending] of works.entries()) {
      const { requestId } = pending.work;
      // One that was held in this very round does not stand in the store yet: it is found in the next.
      if (requestId !== null && heldHere.has(requestId)) {
        later.push(pending);
        continue;
      }
      const { account } = loaded;
      const now = this.clock.now();
      dropExpired(holds.book, now);
      if (account !== undefined) dropSettled(holds.book, account);
      const facts = { account, book: holds.book, rulebooks, now, earlier: earlier[i] };
      const decided = decideOn(pending, facts);
      if (decided === undefined) continue;
      if (decided.event !== null) events.push(this.take(holds, decided.event, pending.work.sender));
      if (decided.event !== null && requestId !== null) heldHere.add(requestId);
      answers.push({ pending, decided, revision: holds.book.revision });
    }
    const append = { stream, expectedRevision: before < 0 ? ('no-stream' as const) : before, events };
    return { holds, append, before, answers, later };
  }

  private async earlierOf(holds: LoadedHolds, requestId: string | null): Promise<StoredHold | undefined> {
    return requestId === null ? undefined : this.holds.findRequest(holds, requestId);
  }

  /** The account, no older than what others have decided on. */
  private async caughtUp(
    known: LoadedAccount,
    { accountRevision }: HoldBook,
    name: AccountName,
  ): Promise<LoadedAccount> {
    if (known.revision >= accountRevision) return known;
    const loaded = await this.accounts.confirmed(name);
    const { revision, stream } = loaded;
    if (revision >= accountRevision) return loaded;
    throw new StreamDamaged(
      stream,
      `its holds were decided on revision ${accountRevision}, and it ends at ${revision}`,
    );
  }

  /** Takes an event in as the next of its stream, with what it has to carry for readers to come. */
  private take(holds: LoadedHolds, event: HoldEvent, sender: EventMetadata): NewEvent {
    const { book, stream, hash: previous } = holds;
    const revision = book.revision + 1;
    holds.fold(event, revision, previous);
    const page = endsPage(revision) ? { requests: toPageText(holds.filledPage) } : {};
    const encode = (sealed: HoldEvent): NewEvent => encodeEvent(stream, revision, previous, sealed, sender);
    let encoded = encode({ ...event, ...(isNoteDue(book) && { note: noteOf(book) }), ...page });
    if (isTooLarge(encoded)) encoded = encode({ ...event, ...page });
    else if (isNoteDue(book)) book.noteRevision = revision;
    holds.hash = encoded.hash;
    return encoded;
  }

  /** Deciding nothing is a claim about the head: it holds only if nobody has moved it. What lost to another is decided again. */
  private async settle({ holds, append, before, answers }: Proposal): Promise<void> {
    try {
      if (append.events.length === 0 && (await this.holds.isCurrent(holds))) {
        this.holds.keep(holds);
        answers.forEach(answer);
        return;
      }
      await this.holds.rewind(holds, before);
      for (const { pending } of answers) this.again(pending);
    } catch (error) {
      this.holds.forget(holds.stream);
      for (const { pending } of answers) pending.reject(error);
    }
  }

  /** The outcome of an append is unknown: forget what was believed, and let the callers come again. */
  private giveBack(round: readonly Pending[], error: unknown): void {
    for (const pending of round) {
      this.holds.forget(pending.stream);
      // One stream that turned out to be damaged is no trouble of the others: they are decided again.
      if (error instanceof StreamDamaged && pending.stream !== error.stream) this.again(pending);
      else pending.reject(error);
    }
  }

  private again(pending: Pending): void {
    pending.attempts += 1;
    if (pending.attempts < MAX_ATTEMPTS) this.queue.unshift(pending);
    else pending.reject(new HoldsContended(`${pending.stream} lost ${MAX_ATTEMPTS} times to other writers`));
  }
}

function byStream(round: readonly Pending[]): Map<string, Pending[]> {
  const streams = new Map<string, Pending[]>();
  for (const pending of round) {
    const works = streams.get(pending.stream);
    if (works) works.push(pending);
    else streams.set(pending.stream, [pending]);
  }
  return streams;
}

/** Undefined where the rules threw: that is the trouble of whoever asked. */
function decideOn({ work, reject }: Pending, facts: HoldFacts): HoldDecided<unknown> | undefined {
  try {
    return work.decide(facts);
  } catch (error) {
    reject(error);
    return undefined;
  }
}

function answer({ pending, decided, revision }: Answering): void {
  try {
    pending.resolve(decided.answer(revision));
  } catch (error) {
    pending.reject(error);
  }
}
