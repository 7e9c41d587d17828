import type { Decimal } from '@meterbook/domain/amount/decimal';
import { comparisonOf, type Choices } from '../choices';
import { exactNumber } from '../exact-number';
import { LeftOut, type Changes } from '../findings';
import type { ImportedPrice, ImportedRow, Rates } from '../imported-model';
import { itemsOf, membersOf, textOf } from '../json-value';
import { scaledByLength, scaledByTheirSide } from '../scale-rates';

/** Prices of models.dev, and the kind of tokens each is for here. */
const kinds: ReadonlyMap<string, string> = new Map([
  ['reasoning', 'reasoning'],
  ['cache_read', 'cacheRead'],
  ['cache_write', 'cacheWrite5m'],
  ['input_audio', 'inputAudio'],
  ['output_audio', 'outputAudio'],
]);
const known: ReadonlySet<string> = new Set(['input', 'output', ...kinds.keys(), 'tiers', 'tier', 'context_over_200k']);

/** The threshold of the older form of a row for long prompts, in tokens. */
const OVER_200K_TOKENS = 200_000;

/** The price of a model of models.dev, with a row for each length of prompt and each mode that costs something else. */
export function costPrice(
  entry: ReadonlyMap<string, unknown>,
  provider: string,
  choices: Choices,
  changes: Changes,
): ImportedPrice {
  const cost = membersOf(entry.get('cost'));
  if (cost === undefined) throw new LeftOut('no_price', 'it has no cost');
  const base = ratesOf(cost, 'cost', changes);
  const lengths = lengthRows(cost, provider, choices, changes);
  const modes = modeRows(entry, choices, changes);
  const rows = choices.tierGaps === 'scale' ? scaled(lengths, modes, base, changes) : [...lengths, ...modes];
  return { mode: 'token', base, rows, windows: [] };
}

/** Modes price what they leave out as they price the rest, and long prompts as many times more as they cost without a mode. */
function scaled(
  lengths: readonly ImportedRow[],
  modes: readonly ImportedRow[],
  base: Rates,
  changes: Changes,
): readonly ImportedRow[] {
  const whole = modes.map((row) => ({ ...row, rates: scaledByTheirSide(row.rates, base, told(row), changes) }));
  const long = whole.flatMap((mode) =>
    lengths.map((length) => ({
      ...mode,
      prompt: length.prompt,
      rates: scaledByLength(mode.rates, length.rates, base, `${told(mode)}, long prompts`, changes),
    })),
  );
  return [...lengths, ...whole, ...long];
}

function told({ when }: ImportedRow): string {
  return [...when].map(([field, value]) => `${field} ${value}`).join(', ');
}

function ratesOf(cost: ReadonlyMap<string, unknown>, name: string, changes: Changes): Rates {
  const rateOf = (key: string): Decimal | undefined => {
    const value = cost.get(key);
    return value === undefined || value === null ? undefined : exactNumber(value, `${name}.${key}`);
  };
  const named = [...kinds].flatMap(([key, kind]) => {
    const rate = rateOf(key);
    return rate === undefined ? [] : [[kind, rate] as const];
  });
  for (const [key, value] of cost) {
    if (!known.has(key) && typeof value === 'number' && value !== 0) changes('unknown', `${name}.${key}`);
  }
  return { input: rateOf('input'), output: rateOf('output'), kinds: new Map(named), extras: new Map() };
}

/** Rows for long prompts. `context_over_200k` says the same in an older form, of any threshold from 200,000 on. */
function lengthRows(
  cost: ReadonlyMap<string, unknown>,
  provider: string,
  choices: Choices,
  changes: Changes,
): readonly ImportedRow[] {
  const comparison = comparisonOf(provider, choices);
  const tiers = itemsOf(cost.get('tiers')).flatMap((tier): ImportedRow[] => {
    const members = membersOf(tier);
    const { type = 'context', size } = Object.fromEntries(membersOf(members?.get('tier')) ?? []);
    if (
      members === undefined ||
      type !== 'context' ||
      typeof size !== 'number' ||
      !Number.isSafeInteger(size) ||
      size < 0
    ) {
      changes('left_out', 'a row of cost.tiers that is not by the length of the prompt');
      return [];
    }
    const rates = ratesOf(members, `cost.tiers ${size}`, changes);
    return [{ when: new Map(), prompt: { comparison, tokens: size }, rates }];
  });
  const older = membersOf(cost.get('context_over_200k'));
  if (tiers.length > 0 || older === undefined) return tiers;
  const rates = ratesOf(older, 'cost.context_over_200k', changes);
  return [{ when: new Map(), prompt: { comparison, tokens: OVER_200K_TOKENS }, rates }];
}

/** Rows for modes, such as a fast one: they hold for usage with the fields that the mode sets in a request. */
function modeRows(entry: ReadonlyMap<string, unknown>, choices: Choices, changes: Changes): readonly ImportedRow[] {
  const modes = membersOf(membersOf(entry.get('experimental'))?.get('modes'));
  return [...(modes ?? [])].flatMap(([mode, told]): ImportedRow[] => {
    const cost = membersOf(membersOf(told)?.get('cost'));
    if (cost === undefined) return [];
    const when = fieldsOf(mode, membersOf(membersOf(membersOf(told)?.get('provider'))?.get('body')), choices);
    return [{ when, prompt: null, rates: ratesOf(cost, `mode ${mode}`, changes) }];
  });
}

function fieldsOf(
  mode: string,
  body: ReadonlyMap<string, unknown> | undefined,
  { fields }: Choices,
): ReadonlyMap<string, string> {
  const names: ReadonlyMap<string, string> = new Map([
    ['service_tier', fields.tier],
    ['speed', fields.speed],
  ]);
  const set = [...names].flatMap(([key, field]) => {
    const value = textOf(body?.get(key));
    return value === null ? [] : [[field, value] as const];
  });
  return new Map(set.length > 0 ? set : [[fields.speed, mode]]);
}
