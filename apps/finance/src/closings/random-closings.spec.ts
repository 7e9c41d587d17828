import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import type { StoredEvent } from '@meterbook/event-store/event-store';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { SystemRandom } from '@meterbook/runtime/system-random';
import { FinanceBooks } from '../books/finance-books';
import { Reports } from '../reports/thread/reports';
import { dayIn } from '../testing/naive-calendar';
import { ForgedStore } from '../testing/forged-store';
import { money, textOf } from '../testing/naive-money/amounts';
import { naiveLate, type NaiveLate } from '../testing/naive-money/late';
import { bookedIn } from '../testing/naive-money/pieces';
import { naiveTrialBalance, type NaiveLines } from '../testing/naive-money/trial-balance';
import { ProvedBooks, provedPlatform } from '../testing/proved-books';
import { provedHistories, type ProvedHistory } from '../testing/proved-histories';
import { reportThreadHere } from '../testing/report-thread-here';
import { verifyStore } from '../verify/verify-store';
import type { ClosingAnswer } from './closing-answer';
import { CloseMonth, CloseMonthHandler } from './close-month';
import { ClosingWriter } from './closing-writer';
import { lateCursor } from './late-cursor';
import { OpenClosing, OpenClosingHandler } from './open-closing';

/** Histories that are tried; the environment asks for more. */
const askedFor = process.env['PROVED_HISTORIES'];
const histories = Number(askedFor ?? 12);
/** The suite tries the same in every run; who asks for a number gets others each time. */
const chance = askedFor === undefined ? { seed: 20_261_128 } : {};
const TIMEOUT_MS = 14_400_000;
const QUARTER_MS = 900_000;
const HOUR_MS = 3_600_000;
/** Entries of a page of what came late. */
const PAGE = 3;

const zones = ['UTC', 'America/New_York', 'Europe/Berlin', 'Australia/Lord_Howe', 'Pacific/Kiritimati', 'Etc/GMT+12'];

/** What somebody may do to the books behind the ledger's back, every hash of it right. */
type Damage = (
  all: readonly StoredEvent[],
  pick: number,
) => { readonly events: readonly StoredEvent[]; readonly stream: string };

const accountEventsOf = (all: readonly StoredEvent[]): StoredEvent[] =>
  all.filter(({ stream }) => stream.startsWith(`account-${provedPlatform}/`));
const pickOf = (some: readonly StoredEvent[], pick: number): StoredEvent => {
  const picked = some[pick % some.length];
  if (!picked) throw new Error('there is nothing to pick from');
  return picked;
};
const changedTo = (all: readonly StoredEvent[], one: StoredEvent, data: string): StoredEvent[] =>
  all.map((event) => (event === one ? { ...event, data } : event));

