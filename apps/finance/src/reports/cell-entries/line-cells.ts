import { explainEarned, explainLapse } from '@meterbook/domain/account/explained/explain-derived';
import type { Explained } from '@meterbook/domain/account/explained/explained';
import type { Charge } from '@meterbook/domain/account/charging/events';
import type { AccountEvent } from '@meterbook/domain/account/events';
import { negate, zero, type Decimal } from '@meterbook/domain/amount/decimal';
import { walletOf, type Posting } from '@meterbook/domain/entries/legs';
import { inLedgerOrder } from '@meterbook/domain/entries/postings';
import { noTimedItems, type TimedItems } from '@meterbook/domain/entries/timed-items';
import { formatInstant, storedInstant } from '@meterbook/domain/time/instant';
import type { EventStore } from '@meterbook/event-store/event-store';
import type { Clock } from '@meterbook/runtime/clock';
import { openDatabase } from '@meterbook/runtime/sqlite';
import type { BookedEvent } from '../../projections/projection';
import { accountOf, takenTo } from '../../projections/trial-balance/line-names';
import { compareLines, StoredLines } from '../../projections/trial-balance/read-lines';
import { partEntriesOf } from '../../projections/trial-balance/wallet-part-legs';
import type { Question } from '../grouped/question';
import type { Sums } from '../grouped/sums';
import { linesBy } from '../trial-balance/lines-by';
import type { CellAsked, CellEntry, CellSource, CellStep } from './cell-entry';
import { eventMark, type CellEvents } from './cell-events';
import { markOf, partsOf } from './cell-mark';
import { takenItems, type TakenItem } from './taken-items';
import { toldEntry } from './stored-entry';

const LINES = 'lines';
/** Lines looked at between two turns of whatever else this thread does, as one place where nothing of them is in the cell. */
const LINES_PER_TURN = 2000;
/** Accounts of which is remembered which lots of theirs were granted. */
const MAX_REMEMBERED = 1000;

/** Counts what legs and parts of a wallet, or what time alone took from a line, add to a cell; undefined where that is nothing of it. */
export interface LineCounter {
  /** Whether parts of wallets have to be known. */
  readonly needsParts: boolean;
  booked(question: Question, legs: readonly Posting[]): Sums | undefined;
  /** Positive is a debit of the line. */
  taken(question: Question, line: Pick<Posting, 'ledgerAccount' | 'commodity'>, amount: Decimal): Sums | undefined;
}

/** What balances are the sum of: every entry until the instant of the report in store order, then what time alone has taken from each line. */
export function lineCells(store: EventStore, clock: Clock, cellEvents: CellEvents, counter: LineCounter): CellSource {
  return async function* (asked) {
    const { question } = asked;
    const until = question.end ?? Infinity;
    const isBooked = question.basis === 'booked';
    const wanted = {
      bookedFrom: null,
      isOver: ({ bookedAt }: { readonly bookedAt: number }) => isBooked && bookedAt > until,
    };
    const granted = new GrantedLots(asked);
    for await (const { events, mark } of cellEvents.of(asked, wanted)) {
      for (const booked of events) {
        const entries = bookedEntries(booked, asked, granted, counter);
        if (entries.length > 0) yield { mark: eventMark(booked), entries };
      }
      yield { mark, entries: [] };
    }
    yield* takenSteps(asked, store, clock, counter);
  };
}

function bookedEntries(
  booked: BookedEvent,
  { question }: CellAsked,
  granted: GrantedLots,
  counter: LineCounter,
): CellEntry[] {
  const { account, bookedAt } = booked;
  const entries: CellEntry[] = [];
  for (const { event, charge } of occurrencesOf(booked.event)) {
    if (question.basis === 'occurred' && occurredAtMs(event, charge) > (question.end ?? Infinity)) continue;
    const told = toldEntry(event, charge, account, bookedAt);
    const parts = counter.needsParts ? partEntriesOf(event, account, granted.of(account, event)) : [];
    const sums = counter.booked(question, [...told.legs, ...parts.flatMap(({ legs }) => legs)]);
    if (sums) entries.push({ ...told, sums });
  }
  return entries;
}

