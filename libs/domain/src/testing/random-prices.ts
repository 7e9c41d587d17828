import * as fc from 'fast-check';
import { outputKinds, specialInputKinds, unitOf } from '../rulebook/token-kinds';
import type { NaiveModel, NaivePrice, NaiveRequest } from './naive-rater';

/** Few names and few values, so that conditions meet the usage that they ask for. */
const fieldValues = { service_tier: ['priority', 'flex', 'batch'], size: ['l', 'xl'], region: ['us', 'eu'] } as const;
const extraNames = ['webSearchCalls', 'pages'];
export const channels = { relay: '0.6', direct: '1.1' } as const;
const inputKinds = [...specialInputKinds, 'scribbles'];
const outKinds = [...outputKinds, 'thumbnails'];
const lengths = [0, 1, 100, 999, 1000, 1001, 200_000];
const zones = ['UTC', 'Asia/Shanghai', 'America/New_York', 'Pacific/Auckland', 'Asia/Kathmandu'];
const times = ['00:00', '00:30', '08:30', '12:00', '23:59'];

const decimals = fc.oneof(
  fc.constantFrom('0', '1', '0.1', '1.3', '0.27', '0.000000000001', '999999999999999999'),
  fc
    .nat(9_999_999)
    .map((n) => String(n / 10_000))
    .filter((text) => !text.includes('e')),
);
const some = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const pricesOf = (names: readonly string[]) => some(fc.dictionary(fc.constantFrom(...names), decimals, { maxKeys: 4 }));
const extras = some(fc.dictionary(fc.constantFrom(...extraNames), decimals, { maxKeys: 2 }));

const fields: fc.Arbitrary<Readonly<Record<string, string>>> = fc
  .record(
    {
      service_tier: fc.constantFrom(...fieldValues.service_tier),
      size: fc.constantFrom(...fieldValues.size),
      region: fc.constantFrom(...fieldValues.region),
    },
    { requiredKeys: [] },
  )
  .map((each) => each as Readonly<Record<string, string>>);

const threshold = fc.constantFrom(...lengths);
const conditions = fc
  .record(
    {
      when: fields,
      prompt: fc.tuple(fc.constantFrom('promptTokensOver', 'promptTokensAtLeast'), threshold),
      output: fc.tuple(fc.constantFrom('outputTokensOver', 'outputTokensAtLeast'), threshold),
    },
    { requiredKeys: [] },
  )
  .map(({ when, prompt, output }) => ({
    ...(when === undefined ? {} : { when }),
    ...Object.fromEntries([prompt, output].filter((each) => each !== undefined)),
  }))
  .map((each) =>
    Object.keys(each).some((key) => key !== 'when') || Object.keys(each.when ?? {}).length > 0
      ? each
      : { ...each, promptTokensOver: 0 },
  );

/** In one place a kind has either a price or a multiple. */
const kinds = fc
  .record({
    inputPrices: pricesOf(inputKinds),
    outputPrices: pricesOf(outKinds),
    inputMultiples: pricesOf(inputKinds),
    outputMultiples: pricesOf(outKinds),
  })
  .map(({ inputPrices, outputPrices, inputMultiples, outputMultiples }) => ({
    inputPrices,
    outputPrices,
    inputMultiples: without(inputMultiples, inputPrices),
    outputMultiples: without(outputMultiples, outputPrices),
  }));

function without(names: Readonly<Record<string, string>> | undefined, taken: object | undefined) {
  return names && Object.fromEntries(Object.entries(names).filter(([name]) => !Object.hasOwn(taken ?? {}, name)));
}

const windows = some(
  fc.array(
    fc.record({
      from: fc.constantFrom(...times),
      to: fc.constantFrom(...times, '24:00'),
      zone: fc.constantFrom(...zones),
      multiplier: decimals,
      days: some(fc.uniqueArray(fc.constantFrom('mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'), { minLength: 1 })),
    }),
    { maxLength: 2 },
  ),
);

const tokenPrice = fc
  .tuple(
    fc.record({
      per: fc.constantFrom(1, 1000, 1_000_000),
      input: decimals,
      output: some(decimals),
      tokenCounts: some(fc.constantFrom('inclusive', 'exclusive')),
      windows,
      extras,
      bands: some(
        fc.array(
          fc
            .tuple(conditions, kinds, fc.record({ input: some(decimals), output: some(decimals), extras }))
            .map((parts) => ({ ...parts[0], ...parts[1], ...parts[2] })),
          { maxLength: 5 },
        ),
      ),
    }),
    kinds,
  )
  .map(([rest, ofKinds]) => ({ mode: 'token', ...rest, ...ofKinds }));

