import * as fc from 'fast-check';
import type { Account } from '../account';
import type { Charge } from '../charging/events';
import type { AccountEvent } from '../events';
import { readRulebook } from '../../rulebook/read-rulebook';
import type { PublishedRulebook, Rulebook } from '../../rulebook/rulebook';
import type { Ask } from '../../testing/naive-books/asks';
import { NaiveAccount } from '../../testing/naive-books/naive-account';
import { randomRules } from '../../testing/naive-books/random-rules';
import type { NaiveRules, NaiveVersion } from '../../testing/naive-books/rules';
import { dayMs } from '../../testing/naive-books/rules';
import type { Step } from '../../testing/naive-books/stories';
import { stories } from '../../testing/naive-books/stories';
import { storyStart, told } from '../../testing/naive-books/tell';
import { ToldDomain } from '../../testing/naive-books/told-domain';
import { accountAfter } from '../../testing/given';
import type { LookedBack } from './command-again';
import type { Again, BookedEvent, Counted } from './account-again';
import { AccountAgain } from './account-again';
import { SupposedRules } from './supposed-rules';

const runs = 300;
const timeoutMs = 300_000;

function rulebookOf(rules: NaiveRules): Rulebook {
  const read = readRulebook({ platform: 'harbour', ...rules });
  if (read.kind === 'invalid') throw new Error(JSON.stringify(read.faults));
  return read.rulebook;
}

function published({ version, from, rules }: NaiveVersion): PublishedRulebook {
  return { version, effectiveFrom: from, sha256: '0'.repeat(64), rulebook: rulebookOf(rules) };
}

const always = storyStart - 100 * dayMs;
const versionOf = (rules: NaiveRules): NaiveVersion => ({ version: 1, from: always, rules });

const someVersions = fc
  .tuple(randomRules, fc.array(fc.tuple(randomRules, fc.constantFrom(0, dayMs, 3 * dayMs)), { maxLength: 2 }))
  .map(([first, later]): NaiveVersion[] => [
    versionOf(first),
    ...later.map(([rules, wait], index) => ({ version: index + 2, from: storyStart + wait, rules })),
  ]);

/** An ask as the books took it, and the event that it led to. */
interface Accepted {
  readonly ask: Ask;
  readonly event: AccountEvent;
}

interface Lived {
  readonly domain: ToldDomain;
  readonly booked: readonly BookedEvent[];
  readonly accepted: readonly Accepted[];
}

/** Lets a story happen; promotions are heard of right after each recharge where that is wanted, else when the story says so. */
function live(story: readonly Step[], versions: readonly NaiveVersion[], promptly: boolean): Lived {
  const naive = new NaiveAccount(versions);
  const domain = new ToldDomain(versions.map(published));
  const [booked, accepted, asks]: [BookedEvent[], Accepted[], Ask[]] = [[], [], []];
  let [now, usages] = [storyStart, 0];
  const ask = (asked: Ask): void => {
    naive.ask(asked);
    asks.push(asked);
    domain.ask(asked);
    const written = domain.events.slice(booked.length);
    const request = String(asks.length);
    for (const event of written) booked.push({ event, revision: booked.length, bookedAt: asked.now, request });
    const last = written.at(-1);
    if (last !== undefined && asked.ask !== 'earn') accepted.push({ ask: asked, event: last });
  };
  for (const step of story) {
    const next = told(step, { books: naive.books(), versions, asks, now, usages });
    now = next.now;
    if (next.ask === 'usage') usages += next.usages.length;
    ask(next);
    if (promptly && next.ask === 'recharge') ask({ ask: 'earn', now });
  }
  // What a recharge earned is heard of in the end.
  ask({ ask: 'earn', now });
  return { domain, booked, accepted };
}

const occurrences = ({ event }: BookedEvent): readonly number[] =>
  event.type === 'UsageCharged'
    ? event.charges.map(({ occurredAt }) => Date.parse(occurredAt))
    : [Date.parse(event.occurredAt)];

/** Decides a stream again, as whoever reads it would. */
function again(
  { domain, booked }: Lived,
  fromMs: number,
  supposed: Rulebook | null,
  versions: readonly NaiveVersion[],
) {
  const first = booked.findIndex((each) => occurrences(each).some((atMs) => atMs >= fromMs));
  const startsAt = first < 0 ? booked.length : first;
  const before: Account | undefined = accountAfter(domain.events.slice(0, startsAt));
  const reversed = new Set<string>();
  for (const { event } of booked)
    if (event.type === 'UsageReversed') reversed.add(`${event.charge.revision}/${event.charge.index}`);
  const account = new AccountAgain(new SupposedRules(fromMs, supposed, versions.map(published)), {
    account: before,
    promotions: domain.promotions,
    isReversed: (revision, index) => reversed.has(`${revision}/${index}`),
  });
  const results: Again[] = [];
  for (const each of booked.slice(startsAt)) results.push(account.next(each, foundFor(account, each.event, domain)));
  return {
    booked: results.flatMap((result) => result.booked),
    again: results.flatMap((result) => result.again),
    refused: results.flatMap((result) => result.refused),
  };
}

