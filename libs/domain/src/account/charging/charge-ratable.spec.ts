import fc from 'fast-check';
import { chargeUsage } from './charge';
import { receiveRecharge } from '../../account/wallet/recharge';
import { aRecharge, at, usage } from '../../testing/commands';
import { given } from '../../testing/given';
import { published } from '../../testing/rulebooks';
import { chargeRatable, unratable } from './charge-ratable';

const decidedAt = at(2);
const rules = [published({ models: [{ id: 'one', group: 'default', price: { mode: 'request', unit: '1' } }] })];
const { account } = given().when((before) => receiveRecharge(before, aRecharge('r1', '10', 0), rules));

/** The rules with a bug: they throw on a usage of model `bad`, and on one of model `touchy` that stands behind others. */
const withBug: typeof chargeUsage = (state, usages, rulebooks) => {
  usages.forEach(({ model }, i) => {
    if (model === 'bad' || (model === 'touchy' && i > 0)) throw new RangeError(`cannot rate ${model}`);
  });
  return chargeUsage(state, usages, rulebooks);
};

describe('charging what the rules can rate', () => {
  it('is charging where nothing throws', () => {
    const usages = [usage('u1', 1, 1), usage('u2', 1, 1, { model: 'none' })];
    expect(chargeRatable(account, usages, rules, decidedAt)).toEqual(chargeUsage(account, usages, rules, decidedAt));
  });

  it('leaves out exactly what the rules throw on, and charges the others as if it had not been there', () => {
    const models = fc.array(fc.constantFrom('one', 'one', 'none', 'bad'), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(models, (list) => {
        const usages = list.map((model, i) => usage(`u${i}`, 1, 1, { model }));
        const { event, outcomes } = chargeRatable(account, usages, rules, decidedAt, withBug);
        expect(event).toEqual(
          chargeUsage(
            account,
            usages.filter(({ model }) => model !== 'bad'),
            rules,
          ).event,
        );
        expect(outcomes.map((outcome) => (outcome.kind === 'dead' ? outcome.reason : 'charged'))).toEqual(
          list.map((model) => ({ one: 'charged', none: 'unknown_model', bad: 'unratable' })[model]),
        );
      }),
      { seed: 11, numRuns: 200 },
    );
  });

  it('finds what throws only behind others', () => {
    const usages = ['touchy', 'one', 'touchy', 'one', 'touchy'].map((model, i) =>
      usage(`u${i}`, 1, 1, { model, group: null }),
    );
    const known = [
      published({
        models: ['one', 'touchy'].map((id) => ({ id, group: 'default', price: { mode: 'request', unit: '1' } })),
      }),
    ];
    const { outcomes } = chargeRatable(account, usages, known, decidedAt, withBug);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['charged', 'charged', 'dead', 'charged', 'dead']);
    expect(outcomes[2]).toMatchObject({ reason: 'unratable', detail: 'RangeError: cannot rate touchy' });
  });
});

describe('what the rules threw', () => {
  it('is told by its name and in no more than 500 characters', () => {
    expect(unratable(new RangeError('too far'))).toMatchObject({ reason: 'unratable', detail: 'RangeError: too far' });
    expect(unratable('a text').detail).toBe('a text');
    expect(unratable('x'.repeat(501)).detail).toBe('x'.repeat(500));
  });
});
