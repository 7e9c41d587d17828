import { compare, decimal, multiply, one, toText, type Decimal } from '@meterbook/domain/amount/decimal';
import type { Choices } from '../choices';
import { exactNumber, quotient } from '../exact-number';
import { LeftOut, type Changes, type Findings } from '../findings';
import type { ImportedModel, ImportedPrice, Rates } from '../imported-model';
import type { PriceList } from '../price-list';
import { UnusableList } from '../rulebook-content';
import { builtInRatio } from './built-in-ratios';
import { groupSections } from './group-sections';
import { readSettings, type Named, type Settings } from './settings';

/** A ratio of 1 is $0.002 for a thousand tokens. */
const usdOfOne = decimal('2');
/** An hour in the cache costs so many times what five minutes cost: new-api has it built in. */
const hourOfFiveMinutes = decimal('1.6');
const cachesForAnHour = /claude/;

/** Reads new-api's settings, or its list of prices: models by ratio or by request, groups with what multiplies them. */
export function readNewApi(value: unknown, choices: Choices, findings: Findings): PriceList {
  const settings = readSettings(value);
  if (settings === null)
    throw new UnusableList(
      "These are no settings of new-api's: neither ModelRatio nor ModelPrice is there.",
      'Take what GET /api/option, /api/ratio_config or /api/pricing answers, or name the format that it is in with --from.',
    );
  const ids = new Set([...settings.modelPrice.keys(), ...settings.modelRatio.keys(), ...settings.billingMode.keys()]);
  const models = [...ids].flatMap((name): ImportedModel[] => {
    const id = patternOf(name);
    const model = findings.attempt(id, (changes): ImportedModel => ({
      id,
      provider: null,
      price: priceOf(name, settings, changes),
      fieldMultipliers: [],
    }));
    return model ? [model] : [];
  });
  return { models, aliases: [], sections: groupSections(settings, choices, findings), currency: 'USD' };
}

/** Names with a budget for thinking are priced by one name, which stands for more than it says. */
function patternOf(name: string): string {
  return name.replace(/^(gemini-2\.5-(?:flash-lite|flash|pro))-thinking-\*$/, '$1*-thinking-*');
}

/** A price by the request comes before a ratio. */
function priceOf(id: string, settings: Settings, changes: Changes): ImportedPrice {
  const mode = settings.billingMode.get(id);
  if (typeof mode === 'string' && mode.includes('expr')) throw new LeftOut('unsaid', 'it is billed by an expression');
  const price = settings.modelPrice.get(id);
  if (typeof price === 'number' && price >= 0) {
    const rates = { unit: exactNumber(price, 'ModelPrice'), kinds: new Map(), extras: new Map() };
    return { mode: 'request', base: rates, rows: [], windows: [] };
  }
  const ratio = settings.modelRatio.get(id);
  if (ratio === undefined) throw new LeftOut('no_price', 'it has neither ratio nor price');
  return {
    mode: 'token',
    base: tokenRates(id, exactNumber(ratio, 'ModelRatio'), settings, changes),
    rows: [],
    windows: [],
  };
}

function tokenRates(id: string, ratio: Decimal, settings: Settings, changes: Changes): Rates {
  const input = multiply(ratio, usdOfOne);
  const of = (named: Named, name: string): Decimal | undefined => {
    const value = named.get(id);
    return value === undefined ? undefined : exactNumber(value, name);
  };
  const kinds = new Map<string, Decimal>();
  const add = (kind: string, multiple: Decimal | undefined) => {
    if (multiple !== undefined) kinds.set(kind, multiply(input, multiple));
  };
  const write = of(settings.createCacheRatio, 'CreateCacheRatio');
  const audio = of(settings.audioRatio, 'AudioRatio');
  const audioOut = of(settings.audioCompletionRatio, 'AudioCompletionRatio');
  add('cacheRead', of(settings.cacheRatio, 'CacheRatio'));
  add('cacheWrite5m', write);
  if (write && cachesForAnHour.test(id)) add('cacheWrite1h', multiply(write, hourOfFiveMinutes));
  add('inputAudio', audio);
  add('inputImage', of(settings.imageRatio, 'ImageRatio'));
  if (audio ?? audioOut) add('outputAudio', multiply(audio ?? one, audioOut ?? one));
  return {
    input,
    output: outputOf(id, input, of(settings.completionRatio, 'CompletionRatio'), settings, changes),
    kinds,
    extras: new Map(),
  };
}

function outputOf(id: string, input: Decimal, set: Decimal | undefined, settings: Settings, changes: Changes): Decimal {
  const own = settings.areWhole ? undefined : builtInRatio(id);
  if (set !== undefined && (own === undefined || !own.locked || id.includes('/'))) return multiply(input, set);
  if (own === undefined) return input;
  const [numerator, denominator] = own.ratio.map((part) => decimal(part));
  const output = quotient(multiply(input, numerator ?? one), denominator ?? one);
  if (set === undefined) changes('derived', `output by new-api's own ratio, ${own.ratio.join(' / ')}`);
  else if (compare(multiply(input, set), output) !== 0)
    changes(
      'chosen',
      `output by new-api's own ratio, ${own.ratio.join(' / ')}, and not by the setting, ${toText(set)}`,
    );
  return output;
}
