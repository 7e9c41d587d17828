import { decimal, isPositive, one, parseDecimal, type Decimal } from '@meterbook/domain/amount/decimal';
import { Faults } from '@meterbook/domain/rulebook/fault';
import { unusable, type Reader } from '@meterbook/domain/rulebook/schema';
import { currency, id, platformId, text } from '@meterbook/domain/rulebook/values';
import { Misused } from '../../command';
import type { Choices, FieldNames } from './choices';
import type { FormatName } from './formats';

/** The words of `rulebook import`, as they were given. */
export interface ImportOptions {
  readonly from: FormatName;
  readonly output?: string;
  readonly force?: true;
  readonly report?: string;
  readonly json?: true;
  readonly platform?: string;
  readonly around?: string;
  readonly currency?: string;
  readonly rate?: string;
  readonly scale: string;
  readonly rounding: Choices['rounding'];
  readonly group: string;
  readonly tier: string;
  readonly only?: readonly string[];
  readonly provider?: readonly string[];
  readonly ids: Choices['ids'];
  readonly thresholds: Choices['thresholds'];
  readonly tierGaps: Choices['tierGaps'];
  readonly counts: Choices['counts'];
  readonly zero: Choices['zero'];
  readonly patterns: Choices['patterns'];
  readonly aliases: Choices['aliases'];
  readonly search: Choices['search'];
  readonly tierField: string;
  readonly regionField: string;
  readonly endpointField: string;
  readonly residencyField: string;
  readonly speedField: string;
  readonly resolutionField: string;
  readonly qualityField: string;
}

const MAX_SCALE = 9;
/** Ratios of new-api that come from prices in yuan were divided by this; multiplied by it they are those prices again. */
const usualRates: ReadonlyMap<string, Decimal> = new Map([
  ['USD', one],
  ['CNY', decimal('7.3')],
]);
/** Currencies in which a list can be written exactly, where that is not the one it is in. */
const exactIn: Partial<Readonly<Record<FormatName, string>>> = { 'new-api': 'CNY' };

/** What was chosen, every default filled in. Throws `Misused`. */
export function choicesOf(options: ImportOptions): Choices {
  const { from, only = [], provider = [], rounding, ids, thresholds, tierGaps } = options;
  const { counts, zero, patterns, aliases, search } = options;
  const money = checked('--currency', options.currency ?? exactIn[from] ?? 'USD', currency);
  return {
    platform: checked('--platform', options.platform ?? from.replaceAll('.', '-'), platformId),
    currency: money,
    rate: rateOf(options.rate, money),
    scale: scaleOf(options.scale),
    rounding,
    group: checked('--group', options.group, id),
    tier: checked('--tier', options.tier, id),
    only,
    providers: provider,
    ids,
    thresholds,
    tierGaps,
    counts,
    zero,
    patterns,
    aliases,
    search,
    fields: fieldNames(options),
  };
}

function fieldNames(options: ImportOptions): FieldNames {
  const { tierField, regionField, endpointField, residencyField, speedField, resolutionField, qualityField } = options;
  return {
    tier: checked('--tier-field', tierField, text),
    region: checked('--region-field', regionField, text),
    endpoint: checked('--endpoint-field', endpointField, text),
    residency: checked('--residency-field', residencyField, text),
    speed: checked('--speed-field', speedField, text),
    resolution: checked('--resolution-field', resolutionField, text),
    quality: checked('--quality-field', qualityField, text),
  };
}

/** By the rulebook's own reader, so that nothing is written that it would refuse. */
function checked(option: string, value: string, read: Reader<string>): string {
  const faults = new Faults(true);
  const found = read(value, '', faults);
  if (found === unusable) throw new Misused(`option '${option}': ${faults.shown[0]?.detail ?? 'it cannot be used'}`);
  return found;
}

function rateOf(given: string | undefined, money: string): Decimal {
  if (given === undefined) {
    const usual = usualRates.get(money);
    if (usual === undefined)
      throw new Misused(`option '--currency ${money}' needs --rate: how much of it is worth one USD`);
    return usual;
  }
  const rate = parseDecimal(given);
  if (rate === undefined || !isPositive(rate)) throw new Misused(`option '--rate': ${given} is no number such as 7.3`);
  return rate;
}

function scaleOf(given: string): number {
  const scale = /^[0-9]$/.test(given) ? Number(given) : Infinity;
  if (scale > MAX_SCALE) throw new Misused(`option '--scale': a whole number from 0 to ${MAX_SCALE} belongs here`);
  return scale;
}
