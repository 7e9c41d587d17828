import * as fc from 'fast-check';
import { readRulebook } from '../rulebook/read-rulebook';
import type { Rulebook } from '../rulebook/rulebook';
import { outputKinds, specialInputKinds } from '../rulebook/token-kinds';

/** Names that every object inherits something under. */
export const inheritedNames: readonly string[] = ['toString', 'constructor', 'valueOf', 'hasOwnProperty', '__proto__'];
/** Units that prices count, whatever the rulebook. */
export const countedUnits: readonly string[] = ['requests', 'seconds', 'width', 'height', 'images', 'count'];
export const tokenKinds: readonly string[] = ['input', 'output', ...specialInputKinds, ...outputKinds, 'constructor'];
/** Kinds of tokens that only a price knows; an extra of the same price has another name. */
const ownInputKind = 'constructor';
const ownOutputKind = 'valueOf';
export const extraNames: readonly string[] = [
  'webSearchCalls',
  'minutes',
  ...inheritedNames.slice(0, -1).filter((name) => name !== ownInputKind && name !== ownOutputKind),
];
export const groupNames: readonly string[] = ['default', 'vip', 'constructor'];
export const channelNames: readonly string[] = ['official', 'relay', 'toString'];
export const modelNames: readonly string[] = ['one', 'two', 'gpt-4', 'constructor', '__proto__'];
export const fieldNames: readonly string[] = ['priority', 'quality', ...inheritedNames];

const decimals = fc.constantFrom('0', '1', '0.5', '0.3333333', '999999999999999999', '0.000000000001', '7.3');
const dictionaryOf = (names: readonly string[], members: fc.Arbitrary<string>) =>
  fc.dictionary(fc.constantFrom(...names), members, { maxKeys: 4 });
const times = fc.constantFrom('00:00', '00:30', '08:30', '23:59');

const parts = {
  windows: fc.array(
    fc.record({
      from: times,
      to: times,
      zone: fc.constantFrom('UTC', 'Asia/Shanghai', 'America/New_York'),
      multiplier: decimals,
      days: fc.constantFrom(['mon', 'sun'], ['wed']),
    }),
    { maxLength: 2 },
  ),
  extras: dictionaryOf(extraNames, decimals),
};

const when = dictionaryOf(fieldNames, fc.constantFrom('priority', 'high'));

const tokenPrice = fc.record({
  mode: fc.constant('token'),
  per: fc.constantFrom(1, 1000, 1_000_000),
  input: decimals,
  output: decimals,
  tokenCounts: fc.constantFrom('inclusive', 'exclusive'),
  inputMultiples: dictionaryOf([...specialInputKinds, ownInputKind], decimals),
  outputMultiples: dictionaryOf([...outputKinds, ownOutputKind], decimals),
  bands: fc.array(
    fc.record({
      when,
      promptTokensOver: fc.integer({ min: 0, max: 2000 }),
      input: decimals,
      output: decimals,
      inputPrices: dictionaryOf([...specialInputKinds, ownInputKind], decimals),
      extras: parts.extras,
    }),
    { maxLength: 3 },
  ),
  ...parts,
});
const unitPrice = fc.record({
  mode: fc.constantFrom('request', 'second', 'megapixel', 'image', 'unit'),
  unit: decimals,
  bands: fc.array(fc.record({ when, promptTokensOver: fc.nat(2000), unit: decimals, extras: parts.extras }), {
    maxLength: 3,
  }),
  ...parts,
});
const price = fc.oneof(tokenPrice, unitPrice);

const content = fc.record({
  platform: fc.constant('harbour'),
  currency: fc.constant('USD'),
  rounding: fc.record({
    scale: fc.integer({ min: 0, max: 9 }),
    mode: fc.constantFrom('half-up', 'half-even', 'up', 'down'),
  }),
  tiers: fc.constant([
    { id: 'default', rank: 1 },
    { id: 'vip', rank: 2, discount: '0.9' },
  ]),
  groups: fc.constant(groupNames.map((id) => ({ id }))),
  channels: fc.constant(channelNames.map((id) => ({ id, discount: '0.6' }))),
  models: fc.uniqueArray(
    fc.record({
      id: fc.constantFrom(...modelNames, 'gpt-*', '*'),
      group: fc.constantFrom(...groupNames),
      price,
      channelPrices: fc.dictionary(fc.constantFrom(...channelNames), price, { maxKeys: 2 }),
      fieldMultipliers: fc.array(
        fc.record({
          field: fc.constantFrom(...fieldNames),
          equals: fc.constantFrom('priority', 'high'),
          multiplier: decimals,
        }),
        { maxLength: 4 },
      ),
    }),
    { minLength: 1, maxLength: 4, selector: ({ id }) => id },
  ),
});

/** Rulebooks that can be published, with names that trip over what objects inherit. */
export const rulebooks: fc.Arbitrary<Rulebook> = content.map((each) => {
  const read = readRulebook(each);
  if (read.kind === 'invalid') throw new Error(JSON.stringify(read.faults));
  return read.rulebook;
});
