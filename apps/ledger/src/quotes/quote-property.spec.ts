import fc from 'fast-check';
import { MAX_UNIT } from '@meterbook/messages/usage-event/usage-event';
import { LedgerApp } from '../testing/ledger-app';

const runs = 300;
/** Names that every object has, and some that a rulebook gives a meaning to. */
const names = ['toString', 'constructor', 'hasOwnProperty', 'valueOf', 'searches', 'inputTokens', 'outputTokens'];
const units = ['cacheRead', 'reasoning', 'requests', 'seconds', 'images', 'width', 'height', 'count', ...names];
const models = ['request', 'second', 'megapixel', 'image', 'unit', 'token', 'toString', 'nowhere'];

const group = (id: string) => ({ id, multiplier: '0.3333', models: ['*'] });
const rulebook = {
  platform: 'apibox',
  currency: 'CNY',
  tiers: [
    { id: 'default', rank: 1 },
    { id: 'toString', rank: 2, discount: '0.123456789' },
  ],
  groups: [group('default'), group('constructor')],
  channels: [{ id: 'relay', discount: '0.6' }],
  models: [
    ...['request', 'second', 'megapixel', 'image', 'unit'].map((mode) => ({
      id: mode,
      group: 'default',
      price: { mode, unit: '0.1', extras: { searches: '0.01', valueOf: '0.07' } },
      fieldMultipliers: [{ field: 'toString', equals: 'high', multiplier: '1.1' }],
    })),
    {
      id: 'token',
      group: 'constructor',
      price: {
        mode: 'token',
        per: 1000,
        input: '0.003',
        output: '0.015',
        inputMultiples: { cacheRead: '0.1' },
        outputMultiples: { reasoning: '2' },
        windows: [{ from: '22:00', to: '02:00', zone: 'America/New_York', multiplier: '0.5' }],
      },
    },
  ],
};

const whole = fc.oneof(fc.nat(1_000), fc.constantFrom(0, 1, MAX_UNIT));
const seconds = fc.oneof(
  whole,
  fc.constantFrom(0.5, 0.1, 1e-7, 1e9, 0.30000000000000004),
  fc.double({ min: 0, max: 1e6, noNaN: true }),
  fc.constantFrom('0.5', '12.000001', '0'),
);
const body = fc.record(
  {
    model: fc.constantFrom(...models),
    units: fc
      .uniqueArray(fc.constantFrom(...units), { maxLength: 6 })
      .chain((chosen) =>
        fc.record(Object.fromEntries(chosen.map((name) => [name, name === 'seconds' ? seconds : whole]))),
      ),
    tier: fc.constantFrom(null, 'default', 'toString', 'nowhere'),
    group: fc.constantFrom(null, 'default', 'constructor', 'nowhere'),
    channel: fc.constantFrom(null, 'relay', 'valueOf'),
    fields: fc.dictionary(fc.constantFrom(...names), fc.constantFrom('high', 'low', ''), { noNullPrototype: true }),
    at: fc.constantFrom('2998-03-08T07:30:00Z', '2026-11-01T05:30:00.123Z', '2027-02-28T23:59:59+14:00'),
  },
  { requiredKeys: ['model', 'units'], noNullPrototype: true },
);

describe('POST quotes', () => {
  it('prices whatever has the right shape, or refuses it by name', async () => {
    const ledger = await LedgerApp.start();
    try {
      await ledger.publish({ ...rulebook, effectiveFrom: '2020-01-01T00:00:00Z' });
      const seen = new Set<number>();
      await fc.assert(
        fc.asyncProperty(body, async (asked) => {
          const answer = await ledger.on('POST', '/quotes', asked);
          seen.add(answer.status);
          expect([200, 400, 404, 422]).toContain(answer.status);
          if (answer.status === 200) expect(answer.body['amount']).toMatch(/^\d+(\.\d+)?$/);
          else expect(answer.body['code']).toMatch(/^(unknown_\w+|missing_units|invalid_\w+)$/);
        }),
        { numRuns: runs, seed: 7 },
      );
      expect([...seen]).toEqual(expect.arrayContaining([200, 404, 422]));
    } finally {
      await ledger.close();
    }
  });
});
