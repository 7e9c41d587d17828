import * as fc from 'fast-check';
import type { AccessAsk, AccessOutcome } from '../testing/naive-access/access-asks';
import type { NaiveAccessVersion } from '../testing/naive-access/access-rules';
import type { AccessStep } from '../testing/naive-access/access-stories';
import { accessStories } from '../testing/naive-access/access-stories';
import { NaiveAccess } from '../testing/naive-access/naive-access';
import { randomAccessRules } from '../testing/naive-access/random-access-rules';
import { toldAccess } from '../testing/naive-access/tell-access';
import { ToldAccess } from '../testing/naive-access/told-access';
import { hold, published } from '../testing/naive-books/comparing';
import { versionsOf } from '../testing/naive-books/random-versions';
import { stepsPerStory } from '../testing/naive-books/stories';
import { storyStart } from '../testing/naive-books/tell';

/** Thirty thousand steps take some fifteen seconds of processor, a million some minutes. */
const timeoutMs = 1_800_000;
const stepsAskedFor = process.env['NAIVE_BOOKS_STEPS'];
/** So many things are asked; of more the environment says how many. */
const asked = Number(stepsAskedFor ?? 30_000);
/** The suite asks the same in every run; who asks for so many steps gets others each time. */
const chance = stepsAskedFor === undefined ? { seed: 20_261_127 } : {};
/** Fewer may leave one of the following out. */
const stepsThatMeetAll = 30_000;

/** All that a request for access may be answered with is met. */
const outcomes = [
  'authorize done',
  'authorize granted',
  'authorize repeated',
  'authorize idempotency_conflict',
  'authorize unknown_account',
  'authorize account_suspended',
  'authorize invalid_api_key',
  'authorize unknown_model',
  'authorize unknown_group',
  'authorize unknown_channel',
  'authorize model_tier_restricted',
  'authorize model_not_in_group',
  'authorize model_not_in_plan',
  'authorize rate_limited',
  'authorize daily_limit',
  'authorize insufficient_credits',
  'release nothing',
  'release unknown_authorization',
  'refund done',
  'refund nothing_to_refund',
  'a hold is settled',
  'a hold expires',
];

/** How often each outcome was met. */
const met = new Map<string, number>();
const meet = (what: string) => met.set(what, (met.get(what) ?? 0) + 1);

const wordOf = (outcome: AccessOutcome): string => ('code' in outcome ? outcome.code : outcome.is);

function tell(story: readonly AccessStep[], versions: readonly NaiveAccessVersion[]): void {
  const naive = new NaiveAccess(versions);
  const domain = new ToldAccess(versions.map(published));
  let now = storyStart;
  let usages = 0;
  const asks: AccessAsk[] = [];
  const soFar = () => [...versions, ...asks];
  for (const step of story) {
    const ask = toldAccess(step, { naive, versions, asks, now, usages });
    const held = naive.held(now);
    if (naive.held(ask.now) < held) meet('a hold expires');
    now = ask.now;
    if (ask.ask === 'usage') usages += ask.usages.length;
    const said = domain.ask(ask);
    asks.push(ask);
    const before = naive.held(now);
    hold(naive.ask(ask, wordOf(said) === 'rate_limited'), said, soFar);
    if (ask.ask === 'usage' && naive.held(now) < before) meet('a hold is settled');
    meet(`${ask.ask} ${wordOf(said)}`);
    hold(naive.view(now), domain.view(now), () => [...soFar(), 'seen']);
  }
  domain.holdsTogether(now);
}

describe('access to an account', () => {
  it(
    'is at every step what an independent model, written from the specification alone, says it is',
    () => {
      const property = fc.property(accessStories, versionsOf(randomAccessRules), tell);
      fc.assert(property, { numRuns: asked / stepsPerStory, ...chance });
      if (process.env['NAIVE_BOOKS_MET']) process.stdout.write(`${[...met].sort().join('\n')}\n`);
      if (asked >= stepsThatMeetAll) expect(outcomes.filter((outcome) => !met.has(outcome))).toEqual([]);
    },
    timeoutMs,
  );
});
