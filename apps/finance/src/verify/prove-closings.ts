import { subtract, toText } from '@meterbook/domain/amount/decimal';
import { accountStream } from '@meterbook/books/account-stream';
import { accountPrefix } from '@meterbook/books/stream-kinds';
import { comparePositions, type EventStore, type Position, type StoreFault } from '@meterbook/event-store/event-store';
import { StreamDamaged } from '@meterbook/event-store/store-failure';
import { BalanceDigest } from '../closings/balance-digest';
import { closingItems } from '../closings/closing-parts';
import { HeadsDigest, type StreamHead } from '../closings/stream-heads';
import { accountOf } from '../projections/trial-balance/line-names';
import { compareLines } from '../projections/trial-balance/read-lines';
import type { TrialBalanceLine } from '../reports/trial-balance/derived-lines';
import { BooksThen } from './books-then';
import type { ClosingClaim } from './closing-claims';
import { sideBySide } from './compare-in-order';

/** Differences that are told of one closing: one line, or one stream each. */
const MAX_TOLD = 100;

type Tell = (fault: StoreFault) => void;

/** A moment of the store at which something that a closing says is checked: before what was booked then or later. */
interface Moment {
  readonly at: number;
  readonly check: (books: BooksThen) => Promise<void>;
}

/** Makes the books once more up to the moments that closings speak of, and tells where they say something else. */
export async function proveClosings(
  store: EventStore,
  end: Position,
  claims: readonly ClosingClaim[],
  tell: Tell,
): Promise<void> {
  if (claims.length === 0) return;
  const moments = claims
    .flatMap((claim) => momentsOf(new ClosingProof(store, claim, tell)))
    .sort((a, b) => a.at - b.at);
  const prefixes = [...new Set(claims.map(({ platform }) => `${accountPrefix}${platform}/`))];
  const books = new BooksThen();
  const done = new AbortController();
  const checkUntil = async (bookedAt: number): Promise<void> => {
    for (let due = moments[0]; due && due.at <= bookedAt; due = moments[0]) {
      moments.shift();
      books.write();
      await due.check(books);
    }
  };
  try {
    for await (const { events, damaged, position } of store.subscribe(prefixes, 'start', done.signal)) {
      for (const { stream } of damaged) books.noteDamage(stream);
      for (const event of events) {
        if (comparePositions(event.position, end) > 0) break;
        await checkUntil(event.bookedAt);
        books.take(event);
      }
      books.write();
      if (comparePositions(position, end) >= 0) break;
    }
    await checkUntil(Infinity);
  } finally {
    done.abort();
    books.close();
  }
}

function momentsOf(proof: ClosingProof): Moment[] {
  return [
    { at: proof.claim.to, check: (books) => proof.checkBalance(books) },
    { at: proof.claim.closedAt + 1, check: (books) => proof.checkHeads(books) },
  ];
}

/** What one closing says, beside what the books come to. */
class ClosingProof {
  private told = 0;

  constructor(
    private readonly store: EventStore,
    readonly claim: ClosingClaim,
    private readonly tell: Tell,
  ) {}

  async checkBalance(books: BooksThen): Promise<void> {
    const { platform, closed, to } = this.claim;
    const digest = new BalanceDigest();
    for (const line of books.balanceAt(platform, to)) digest.add(line);
    if (digest.finish() === closed.sha256) return;
    this.ofItself(`at ${closed.to} the books come to another trial balance than it says`);
    await this.compare(async () => {
      for await (const [said, found] of sideBySide(this.lines(), books.balanceAt(platform, to), compareLines))
        this.compareLine(said, found);
    });
  }

  async checkHeads(books: BooksThen): Promise<void> {
    await this.checkContent();
    const { platform, closed } = this.claim;
    const digest = new HeadsDigest();
    for (const head of books.headsOf(platform)) digest.add(head);
    if (digest.finish() === closed.headsSha256 && digest.count === closed.streams) return;
    this.ofItself(`the streams of the accounts do not stand where they stood when it was made`);
    await this.compare(async () => {
      for await (const [said, found] of sideBySide(this.heads(), books.headsOf(platform), byAccount))
        this.compareHead(books, said, found);
    });
  }

