import { isZero, type Decimal } from '@meterbook/domain/amount/decimal';
import { comparisonOf, type Choices } from '../choices';
import type { Changes } from '../findings';
import type { ImportedPrice, ImportedRow, PromptThreshold, Rates } from '../imported-model';
import { scaledByLength, scaledByTheirSide } from '../scale-rates';
import type { ListedPrice } from './listed-prices';

/** Where prices hold: for a service tier, from a length of the prompt on, or neither. */
interface Place {
  readonly tier: string | null;
  readonly tokens: number | null;
}

/** A price by tokens; what is counted otherwise stands beside it as extras. */
export function tokenPrice(
  prices: readonly ListedPrice[],
  provider: string | null,
  choices: Choices,
  changes: Changes,
): Omit<ImportedPrice, 'windows'> {
  const at = (place: Place): Rates =>
    ratesOf(
      prices.filter(({ tier, tokens, variant }) => tier === place.tier && tokens === place.tokens && variant === null),
    );
  const named = at({ tier: null, tokens: null });
  const base = { ...named, output: outputOf(named) };
  const comparison = comparisonOf(provider, choices);
  const thresholds = distinct(prices.map(({ tokens }) => tokens)).sort((a, b) => a - b);
  const tiers = distinct(prices.map(({ tier }) => tier));
  const row = (tier: string | null, tokens: number | null, rates: Rates): ImportedRow => ({
    when: new Map(tier === null ? [] : [[choices.fields.tier, tier]]),
    prompt: tokens === null ? null : ({ comparison, tokens } satisfies PromptThreshold),
    rates,
  });

  const rows = thresholds.map((tokens) => row(null, tokens, at({ tier: null, tokens })));
  const isScaled = choices.tierGaps === 'scale';
  for (const tier of tiers) {
    const name = `${choices.fields.tier} ${tier}`;
    const listed = at({ tier, tokens: null });
    const finished = (rates: Rates) => (isScaled || listed.output === undefined ? rates : withReasoning(rates, base));
    const rates = isScaled ? scaledByTheirSide(listed, base, name, changes) : listed;
    rows.push(row(tier, null, finished(rates)));
    for (const tokens of thresholds) {
      const own = at({ tier, tokens });
      const long = at({ tier: null, tokens });
      const rest = isScaled
        ? scaledByLength(rates, long, base, `${name}, prompts over ${tokens}`, changes)
        : over(rates, long);
      rows.push(row(tier, tokens, finished(over(rest, own))));
    }
  }
  return { mode: 'token', base, rows };
}

function distinct<T>(values: readonly (T | null)[]): T[] {
  return [...new Set(values)].filter((value) => value !== null);
}

/** Pictures that are made of tokens cost what a picture's token costs, where no other output is priced. */
function outputOf({ output, kinds }: Rates): Decimal | undefined {
  return output === undefined || isZero(output) ? (kinds.get('outputImage') ?? output) : output;
}

/** Where a tier prices output, reasoning that it does not price is output of the row. */
function withReasoning(rates: Rates, base: Rates): Rates {
  if (rates.output === undefined || !base.kinds.has('reasoning') || rates.kinds.has('reasoning')) return rates;
  return { ...rates, kinds: new Map([...rates.kinds, ['reasoning', rates.output]]) };
}

/** What the second says, else what the first does. */
function over(first: Rates, second: Rates): Rates {
  return {
    input: second.input ?? first.input,
    output: second.output ?? first.output,
    kinds: new Map([...first.kinds, ...second.kinds]),
    extras: new Map([...first.extras, ...second.extras]),
  };
}

export function ratesOf(prices: readonly ListedPrice[]): Rates {
  const sides: { input?: Decimal; output?: Decimal } = {};
  const kinds = new Map<string, Decimal>();
  const extras = new Map<string, Decimal>();
  for (const { target, value } of prices) {
    if (target.kind === 'side') sides[target.side] = value;
    else if (target.kind === 'tokens') kinds.set(target.name, value);
    else if (!isZero(value)) extras.set(target.name, value);
  }
  return { ...sides, kinds, extras };
}
