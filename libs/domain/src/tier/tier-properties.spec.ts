import * as fc from 'fast-check';
import type { TierEvent } from './events';
import { pin, promote } from './promote';
import type { PinFact } from './promote';
import type { RechargeFact, TierState } from './tier';
import { evolveTier, foldRecharge, newTierState } from './tier';
import { viewTier } from './view-tier';
import { add, fromInteger, max, zero } from '../amount/decimal';
import { at } from '../testing/commands';
import { published } from '../testing/rulebooks';

const tiers = [1, 2, 3, 4].map((rank) => ({ id: `t${rank}`, rank }));
const promotion = [
  { tier: 't3', anyOf: [{ singleRechargeAtLeast: '50' }, { cumulativeRechargeAtLeast: '100' }] },
  { tier: 't2', anyOf: [{ anyRecharge: true, cumulativeRechargeAtLeast: '20' }] },
  { tier: 't4', anyOf: [{ singleRechargeAtLeast: '60', cumulativeRechargeAtLeast: '150' }] },
];
const version = published({ tiers, promotion });

type Fact = { readonly recharge: RechargeFact } | { readonly pin: PinFact };

/** What an account's stream tells the tier service: recharges that add up, and pins between them. */
const facts: fc.Arbitrary<readonly Fact[]> = fc
  .array(fc.oneof(fc.integer({ min: 1, max: 80 }), fc.constantFrom('t1', 't2', 't4', null)), {
    minLength: 1,
    maxLength: 20,
  })
  .map((story) => {
    let totals = newTierState.recharges;
    return story.map((told, revision): Fact => {
      if (typeof told !== 'number')
        return { pin: { tier: told, settingsRevision: revision, occurredAt: at(revision) } };
      const amount = fromInteger(told);
      const { count, largest, cumulative } = totals;
      totals = { count: count + 1, largest: max(largest, amount), cumulative: add(cumulative, amount) };
      return { recharge: { rechargeId: `r${revision}`, revision, occurredAt: at(revision), amount, totals } };
    });
  });

/** The tier service on a sequence of facts, with whatever it wrote. */
function hear(told: readonly Fact[], start?: TierState, look: (state: TierState) => void = () => undefined) {
  let state = start ?? newTierState;
  const events: TierEvent[] = [];
  for (const fact of told) {
    const event = 'pin' in fact ? pin(state, fact.pin) : promote(state, fact.recharge, [version]);
    if (event !== null) {
      events.push(event);
      state = evolveTier(state, event, state.revision + 1);
    }
    if ('recharge' in fact) state = foldRecharge(state, fact.recharge);
    look(state);
  }
  return { state, events };
}

describe('every tier, whatever is told of its account', () => {
  it('counts what is told again once, however late and often', () => {
    fc.assert(
      fc.property(facts, fc.array(fc.nat({ max: 19 }), { maxLength: 10 }), (told, repeats) => {
        const again = told.flatMap((fact, index) => [
          fact,
          ...repeats.filter((repeat) => repeat <= index).flatMap((repeat) => told.slice(repeat, repeat + 1)),
        ]);
        expect(hear(again)).toEqual(hear(told));
      }),
    );
  });

  it('is rebuilt from its stream and the facts that are heard again', () => {
    fc.assert(
      fc.property(facts, fc.nat({ max: 19 }), (told, crash) => {
        const before = hear(told.slice(0, crash));
        const rebuilt = before.events.reduce<TierState | undefined>(
          (state, event, revision) => evolveTier(state, event, revision),
          undefined,
        );
        const after = hear(told, rebuilt);
        const whole = hear(told);
        expect([...before.events, ...after.events]).toEqual(whole.events);
        expect(after.state).toEqual(whole.state);
      }),
    );
  });

  it('keeps what was ever earned, so that it only rises, and shows the sum of its recharges', () => {
    fc.assert(
      fc.property(facts, (told) => {
        let earned: readonly string[] = [];
        let rank = 0;
        const { state } = hear(told, undefined, (now) => {
          expect(now.earned).toEqual(expect.arrayContaining([...earned]));
          earned = now.earned;
          const { tier } = viewTier({ ...now, pinned: null }, version.rulebook);
          const found = tiers.findIndex(({ id }) => id === tier);
          expect(found).toBeGreaterThanOrEqual(rank);
          rank = found;
        });
        const total = told.reduce((sum, fact) => ('recharge' in fact ? add(sum, fact.recharge.amount) : sum), zero);
        expect(viewTier(state, version.rulebook).cumulativeRecharge).toBe(total.coefficient.toString());
      }),
    );
  });

  it('is, under any version, the highest of all that was earned that it knows: as naively as can be', () => {
    const names = ['a', 'b', 'c', 'd'];
    const rules = fc.record({
      tiers: fc.shuffledSubarray(names, { minLength: 1 }),
      thresholds: fc.array(fc.integer({ min: 1, max: 120 }), { minLength: 4, maxLength: 4 }),
    });
    const recharge = fc.record({ amount: fc.integer({ min: 1, max: 80 }), under: fc.nat(2) });
    fc.assert(
      fc.property(
        fc.array(rules, { minLength: 3, maxLength: 3 }),
        fc.array(recharge, { minLength: 1, maxLength: 12 }),
        (versions, recharges) => {
          const published3 = versions.map(({ tiers: ids, thresholds }, i) =>
            published(
              {
                tiers: ids.map((id, rank) => ({ id, rank: rank + 1 })),
                promotion: ids.map((tier, n) => ({
                  tier,
                  anyOf: [{ cumulativeRechargeAtLeast: String(thresholds[n] ?? 1) }],
                })),
              },
              i + 1,
            ),
          );
          const earned = new Set<string>();
          let state: TierState | undefined;
          let totals = newTierState.recharges;
          for (const [revision, { amount, under }] of recharges.entries()) {
            const { count, largest, cumulative } = totals;
            const added = fromInteger(amount);
            totals = { count: count + 1, largest: max(largest, added), cumulative: add(cumulative, added) };
            const fact = { rechargeId: `r${revision}`, revision, occurredAt: at(revision), amount: added, totals };
            const version = published3[under];
            const told = versions[under];
            if (!version || !told) throw new Error('no such version');
            const event = promote(state, fact, [version]);
            if (event) state = evolveTier(state, event, (state?.revision ?? -1) + 1);
            state = foldRecharge(state, fact);
            const before = earned.size;
            for (const [n, tier] of told.tiers.entries())
              if (Number(totals.cumulative.coefficient) >= (told.thresholds[n] ?? 1)) earned.add(tier);
            expect(event !== null).toBe(earned.size > before);
            for (const [i, { tiers: ids }] of versions.entries()) {
              const known = published3[i];
              if (!known) throw new Error('no such version');
              expect(viewTier(state, known.rulebook).tier).toBe(ids.filter((id) => earned.has(id)).at(-1) ?? ids[0]);
            }
          }
        },
      ),
    );
  });
});
