import {
  MAX_BYTES_BESIDE_LOTS,
  MAX_BYTES_PER_LOT,
  MAX_CHARGE_BYTES,
} from '@meterbook/domain/account/charging/charge-size';
import { chargeUsage } from '@meterbook/domain/account/charging/charge';
import { evolve } from '@meterbook/domain/account/evolve';
import type { Account } from '@meterbook/domain/account/account';
import { MAX_LOTS_PER_DRAW } from '@meterbook/domain/account/wallet/lots';
import { receiveRecharge } from '@meterbook/domain/account/wallet/recharge';
import { compare, decimal, multiply, toText } from '@meterbook/domain/amount/decimal';
import {
  MAX_EXTRAS,
  MAX_FIELD_MULTIPLIERS,
  MAX_CONDITION_FIELDS,
  MAX_KIND_PRICES,
} from '@meterbook/domain/rulebook/limits';
import { MAX_LABELS, MAX_LABEL_VALUE_BYTES } from '@meterbook/domain/usage/labels';
import { given } from '@meterbook/domain/testing/given';
import { aRecharge } from '@meterbook/domain/testing/commands';
import { published } from '@meterbook/domain/testing/rulebooks';
import { readUsageRecord } from './read-usage-record';
import {
  MAX_FIELD_NAME_BYTES,
  MAX_FIELD_VALUE_BYTES,
  MAX_FIELDS,
  MAX_NAME_BYTES,
  MAX_UNIT,
  MAX_UNITS,
} from './usage-event';

const digits = '999999999999999999.999999999999';
const fraction = '0.999999999999';
/** The longest payment at the highest rate, with the fraction of the finest grant: what a reversal can put into one lot. */
const longestLot = `${'9'.repeat(36)}.${'9'.repeat(12)}`;
const numbered = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));

const bytesOf = (content: unknown): number => Buffer.byteLength(JSON.stringify(content));

/** A text of as many bytes that tells itself apart by a number. */
const text = (bytes: number, character: string, index = 0): string => {
  const number = String(index).padStart(3, '0');
  return number + character.repeat(Math.floor((bytes - 3) / Buffer.byteLength(character)));
};
const unitName = (index: number, tail = '') => `u${index}`.padEnd(128, 'x') + tail;

const characters = ['"', '\\', '漢', 'x'];
/** As many labels as may be, each as long as may be. */
const labels = (character: string, first: string) =>
  Object.fromEntries(
    numbered(MAX_LABELS, (i) => [`${first}${i}`.padEnd(32, '_'), text(MAX_LABEL_VALUE_BYTES, character)]),
  );

/** The account with the longest amounts there are in its lots, and more of these than a draw takes. */
function withLongLots(): Account {
  const occurredAt = '2026-01-01T00:00:00.000Z';
  let account = evolve(undefined, { type: 'AccountOpened', occurredAt, currency: 'USD' }, 0);
  for (let lot = 0; lot <= MAX_LOTS_PER_DRAW; lot++) {
    account = evolve(
      account,
      {
        type: 'CreditGranted',
        occurredAt,
        rulebook: 1,
        grantId: `g${lot}`,
        currency: 'USD',
        amount: longestLot,
        reason: 'long',
        expiresAt: null,
        starter: false,
        lot,
        settled: '0',
        wallet: toText(multiply(decimal(longestLot), decimal(`${lot + 1}`))),
        receivable: '0',
        digest: null,
      },
      lot + 1,
    );
  }
  for (const [i, character] of characters.entries()) {
    const keyId = text(MAX_NAME_BYTES, character);
    const key = { keyId, name: 'k', group: null, labels: labels(character, 'k'), secretHash: 'h', digest: 'd' };
    account = evolve(account, { type: 'ApiKeyIssued', occurredAt, ...key }, MAX_LOTS_PER_DRAW + 2 + i);
  }
  return account;
}