const unitPrice = fc.record({
  mode: fc.constantFrom('request', 'second', 'megapixel', 'image', 'unit'),
  unit: decimals,
  windows,
  extras,
  bands: some(
    fc.array(
      fc.tuple(conditions, fc.record({ unit: some(decimals), extras })).map((parts) => ({ ...parts[0], ...parts[1] })),
      { maxLength: 5 },
    ),
  ),
});

const price: fc.Arbitrary<NaivePrice> = fc
  .oneof({ weight: 3, arbitrary: tokenPrice }, unitPrice)
  .map((each) => plain(each) as NaivePrice);
const byChannel = some(fc.dictionary(fc.constantFrom(...Object.keys(channels)), price, { maxKeys: 1 }));

/** Absent is what a published rulebook lacks; a member that is undefined is no JSON. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

/** Models with every key of a price, as a rulebook's content has them. */
export const pricedModels: fc.Arbitrary<NaiveModel> = fc
  .record({
    price,
    channelPrices: byChannel,
    cost: some(price),
    channelCosts: byChannel,
    fieldMultipliers: some(
      fc.array(
        fc.record({
          field: fc.constantFrom('service_tier', 'region'),
          equals: fc.constantFrom('priority', 'us'),
          multiplier: decimals,
        }),
        { maxLength: 2 },
      ),
    ),
  })
  .map((each) => plain(each) as NaiveModel);

const counts = fc.oneof(fc.constantFrom(...lengths), fc.nat(5000));
const measures = fc.oneof(fc.nat(100), fc.constantFrom('2.5', '0.000000000001', '0'));
const tokenUnits = fc.dictionary(
  fc.constantFrom(
    'inputTokens',
    'outputTokens',
    'inputTokens',
    'outputTokens',
    ...[...inputKinds, ...outKinds].map(unitOf),
  ),
  counts,
  { maxKeys: 6 },
);
const otherUnits = fc.record(
  {
    requests: fc.nat(5),
    seconds: measures,
    width: fc.nat(4000),
    height: fc.nat(4000),
    images: fc.nat(9),
    count: measures,
  },
  { requiredKeys: [] },
);
const usedExtras = fc.dictionary(fc.constantFrom(...extraNames), measures, { maxKeys: 2 });
/** Two weeks, so that every weekday comes by, over a change of the clocks in New York. */
const instants = fc.integer({ min: Date.parse('2026-03-01T00:00:00Z'), max: Date.parse('2026-03-15T00:00:00Z') });

/** Requests of which most can be priced: units that a price does not count would all be refused alike. */
export const requests: fc.Arbitrary<NaiveRequest> = fc.record({
  units: fc.oneof(
    tokenUnits,
    otherUnits,
    fc.tuple(tokenUnits, usedExtras).map(([a, b]) => ({ ...a, ...b })),
  ),
  fields,
  channel: fc.constantFrom(null, null, 'relay', 'direct'),
  at: instants,
});

/** The same with units that the model's modes count, and what they need. */
export function fittingRequests({
  price: own,
  cost,
  channelPrices,
  channelCosts,
}: NaiveModel): fc.Arbitrary<NaiveRequest> {
  const prices = [own, cost, ...Object.values(channelPrices ?? {}), ...Object.values(channelCosts ?? {})];
  const modes = new Set(prices.flatMap((each) => each?.mode ?? []));
  const needed: Readonly<Record<string, readonly string[]>> = {
    second: ['seconds'],
    megapixel: ['width', 'height'],
    image: ['images'],
    unit: ['count'],
  };
  const names = [...modes].flatMap((mode) => needed[mode] ?? []);
  return fc
    .record({
      units: fc.tuple(
        modes.has('token') ? tokenUnits : fc.constant({}),
        fc.record(
          Object.fromEntries(
            names.map((name) => [name, name === 'seconds' || name === 'count' ? measures : fc.nat(4000)]),
          ),
        ),
        fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, usedExtras),
      ),
      rest: requests,
    })
    .map(({ units: [tokens, others, more], rest }) => ({ ...rest, units: { ...tokens, ...others, ...more } }));
}