/** Of a batch each charge, in the shape of a batch of one. */
function occurrencesOf(
  event: AccountEvent,
): readonly { readonly event: AccountEvent; readonly charge: Charge | null }[] {
  if (event.type !== 'UsageCharged') return [{ event, charge: null }];
  return event.charges.map((charge) => ({ event: { ...event, charges: [charge] }, charge }));
}

function occurredAtMs(event: AccountEvent, charge: Charge | null): number {
  if (charge) return storedInstant(charge.occurredAt);
  return event.type === 'UsageCharged' ? 0 : storedInstant(event.occurredAt);
}

/** Which lots of an account were granted, by all that its projection knows: a lot is of one kind for ever. */
class GrantedLots {
  private readonly lines: StoredLines;
  private readonly known = new Map<string, TimedItems>();

  constructor({ snapshot, question }: CellAsked) {
    this.lines = new StoredLines(snapshot.database, question.platform, null);
  }

  of(account: string, event: AccountEvent): TimedItems {
    if (!('currency' in event)) return noTimedItems;
    const known = this.known.get(account);
    if (known) return known;
    const items = this.lines.line(walletOf(account), event.currency)?.timed ?? noTimedItems;
    if (this.known.size >= MAX_REMEMBERED) this.known.clear();
    this.known.set(account, items);
    return items;
  }
}

/** What time alone has taken, line by line and grant by grant. */
async function* takenSteps(
  { question, snapshot, facts, after }: CellAsked,
  store: EventStore,
  clock: Clock,
  counter: LineCounter,
): AsyncIterable<CellStep> {
  const reached = partsOf(LINES, after);
  const [ledgerAccount = '', commodity = ''] = reached ?? [];
  const scratch = openDatabase('');
  try {
    const { basis, end, platform, derivedAt } = question;
    const source = await linesBy(basis, end, platform, snapshot, scratch, store, clock);
    let lines = 0;
    for (const line of source.timed()) {
      lines += 1;
      const mark = markOf(LINES, line.ledgerAccount, line.commodity);
      const isNext = !reached || compareLines(line, { ledgerAccount, commodity }) > 0;
      const entries = isNext
        ? takenEntries(line, takenItems(line.timed, basis, derivedAt), question, facts.currency, counter)
        : [];
      if (entries.length > 0) yield { mark, entries };
      if (lines % LINES_PER_TURN !== 0) continue;
      if (isNext && entries.length === 0) yield { mark, entries };
      await clock.sleep(0);
    }
  } finally {
    scratch.close();
  }
}

function takenEntries(
  line: Pick<Posting, 'ledgerAccount' | 'commodity'>,
  items: readonly TakenItem[],
  question: Question,
  currency: string | null,
  counter: LineCounter,
): CellEntry[] {
  const { ledgerAccount, commodity } = line;
  const [account, goesTo] = [accountOf(ledgerAccount), takenTo(ledgerAccount)];
  if (account === undefined || goesTo === undefined) return [];
  return items.flatMap((item) => {
    const sums = counter.taken(question, line, item.amount);
    if (!sums) return [];
    const at = formatInstant(item.at);
    const { formula, sentence } = explainTaken(ledgerAccount, item, currency ?? commodity);
    const legs = [
      { ledgerAccount, commodity, amount: item.amount },
      { ledgerAccount: goesTo, commodity, amount: negate(item.amount) },
    ];
    const told = { event: 'Derived', account, reference: null, occurredAt: at, bookedAt: at } as const;
    return [{ ...told, legs: inLedgerOrder(legs), explain: formula, sentence, sums }];
  });
}

function explainTaken(ledgerAccount: string, { amount, fee, at }: TakenItem, currency: string): Explained {
  if (fee) return explainEarned(null, { before: fee, after: fee }, { from: null, to: at }, currency);
  const kind = (prefix: string): Decimal => (ledgerAccount.startsWith(prefix) ? amount : zero);
  const lapsed = { wallet: kind('liabilities:wallet:'), main: kind('pools:main:'), backup: kind('pools:backup:') };
  return explainLapse(lapsed, currency);
}
