import fc from 'fast-check';
import type { AppliedPrice, Charge } from '../account/charging/events';
import { chargeUsage } from '../account/charging/charge';
import { openAccount } from '../account/standing/open';
import { decimal, round, toText } from '../amount/decimal';
import { nowAt } from '../testing/commands';
import { evaluated } from '../testing/formula';
import { given } from '../testing/given';
import { fraction, plus, sameText, times, type Fraction } from '../testing/naive-fraction';
import { pricedRulebook } from '../testing/priced-rulebook';
import { fittingRequests, pricedModels } from '../testing/random-prices';
import type { NaiveRequest } from '../testing/naive-rater';
import type { PublishedRulebook } from '../rulebook/rulebook';
import { explain } from './explain';

/** What a stored charge comes to, from what it says of itself and nothing else. */
function recomputed({ price, factors, units }: Charge): Fraction {
  const ofUsage = factors.filter(([name]) => name === 'field' || name === 'window');
  const others = factors.filter((factor) => !ofUsage.includes(factor));
  const values = (list: typeof factors) => list.map(([, value]) => fraction(value));
  const base = times(price.mode === 'token' ? tokens(price, units) : quantity(price, units), ...values(ofUsage));
  const extras = (price.extras ?? []).map(([, count, each]) => times(fraction(count), fraction(each)));
  return times(plus(base, ...extras), ...values(others));
}

function tokens(price: AppliedPrice, units: Charge['units']): Fraction {
  const own = [...(price.inputPrices ?? []), ...(price.outputPrices ?? [])];
  const sum = plus(
    times(fraction(price.adjustedInput ?? units['inputTokens'] ?? 0), fraction(price.input ?? '')),
    times(fraction(price.adjustedOutput ?? units['outputTokens'] ?? 0), fraction(price.output ?? '')),
    ...own.map(([kind, each]) => times(fraction(units[`${kind}Tokens`] ?? 0), fraction(each))),
  );
  return times(sum, { n: 1n, d: BigInt(price.per ?? 0) });
}

const counts = { request: 'requests', second: 'seconds', megapixel: '', image: 'images', unit: 'count' };

function quantity(price: AppliedPrice, units: Charge['units']): Fraction {
  const reported = price.mode === 'token' ? undefined : units[counts[price.mode]];
  return times(fraction(price.quantity ?? reported ?? ''), fraction(price.unit ?? ''));
}

function charged(rules: PublishedRulebook, { channel, ...request }: NaiveRequest): readonly Charge[] {
  const { account } = given().when((none) => openAccount(none, nowAt(0), [rules]));
  const usage = {
    source: 's',
    id: 'u',
    occurredAt: request.at,
    model: 'm',
    apiKeyId: null,
    group: null,
    channel,
    authorizationId: null,
    units: request.units,
    fields: request.fields,
    digest: 'd',
    traceparent: null,
  };
  return chargeUsage(account, [usage], [rules]).event?.charges ?? [];
}

describe('a stored charge', () => {
  it('comes to its amount by what it says of itself, and so does its explanation read as arithmetic', () => {
    const cases = pricedModels.chain((model) =>
      fc.tuple(fc.constant(model), fc.array(fittingRequests(model), { minLength: 10, maxLength: 10 })),
    );
    let compared = 0;
    fc.assert(
      fc.property(cases, ([model, requests]) => {
        const rounding = { scale: 4, mode: 'half-even' } as const;
        const rules = { version: 1, effectiveFrom: 0, sha256: '', rulebook: pricedRulebook(model, rounding) };
        for (const request of requests) {
          for (const charge of charged(rules, request)) {
            const stored = JSON.parse(JSON.stringify(charge)) as Charge;
            const exact = stored.unrounded ?? stored.amount;
            expect([stored, sameText(recomputed(stored))]).toEqual([stored, exact]);
            expect(toText(round(decimal(exact), rounding))).toBe(stored.amount);
            const [formula = ''] = explain({ ...stored, currency: 'USD' }).split(/ = (?=[^=]+$)/);
            expect([formula, toText(evaluated(formula))]).toEqual([formula, exact]);
            compared++;
          }
        }
      }),
      { numRuns: 100 },
    );
    expect(compared).toBeGreaterThan(200);
  });
});