  /** What it holds is what it names by digests. */
  private async checkContent(): Promise<void> {
    const { closed } = this.claim;
    const [lines, heads] = [new BalanceDigest(), new HeadsDigest()];
    await this.compare(async () => {
      for await (const item of closingItems(this.store, closed.content)) {
        if (item.kind === 'line') lines.add(item.line);
        else heads.add(item.head);
      }
      if (lines.finish() !== closed.sha256 || heads.finish() !== closed.headsSha256)
        this.of(closed.content.stream, null, `it is not what closing ${closed.closingId} was made of`);
    });
  }

  private compareLine(said: TrialBalanceLine | undefined, found: TrialBalanceLine | undefined): void {
    if (said && found && inWords(said) === inWords(found)) return;
    const { ledgerAccount = '', commodity = '' } = said ?? found ?? {};
    const account = accountOf(ledgerAccount);
    const stream = account === undefined ? this.claim.stream : this.streamOf(account);
    const detail = `closing ${this.claim.closed.closingId} has ${ledgerAccount} in ${commodity} at ${inWords(said)}, its events come to ${inWords(found)}`;
    this.of(stream, account === undefined ? this.claim.revision : null, detail);
  }

  private compareHead(books: BooksThen, said: StreamHead | undefined, found: StreamHead | undefined): void {
    const { account = '' } = said ?? found ?? {};
    // That it cannot be read is told already.
    if (books.isDamaged(this.streamOf(account))) return;
    const detail = headDifference(`closing ${this.claim.closed.closingId}`, said, found);
    if (detail !== undefined) this.of(this.streamOf(account), found?.revision ?? null, detail);
  }

  /** What a closing holds may itself be damaged: that is told, and nothing that would follow from it. */
  private async compare(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof StreamDamaged)) throw error;
      this.of(error.stream, null, error.damage);
    }
  }

  private async *lines(): AsyncIterable<TrialBalanceLine> {
    for await (const item of closingItems(this.store, this.claim.closed.content))
      if (item.kind === 'line') yield item.line;
  }

  private async *heads(): AsyncIterable<StreamHead> {
    for await (const item of closingItems(this.store, this.claim.closed.content))
      if (item.kind === 'head') yield item.head;
  }

  private streamOf(account: string): string {
    return accountStream({ platform: this.claim.platform, account });
  }

  private ofItself(detail: string): void {
    this.of(this.claim.stream, this.claim.revision, `closing ${this.claim.closed.closingId}: ${detail}`);
  }

  private of(stream: string, revision: number | null, detail: string): void {
    if (++this.told > MAX_TOLD) return;
    this.tell({ stream, revision, position: this.claim.position, detail });
  }
}

/** How a stream stands beside how it stood for a closing, in words; undefined where it is the same. */
function headDifference(
  closing: string,
  said: StreamHead | undefined,
  found: StreamHead | undefined,
): string | undefined {
  if (!said) return `${closing} saw no such stream, and it has events that were booked before it`;
  if (!found) return `${closing} saw it up to revision ${said.revision}, and nothing of it is there`;
  if (found.revision < said.revision)
    return `${closing} saw it up to revision ${said.revision}, and it ends at ${found.revision}: its tail was cut off`;
  if (found.revision > said.revision)
    return `${closing} saw it up to revision ${said.revision}, and ${found.revision} is booked before it: events were added`;
  return found.hash === said.hash
    ? undefined
    : `its revision ${said.revision} is another than ${closing} saw: an event was changed`;
}

function byAccount(a: StreamHead, b: StreamHead): number {
  return a.account < b.account ? -1 : a.account > b.account ? 1 : 0;
}

function inWords(line: TrialBalanceLine | undefined): string {
  if (!line) return 'nothing';
  const { debit, credit } = line;
  return `${toText(subtract(debit, credit))} (debit ${toText(debit)}, credit ${toText(credit)})`;
}
