import { zero } from '@meterbook/domain/amount/decimal';
import { comparisonOf, type Choices } from '../choices';
import { LeftOut, type Changes } from '../findings';
import type { ImportedPrice, ImportedRow, Rates } from '../imported-model';
import { itemsOf, membersOf } from '../json-value';
import { sideOf } from '../scale-rates';
import { listedPrices } from './listed-prices';
import { ratesOf } from './token-price';

interface Tier {
  /** The tier holds for prompts of more tokens than this. */
  readonly from: number;
  readonly rates: Rates;
}

/**
 * A price that `tiered_pricing` tells by the length of the prompt: the row that holds re-prices the whole request. What a row does not
 * price costs what its side costs there; output that no row prices is priced by the entry. Null where the entry has no such table.
 */
export function tieredPrice(
  entry: ReadonlyMap<string, unknown>,
  outside: Rates,
  provider: string | null,
  choices: Choices,
  changes: Changes,
): Omit<ImportedPrice, 'windows'> | null {
  const listed = itemsOf(entry.get('tiered_pricing'));
  if (listed.length === 0) return null;
  const tiers = listed.map((item) => tierOf(item, changes)).sort((a, b) => a.from - b.from);
  const names = new Set(tiers.flatMap(({ rates }) => [...rates.kinds.keys()]));
  const whole = tiers.map(({ from, rates }) => ({ from, rates: filled(rates, names, outside) }));
  const [first, ...others] = whole;
  const comparison = comparisonOf(provider, choices);
  const rows = others.map(({ from, rates }): ImportedRow => ({
    when: new Map(),
    prompt: { comparison, tokens: from },
    rates,
  }));
  return { mode: 'token', base: { ...(first?.rates ?? outside), extras: outside.extras }, rows };
}

function tierOf(item: unknown, changes: Changes): Tier {
  const members = membersOf(item);
  const [from] = itemsOf(members?.get('range'));
  if (members === undefined || typeof from !== 'number' || !Number.isSafeInteger(from) || from < 0)
    throw new LeftOut('unsaid', 'tiered_pricing goes by something else than the length of the prompt');
  return { from, rates: ratesOf(listedPrices(members, changes)) };
}

function filled(rates: Rates, names: ReadonlySet<string>, outside: Rates): Rates {
  const input = rates.input ?? outside.input ?? zero;
  const output = rates.output ?? outside.output ?? zero;
  const kinds = [...names].map((name) => {
    const ofSide = sideOf(name) === 'input' ? input : output;
    return [name, rates.kinds.get(name) ?? ofSide] as const;
  });
  return { input, output, kinds: new Map(kinds), extras: new Map() };
}