function foundFor(account: AccountAgain, event: AccountEvent, domain: ToldDomain): LookedBack {
  const wanted = account.wants(event);
  const found = wanted && domain.events[wanted.revision];
  if (wanted?.kind === 'recharge') return found?.type === 'WalletRecharged' ? { recharge: found } : {};
  const charge = wanted !== undefined && found?.type === 'UsageCharged' ? found.charges[wanted.index] : undefined;
  return charge && wanted ? { charge: { charge, ...wanted } } : {};
}

/** What of a charge says by which rules it was made; the number of the rulebook is another one. */
function madeOf({ rulebook, ...charge }: Charge): unknown {
  return { ...charge, isRuled: rulebook >= 0 };
}

const instants = fc.constantFrom(-dayMs, 0, 1, dayMs / 2, dayMs, 2 * dayMs, 4 * dayMs, 20 * dayMs);

describe('an account that is decided again', () => {
  it(
    'comes to the same, to the last digit, by the rules that were in force',
    () => {
      let charges = 0;
      fc.assert(
        fc.property(stories, someVersions, instants, fc.boolean(), (story, versions, from, promptly) => {
          const { booked, ...simulated } = again(live(story, versions, promptly), storyStart + from, null, versions);
          expect(simulated.again).toEqual(booked);
          expect(simulated.refused).toEqual([]);
          charges += booked.length;
        }),
        { numRuns: runs, seed: 20_261_127 },
      );
      expect(charges).toBeGreaterThan(runs);
    },
    timeoutMs,
  );

  it(
    'comes to the same where the rules that are supposed are those that were in force, whenever promotions were heard of',
    () => {
      let promotions = 0;
      fc.assert(
        fc.property(stories, randomRules, instants, fc.boolean(), (story, rules, from, promptly) => {
          const lived = live(story, [versionOf(rules)], promptly);
          const result = again(lived, storyStart + from, rulebookOf(rules), [versionOf(rules)]);
          const made = ({ charge, ...rest }: Counted): unknown => ({ ...rest, charge: madeOf(charge) });
          expect(result.again.map(made)).toEqual(result.booked.map(made));
          expect(result.refused).toEqual([]);
          promotions += lived.domain.promotions.length;
        }),
        { numRuns: runs, seed: 20_261_127 },
      );
      expect(promotions).toBeGreaterThan(runs / 10);
    },
    timeoutMs,
  );

  it(
    'comes to what the same history would have come to, booked by other rules from before its first event on',
    () => {
      let [charges, refusals] = [0, 0];
      fc.assert(
        fc.property(stories, randomRules, randomRules, (story, rules, others) => {
          // What keeps its amount whatever the rules say has the same amount by both.
          const supposed = withGrantOf(rules, others);
          const lived = live(story.filter(isDecidedByRules), [versionOf(rules)], true);
          const simulated = again(lived, always, rulebookOf(supposed), [versionOf(rules)]);
          const other = new ToldDomain([published(versionOf(supposed))]);
          const refused = lived.accepted.flatMap(({ ask, event }) => askAgain(other, ask, event));
          expect(simulated.again.filter(({ reversed }) => !reversed).map(({ charge }) => madeOf(charge))).toEqual(
            other.events.flatMap((event) => (event.type === 'UsageCharged' ? event.charges : [])).map(madeOf),
          );
          expect(simulated.refused).toEqual(refused);
          charges += simulated.again.length;
          refusals += refused.length;
        }),
        { numRuns: runs, seed: 20_261_127 },
      );
      expect([charges, refusals].every((count) => count > runs / 4)).toBe(true);
    },
    timeoutMs,
  );
});

/** The rules of one with the starter grant of another, or without one where that has none. */
function withGrantOf({ starterGrant }: NaiveRules, others: NaiveRules): NaiveRules {
  const copy: Record<string, unknown> = { ...others, starterGrant };
  if (starterGrant === undefined) delete copy['starterGrant'];
  return copy as unknown as NaiveRules;
}

/** A refund is bound by what was refunded, and a dispute of everything by what was disputed: neither is what other rules would make of it. */
function isDecidedByRules({ doing }: Step): boolean {
  return doing.does !== 'refund' && !(doing.does === 'dispute' && doing.amount === null);
}

/** Asks for the same at the same instant, and reports the usage that was charged; codes of what is refused. */
function askAgain(domain: ToldDomain, asked: Ask, event: AccountEvent): readonly string[] {
  const outcome = domain.ask(asBooked(asked, event));
  if (asked.ask === 'recharge') domain.ask({ ask: 'earn', now: asked.now });
  if (outcome.is === 'refused') return [outcome.code];
  return outcome.is === 'charged' ? outcome.each.filter((each) => typeof each === 'string').map(String) : [];
}

/** An ask as the books have it: when it occurred, and without what became a dead letter. */
function asBooked(asked: Ask, event: AccountEvent): Ask {
  if (asked.ask === 'usage') {
    const charged = event.type === 'UsageCharged' ? event.charges.map(({ id }) => id) : [];
    return { ...asked, usages: asked.usages.filter(({ id }) => charged.includes(id)) };
  }
  if (!('occurredAt' in asked) || !('occurredAt' in event)) return asked;
  const occurredAt = Date.parse(event.occurredAt);
  return { ...asked, occurredAt, now: Math.max(asked.now, occurredAt) };
}
