import * as fc from 'fast-check';
import type { Ask } from '../testing/naive-books/asks';
import { exactly, hold, published } from '../testing/naive-books/comparing';
import { NaiveAccount } from '../testing/naive-books/naive-account';
import { randomRules } from '../testing/naive-books/random-rules';
import { versionsOf } from '../testing/naive-books/random-versions';
import type { NaiveRules, NaiveVersion } from '../testing/naive-books/rules';
import { inForce } from '../testing/naive-books/rules';
import type { Step } from '../testing/naive-books/stories';
import { stepsPerStory, stories } from '../testing/naive-books/stories';
import { instantsThatMatter, storyStart, told } from '../testing/naive-books/tell';
import { ToldDomain } from '../testing/naive-books/told-domain';
import { trialBalance } from '../testing/naive-books/trial-balance';
import { view } from '../testing/naive-books/views';

/** A hundred thousand steps take some twenty seconds, a million some minutes. */
const timeoutMs = 1_800_000;
const stepsAskedFor = process.env['NAIVE_BOOKS_STEPS'];
/** So many things are asked; of more the environment says how many. */
const asked = Number(stepsAskedFor ?? 100_000);
/** The suite asks the same in every run; who asks for so many steps gets others each time. */
const chance = stepsAskedFor === undefined ? { seed: 20_261_127 } : {};

const versions = versionsOf(randomRules);

function rulesAt(all: readonly NaiveVersion[], at: number): NaiveRules | undefined {
  return inForce(all, at)?.rules;
}

/** Fewer may leave one of the following out. */
const stepsThatMeetAll = 50_000;
/** All that a command may be refused with is met, and what is sent again. */
const refusals = [
  'open no_rulebook',
  'recharge no_rulebook',
  'recharge repeated',
  'recharge idempotency_conflict',
  'recharge occurred_at_in_future',
  'recharge occurred_at_out_of_order',
  'recharge provider_unsupported',
  'recharge currency_unsupported',
  'recharge below_minimum_recharge',
  'grant repeated',
  'grant idempotency_conflict',
  'grant unknown_account',
  'grant already_claimed',
  'grant invalid_request',
  'settings unknown_account',
  'settings unknown_tier',
  'settings invalid_request',
  'reverse repeated',
  'reverse idempotency_conflict',
  'reverse unknown_account',
  'reverse unknown_charge',
  'reverse already_reversed',
  'reverse occurred_at_out_of_order',
  'start repeated',
  'start idempotency_conflict',
  'start unknown_account',
  'start subscription_active',
  'start provider_unsupported',
  'start unknown_plan',
  'renew repeated',
  'renew idempotency_conflict',
  'renew no_subscription',
  'renew not_renewable',
  'renew provider_unsupported',
  'renew unknown_plan',
  'cancel nothing',
  'cancel no_subscription',
  'switch repeated',
  'switch no_subscription',
  'switch same_plan',
  'switch provider_unsupported',
  'switch unknown_plan',
  'refund repeated',
  'refund idempotency_conflict',
  'refund unknown_recharge',
  'refund refund_window_closed',
  'refund nothing_to_refund',
  'dispute repeated',
  'dispute idempotency_conflict',
  'dispute unknown_recharge',
  'dispute exceeds_recharge',
  'won repeated',
  'won dispute_closed',
  'won unknown_dispute',
  'lost repeated',
  'lost dispute_closed',
  'lost unknown_dispute',
  'write-off repeated',
  'write-off idempotency_conflict',
  'write-off exceeds_receivable',
];

/** How often each outcome was met. */
const met = new Map<string, number>();
const meet = (what: string) => met.set(what, (met.get(what) ?? 0) + 1);

/** Of a charge who paid and what limited it, of a dead letter its reason. */
function wordOf(charge: unknown): string {
  if (typeof charge !== 'object' || charge === null || !('draws' in charge) || !('limitedBy' in charge)) {
    return `dead ${String(charge)}`;
  }
  const draws = charge.draws as readonly { readonly from: string }[];
  return `charge ${draws.map(({ from }) => from).join(' ')} ${String(charge.limitedBy)}`;
}

function tell(story: readonly Step[], all: readonly NaiveVersion[]): void {
  const naive = new NaiveAccount(all);
  const domain = new ToldDomain(all.map(published));
  let now = storyStart;
  let usages = 0;
  const asks: Ask[] = [];
  const soFar = () => [...all, ...asks];
  for (const step of story) {
    const ask = told(step, { books: naive.books(), versions: all, asks, now, usages });
    now = ask.now;
    if (ask.ask === 'usage') usages += ask.usages.length;
    const outcome = naive.ask(ask);
    asks.push(ask);
    hold(outcome, domain.ask(ask), soFar);
    if (outcome.is === 'charged') for (const charge of outcome.each) meet(wordOf(charge));
    meet(outcome.is === 'refused' ? `${ask.ask} ${outcome.code}` : `${ask.ask} ${outcome.is}`);
    const books = naive.books();
    const rules = rulesAt(all, now);
    if (books.isOpen && rules !== undefined)
      hold(view(books, rules, now), domain.view(now), () => [...soFar(), 'seen']);
  }
  hold(trialBalance(naive.facts, 'USD', now), domain.trialBalance(now), () => [...soFar(), 'trial balance'], exactly);
  domain.holdsTogether(story.length);
  for (const at of instantsToLookBackAt(story, naive, all, now)) {
    const past = naive.books(at);
    const rules = rulesAt(all, at);
    if (rules !== undefined)
      hold(past.isOpen ? view(past, rules, at) : undefined, domain.viewAsOf(at), () => [...soFar(), ['as of', at]]);
  }
}

/** Some of the instants that matter at the end of a story, others in each. */
function instantsToLookBackAt(story: readonly Step[], naive: NaiveAccount, all: readonly NaiveVersion[], now: number) {
  const matter = instantsThatMatter(naive.books(), all, now);
  const offsets = [-1, 0, 1];
  return offsets.map((offset, index) => (matter[(story.length * 7 + index * 5) % matter.length] ?? now) + offset);
}

describe('an account', () => {
  it(
    'is at every step what an independent model, written from the specification alone, says it is',
    () => {
      fc.assert(fc.property(stories, versions, tell), { numRuns: asked / stepsPerStory, ...chance });
      if (process.env['NAIVE_BOOKS_MET']) process.stdout.write(`${[...met].sort().join('\n')}\n`);
      if (asked >= stepsThatMeetAll) expect(refusals.filter((refusal) => !met.has(refusal))).toEqual([]);
    },
    timeoutMs,
  );
});
