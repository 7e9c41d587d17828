import fc from 'fast-check';
import { toText } from '../amount/decimal';
import type { Rulebook } from '../rulebook/rulebook';
import { naiveRate, type NaiveRated, type NaiveRequest } from '../testing/naive-rater';
import { pricedRulebook, userFactor } from '../testing/priced-rulebook';
import { channels, fittingRequests, pricedModels, requests } from '../testing/random-prices';
import { rate } from './rate';

const roundings = fc.record({
  scale: fc.integer({ min: 0, max: 9 }),
  mode: fc.constantFrom('half-up', 'half-even', 'up', 'down'),
});

function rated(rulebook: Rulebook, request: NaiveRequest): NaiveRated {
  const answer = rate(rulebook, { model: 'm', group: null, ...request }, { tier: 'default', customMultiplier: null });
  if (answer.kind === 'refused') return answer.code;
  return { unrounded: toText(answer.unrounded), amount: toText(answer.amount), cost: toText(answer.cost) };
}

/** Requests that each random model is asked for. */
const requestsPerModel = 25;

describe('rating', () => {
  it('comes to what an independent rater comes to that does as the specification says, in fractions', () => {
    const cases = fc.record({ model: pricedModels, rounding: roundings }).chain(({ model, rounding }) =>
      fc.record({
        model: fc.constant(model),
        rounding: fc.constant(rounding),
        asked: fc.array(fc.oneof({ weight: 4, arbitrary: fittingRequests(model) }, requests), {
          minLength: requestsPerModel,
          maxLength: requestsPerModel,
        }),
      }),
    );
    const outcomes = new Map<string, number>();
    fc.assert(
      fc.property(cases, ({ model, rounding, asked }) => {
        const rulebook = pricedRulebook(model, rounding);
        for (const request of asked) {
          const channelDiscount = request.channel === null ? '1' : channels[request.channel as keyof typeof channels];
          const expected = naiveRate(model, request, { channelDiscount, userFactor, rounding });
          expect([request, rated(rulebook, request)]).toEqual([request, expected]);
          const outcome = typeof expected === 'string' ? expected : 'rated';
          outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        }
      }),
      { numRuns: 120 },
    );
    // Most of them were priced, and the others were refused in each way there is.
    const total = [...outcomes.values()].reduce((sum, count) => sum + count, 0);
    expect(outcomes.get('rated')).toBeGreaterThan(total / 2);
    expect([...outcomes.keys()].sort()).toEqual(['missing_units', 'rated', 'unknown_unit']);
  });
});
