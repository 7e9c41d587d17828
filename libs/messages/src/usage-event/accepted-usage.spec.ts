import * as fc from 'fast-check';
import { explain } from '@meterbook/domain/rating/explain';
import { rate } from '@meterbook/domain/rating/rate';
import { toText } from '@meterbook/domain/amount/decimal';
import {
  channelNames,
  countedUnits,
  extraNames,
  fieldNames,
  groupNames,
  inheritedNames,
  modelNames,
  rulebooks,
  tokenKinds,
} from '@meterbook/domain/testing/random-rulebooks';
import { readUsageRecord } from './read-usage-record';

const taken = fc.constantFrom<number | string | boolean | null>(0, 1, 2, 7, 1000, 1_000_000_000_000);
const strange = fc.constantFrom<number | string | boolean | null>(
  ...[0.5, 0.000001, 1e-7, -1, 1.5, 1e300, true, null],
  ...['0.5', '12', '0', '-3', '1e3', '999999999999.999999999999', ''],
);
const numbers = fc.oneof({ weight: 9, arbitrary: taken }, { weight: 1, arbitrary: strange });
const fractions = fc.option(fc.constantFrom<number | string>(0.5, 0.000001, '0.5', '999999999999.999999999999'), {
  freq: 2,
  nil: undefined,
});
const unitNames = [...countedUnits, ...extraNames, ...tokenKinds.map((kind) => `${kind}Tokens`), ...inheritedNames];

/** A few members, so that a good share of what is made is taken by the checks. */
const few = { maxKeys: 3 };
const some = (names: readonly string[]) => fc.option(fc.constantFrom(...names), { nil: null });
const event = fc.record({
  specversion: fc.constant('1.0'),
  type: fc.constant('usage.recorded'),
  source: fc.constantFrom('gateway', '"', '__proto__'),
  id: fc.constantFrom('u1', 'toString', '漢'),
  time: fc.constantFrom('2026-11-21T10:00:00Z', '0000-01-01T00:00:00Z', '9999-12-31T23:59:59.999Z'),
  platform: fc.constant('harbour'),
  subject: fc.constant('a'),
  data: fc.record({
    model: fc.constantFrom(...modelNames, 'gpt-4o', 'nothing'),
    group: some([...groupNames, 'valueOf']),
    channel: some([...channelNames, 'valueOf']),
    units: fc
      .tuple(fc.dictionary(fc.constantFrom(...unitNames), numbers, { maxKeys: 2 }), fractions)
      .map(([units, seconds]) => (seconds === undefined ? units : { ...units, seconds })),
    fields: fc.dictionary(fc.constantFrom(...fieldNames), fc.constantFrom('priority', 'high', ''), few),
  }),
});

describe('usage that is taken', () => {
  it('is rated or refused by name under every rulebook, and never a failure', () => {
    const outcomes = { rated: 0, refused: 0, malformed: 0 };
    fc.assert(
      fc.property(event, rulebooks, (sent, rulebook) => {
        const record = readUsageRecord(JSON.stringify(sent));
        if (record.kind === 'malformed') {
          outcomes.malformed++;
          return;
        }
        const { model, group, channel, units, fields, occurredAt: at } = record.usage;
        const request = { model, group, channel, units, fields, at };
        const rated = rate(rulebook, request, { tier: 'constructor', customMultiplier: null });
        outcomes[rated.kind]++;
        if (rated.kind === 'refused') return;
        const { price, factors, tier } = rated;
        const [unrounded, amount] = [toText(rated.unrounded), toText(rated.amount)];
        const told = { price, factors, unrounded, amount, currency: 'USD', units, tier, group: rated.group, channel };
        expect(explain(told)).toContain(` ${amount} USD`);
        expect(amount).not.toMatch(/^-/);
      }),
      { numRuns: 2500 },
    );
    // Each kind has to have been met, or the property says nothing.
    for (const count of Object.values(outcomes)) expect(count).toBeGreaterThan(20);
  });

  it('may count seconds in fractions, as a number or as a text', () => {
    const sent = (seconds: number | string) =>
      readUsageRecord(
        JSON.stringify({
          specversion: '1.0',
          type: 'usage.recorded',
          source: 'gateway',
          id: 'u1',
          time: '2026-11-21T10:00:00Z',
          platform: 'harbour',
          subject: 'a',
          data: { model: 'one', units: { seconds } },
        }),
      );
    for (const seconds of [0.5, '0.5'])
      expect(sent(seconds)).toMatchObject({ kind: 'usage', usage: { units: { seconds } } });
  });
});