/** Every text and list as large as ingest takes it, priced by a model whose every part is as large as a rulebook takes it. */
function largest(character: string, mode: 'token' | 'unit', multiplier: string) {
  const value = text(Math.min(MAX_FIELD_VALUE_BYTES, 256 * Buffer.byteLength(character)), character);
  const fields = numbered(MAX_FIELDS, (i) => text(MAX_FIELD_NAME_BYTES, character, i));
  const multipliers = numbered(MAX_FIELD_MULTIPLIERS, (i) => ({
    field: fields[i % MAX_FIELDS],
    equals: value.slice(0, 256),
    multiplier,
  }));
  const kinds = numbered(Math.min(MAX_KIND_PRICES, MAX_UNITS), (i) => unitName(i));
  const extras = numbered(MAX_EXTRAS, (i) => unitName(i));
  const price =
    mode === 'token'
      ? {
          mode,
          per: 1_000_000,
          input: digits,
          output: digits,
          inputMultiples: Object.fromEntries(kinds.map((kind) => [kind, digits])),
        }
      : {
          mode,
          unit: digits,
          extras: Object.fromEntries(extras.slice(0, MAX_UNITS - 1).map((name) => [name, digits])),
        };
  const units =
    mode === 'token'
      ? kinds.map((kind) => [`${kind}Tokens`, MAX_UNIT] as const)
      : [['count', MAX_UNIT] as const, ...extras.slice(0, MAX_UNITS - 1).map((name) => [name, MAX_UNIT] as const)];
  const name = text(MAX_NAME_BYTES, character);
  const rulebook = published({
    tiers: [{ id: 'x'.repeat(128), rank: 1, discount: digits }],
    groups: [{ id: 'g'.repeat(128), multiplier: digits }],
    channels: [{ id: 'c'.repeat(128), discount: digits }],
    models: [
      {
        id: '*',
        group: 'g'.repeat(128),
        price: {
          ...price,
          bands: [
            {
              when: Object.fromEntries(
                fields.slice(0, MAX_CONDITION_FIELDS).map((field) => [field, value.slice(0, 256)]),
              ),
            },
          ],
          windows: [{ from: '00:00', to: '00:00', zone: 'America/Argentina/ComodRivadavia', multiplier: digits }],
        },
        fieldMultipliers: multipliers,
      },
    ],
  });
  const record = readUsageRecord(
    JSON.stringify({
      specversion: '1.0',
      type: 'usage.recorded',
      source: name,
      id: name,
      time: '2026-11-21T10:00:00Z',
      platform: 'harbour',
      subject: 'a',
      traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
      data: {
        model: name,
        channel: 'c'.repeat(128),
        authorizationId: name,
        upstreamCost: fraction,
        units: Object.fromEntries(units),
        fields: Object.fromEntries(fields.map((field) => [field, value.slice(0, 256)])),
        apiKeyId: name,
        labels: labels(character, 'u'),
      },
    }),
  );
  if (record.kind === 'malformed') throw new Error(record.detail);
  return { usage: record.usage, rulebook };
}

describe('the largest charge', () => {
  const account = withLongLots();
  const cases = characters.flatMap((character) =>
    (['token', 'unit'] as const).flatMap((mode) =>
      [digits, fraction].map((multiplier) => [character, mode, multiplier] as const),
    ),
  );

  it.each(cases)('of texts of %s in the mode %s with factors of %s is known', (character, mode, multiplier) => {
    const { usage, rulebook } = largest(character, mode, multiplier);
    const { event, outcomes } = chargeUsage(account, [usage], [rulebook]);
    expect(outcomes).toMatchObject([{ kind: 'charged' }]);
    const bytes = bytesOf(event);
    expect(bytes).toBeLessThan(MAX_CHARGE_BYTES);
    expect(bytes - bytesOf(event?.charges[0]?.lots)).toBeLessThan(MAX_BYTES_BESIDE_LOTS);
    // It is a bound that says something: no charge is very much smaller than it.
    expect(bytes).toBeGreaterThan(MAX_CHARGE_BYTES / 8);
  });

  it('takes from a bounded number of lots, each as long as can be, and owes the rest', () => {
    const { usage, rulebook } = largest('x', 'unit', digits);
    const [charge] = chargeUsage(account, [usage], [rulebook]).event?.charges ?? [];
    expect(charge?.lots).toHaveLength(MAX_LOTS_PER_DRAW);
    expect(charge?.owed).toBeDefined();
    const farthest = numbered(MAX_LOTS_PER_DRAW, () => [Number.MAX_SAFE_INTEGER, charge?.lots?.[0]?.[1]]);
    expect(charge?.lots?.[0]?.[1]).toBe(longestLot);
    expect(bytesOf(farthest)).toBeLessThan(MAX_LOTS_PER_DRAW * MAX_BYTES_PER_LOT);
  });

  it('finds no lot with a longer amount than that: a payment that is converted comes to no more', () => {
    for (const pair of ['EUR/USD', 'USD/EUR']) {
      for (const rate of [digits, '0.000000000001']) {
        const rules = [published({ fx: [{ pair, rate }], rounding: { scale: 9, mode: 'up' } })];
        const { wallet } = given().when((none) =>
          receiveRecharge(none, aRecharge('r', digits, 0, 'EUR'), rules),
        ).account;
        expect(compare(wallet, decimal(longestLot))).toBeLessThan(0);
      }
    }
  });
});