/** Each is done to what a closing has seen. */
const damages: Readonly<Record<string, Damage>> = {
  'a tail is cut off': (all, pick) => {
    const { stream, revision } = pickOf(accountEventsOf(all), pick);
    return { events: all.filter((event) => event.stream !== stream || event.revision < revision), stream };
  },
  'a stream is gone': (all, pick) => {
    const { stream } = pickOf(accountEventsOf(all), pick);
    return { events: all.filter((event) => event.stream !== stream), stream };
  },
  'an event is changed': (all, pick) => {
    const one = pickOf(accountEventsOf(all), pick);
    return { events: changedTo(all, one, one.data.replace('{', '{"note":"x",')), stream: one.stream };
  },
  'an event is taken out': (all, pick) => {
    const one = pickOf(accountEventsOf(all), pick);
    return { events: all.filter((event) => event !== one), stream: one.stream };
  },
  'an event is added': (all, pick) => {
    const one = pickOf(accountEventsOf(all), pick);
    const data = JSON.stringify({ occurredAt: new Date(one.bookedAt).toISOString(), keyId: 'nobodys' });
    const added = { ...one, type: 'ApiKeyRevoked', data };
    return { events: all.flatMap((event) => (event === one ? [event, added] : [event])), stream: one.stream };
  },
  'an account is made up': (all, pick) => {
    const one = pickOf(
      accountEventsOf(all).filter(({ revision }) => revision === 0),
      pick,
    );
    const stream = `account-${provedPlatform}/made-up`;
    return { events: all.flatMap((event) => (event === one ? [event, { ...one, stream }] : [event])), stream };
  },
  'what a closing holds is changed': (all, pick) => {
    const one = pickOf(
      all.filter(({ type }) => type === 'ClosingPart'),
      pick,
    );
    const data = one.data.replace(/\[\["./, '[["x');
    return { events: changedTo(all, one, data), stream: one.stream };
  },
  'what a closing holds is cut off': (all, pick) => {
    const one = pickOf(
      all.filter(({ type }) => type === 'ClosingPart'),
      pick,
    );
    return { events: all.filter((event) => event !== one), stream: one.stream };
  },
  'a closing says another digest': (all, pick) => {
    const one = pickOf(
      all.filter(({ type }) => type === 'PeriodClosed'),
      pick,
    );
    const data = one.data.replace(
      /(sha256|headsSha256)":"(.)/,
      (_, name: string, first: string) => `${name}":"${first === '0' ? '1' : '0'}`,
    );
    return { events: changedTo(all, one, data), stream: one.stream };
  },
  'a closing says another number of streams': (all, pick) => {
    const one = pickOf(
      all.filter(({ type }) => type === 'PeriodClosed'),
      pick,
    );
    const data = one.data.replace(/"streams":(\d+)/, (_, streams: string) => `"streams":${Number(streams) + 1}`);
    return { events: changedTo(all, one, data), stream: one.stream };
  },
};

/** How often each thing was met. */
const met = new Map<string, number>();
const meet = (what: string): void => void met.set(what, (met.get(what) ?? 0) + 1);
const everything = [
  ...Object.keys(damages).map((damage) => `found that ${damage}`),
  ...['a closing with lines', 'a closing of nothing', 'something late', 'nothing late', 'a second page'],
  ...zones.map((zone) => `zone ${zone}`),
];

describe('closings that are made at any moment', () => {
  let proved: ProvedBooks | undefined;
  let reports: Reports | undefined;
  afterEach(async () => {
    reports?.close();
    await proved?.destroy();
    [proved, reports] = [undefined, undefined];
  });

  it(
    `hold what the events come to, never change, tell what came late, and betray every change (${histories} histories)`,
    async () => {
      const picks = fc.record({
        zones: fc.array(fc.constantFrom(...zones), { minLength: 2, maxLength: 2 }),
        damages: fc.shuffledSubarray(Object.keys(damages), { minLength: 3, maxLength: 3 }),
        pick: fc.nat(),
      });
      await fc.assert(
        fc.asyncProperty(provedHistories, picks, async (history, picked) => {
          proved = await ProvedBooks.since(history.events[0]?.bookedAt ?? 0);
          const { books } = proved;
          reports = new Reports(() => reportThreadHere(books), books.clock);
          await prove(proved, reports, history, picked);
          reports.close();
          await proved.destroy();
          [proved, reports] = [undefined, undefined];
        }),
        { numRuns: histories, endOnFailure: true, ...chance },
      );
      expect(everything.filter((what) => !met.has(what))).toEqual([]);
    },
    TIMEOUT_MS,
  );

  async function prove(
    books: ProvedBooks,
    thread: Reports,
    { events, before }: ProvedHistory,
    picked: { readonly zones: readonly string[]; readonly damages: readonly string[]; readonly pick: number },
  ): Promise<void> {
    const closings = new Closings(books, thread);
    await books.book(events.slice(0, before));
    const first = await closings.close('first', picked.zones[0] ?? 'UTC');
    await books.book(events.slice(before));
    const second = await closings.close('second', picked.zones[1] ?? 'UTC');
    expect(await closings.text('first')).toBe(first.text);
    const all = await books.events();
    for (const closing of [first.answer, second.answer]) await proveClosing(closings, closing, all);
    expect(await verifyStore(books.books.store)).toMatchObject({ ok: true, faults: [] });
    // Nobody has seen what is booked after the last closing.
    const seen = all.filter(
      ({ bookedAt, stream }) => !stream.startsWith('account-') || bookedAt <= Date.parse(second.answer.closedAt),
    );
    for (const name of picked.damages) await betrays(name, seen, picked.pick);
  }

  async function proveClosing(closings: Closings, closing: ClosingAnswer, all: readonly StoredEvent[]): Promise<void> {
    const booked = bookedIn(all, provedPlatform);
    const [from, to] = [
      beginningOf(closing.period, closing.zone),
      beginningOf(monthAfter(closing.period), closing.zone),
    ];
    expect([closing.from, closing.to]).toEqual([from, to].map((at) => new Date(at).toISOString()));
    const lines = naiveTrialBalance({ basis: 'booked', asOf: to - 1, derivedAt: to }, booked);
    expect(await closings.lines(closing.closingId)).toEqual(lines);
    expect(closing.sha256).toBe(sha256(canonical(lines)));
    const heads = new Map<string, string>();
    for (const { stream, revision, hash, bookedAt } of accountEventsOf(all))
      if (bookedAt <= Date.parse(closing.closedAt)) {
        const account = stream.split('/')[1] ?? '';
        heads.set(account, `${account} ${revision} ${hash}\n`);
      }
    expect([closing.streams, closing.headsSha256]).toEqual([heads.size, sha256([...heads.values()].sort().join(''))]);
    const late = naiveLate({ from, to }, booked);
    expect(await closings.late(closing.closingId)).toEqual(late);
    meet(Object.keys(lines).length > 0 ? 'a closing with lines' : 'a closing of nothing');
    meet(late.items.length > 0 ? 'something late' : 'nothing late');
    if (late.items.length > PAGE) meet('a second page');
    meet(`zone ${closing.zone}`);
  }

  async function betrays(name: string, all: readonly StoredEvent[], pick: number): Promise<void> {
    const { events, stream } = damages[name]?.(all, pick) ?? { events: all, stream: '' };
    const forged = await ForgedStore.of(events);
    try {
      const { ok, faults } = await verifyStore(forged.store);
      expect([name, ok, faults.map((fault) => fault.stream)]).toEqual([
        name,
        false,
        expect.arrayContaining([stream]) as unknown,
      ]);
      meet(`found that ${name}`);
    } finally {
      await forged.destroy();
    }
  }
});

/** Makes closings and reads them as their routes do. */
class Closings {
  private readonly making: CloseMonthHandler;
  private readonly opening: OpenClosingHandler;
  private readonly reader = { name: 'auditor', gone: new AbortController().signal };

  constructor(
    private readonly proved: ProvedBooks,
    reports: Reports,
  ) {
    const { store, clock } = proved.books;
    const books = new FinanceBooks(store);
    this.making = new CloseMonthHandler(books, new ClosingWriter(store, reports, new SystemRandom()), clock);
    this.opening = new OpenClosingHandler(books, reports);
  }

  /** Closes the last month that is over in a zone; time passes meanwhile. */
  async close(closingId: string, zone: string): Promise<{ readonly answer: ClosingAnswer; readonly text: string }> {
    const { clock } = this.proved.books;
    const period = monthBefore(monthIn(clock.now(), zone));
    const making = this.making.execute(
      new CloseMonth(provedPlatform, { closingId, period, zone }, { actor: 'auditor' }, this.reader),
    );
    const [system, done] = [new SystemClock(), new AbortController()];
    const passing = (async () => {
      while (!done.signal.aborted) {
        clock.pass(1);
        await system.sleep(1);
      }
    })();
    const { body } = await making.finally(() => {
      done.abort();
    });
    await passing;
    // What is booked in the same millisecond would be seen by it, and could be booked after it.
    clock.pass(1);
    return { answer: body, text: await this.text(closingId) };
  }

  async text(closingId: string): Promise<string> {
    return this.read(new OpenClosing(provedPlatform, closingId, null, this.reader));
  }

  async lines(closingId: string): Promise<NaiveLines> {
    const { trialBalance } = JSON.parse(await this.text(closingId)) as { trialBalance: { lines: readonly Line[] } };
    return linesOf(trialBalance.lines);
  }

  /** All pages of what came late. */
  async late(closingId: string): Promise<{ readonly items: readonly NaiveLate[]; readonly lines: NaiveLines }> {
    const items: NaiveLate[] = [];
    for (let cursor: string | null = null; ;) {
      const after = cursor === null ? null : lateCursor.markOf({ cursor });
      const asked = new OpenClosing(provedPlatform, closingId, { after, limit: PAGE }, this.reader);
      const page = JSON.parse(await this.read(asked)) as LatePage;
      expect(page.items.length).toBeLessThanOrEqual(PAGE);
      items.push(
        ...page.items.map(({ event, account, occurredAt, bookedAt, legs }) => ({
          event,
          account,
          occurredAt,
          bookedAt,
          legs,
        })),
      );
      cursor = page.next;
      if (cursor === null) return { items, lines: linesOf(page.lines) };
    }
  }

  private async read(asked: OpenClosing): Promise<string> {
    const { chunks } = await this.opening.execute(asked);
    let text = '';
    for await (const chunk of chunks) text += chunk;
    return text;
  }
}

interface Line {
  readonly ledgerAccount: string;
  readonly commodity: string;
  readonly debit: string;
  readonly credit: string;
}

interface LatePage {
  readonly items: readonly NaiveLate[];
  readonly lines: readonly Line[];
  readonly next: string | null;
}

function linesOf(lines: readonly Line[]): NaiveLines {
  return Object.fromEntries(
    lines.map(({ ledgerAccount, commodity, debit, credit }) => [`${ledgerAccount} ${commodity}`, [debit, credit]]),
  );
}

/** The text that a closing's digest is of: members by name, lines by ledger account and commodity. */
function canonical(lines: NaiveLines): string {
  const sums = new Map<string, readonly [bigint, bigint]>();
  const amounts = (debit: bigint, credit: bigint): readonly [string, string, string] =>
    [debit - credit, credit, debit].map(textOf) as unknown as readonly [string, string, string];
  const told = Object.keys(lines)
    .map((name) => name.split(' ') as [string, string])
    .sort((a, b) => (a.join('\0') < b.join('\0') ? -1 : 1))
    .map(([ledgerAccount, commodity]) => {
      const [debit, credit] = (lines[`${ledgerAccount} ${commodity}`] ?? ['0', '0']).map(money) as [bigint, bigint];
      const [debits, credits] = sums.get(commodity) ?? [0n, 0n];
      sums.set(commodity, [debits + debit, credits + credit]);
      const [balance, credited, debited] = amounts(debit, credit);
      return { balance, commodity, credit: credited, debit: debited, ledgerAccount };
    });
  const totals = [...sums]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([commodity, [debits, credits]]) => {
      const [balance, credit, debit] = amounts(debits, credits);
      return { balance, commodity, credit, debit };
    });
  return JSON.stringify({ lines: told, totals });
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function monthIn(at: number, zone: string): string {
  return dayIn(at, zone).slice(0, '2026-10'.length);
}

function monthBefore(month: string): string {
  return new Date(Date.parse(`${month}-01T00:00:00Z`) - 24 * HOUR_MS).toISOString().slice(0, 7);
}

function monthAfter(month: string): string {
  return new Date(Date.parse(`${month}-01T00:00:00Z`) + 32 * 24 * HOUR_MS).toISOString().slice(0, 7);
}

/** The first quarter of an hour of which the calendar of a zone shows a month. */
function beginningOf(month: string, zone: string): number {
  let at = Date.parse(`${month}-01T00:00:00Z`) - 24 * HOUR_MS;
  while (monthIn(at, zone) < month) at += QUARTER_MS;
  return at;
}
