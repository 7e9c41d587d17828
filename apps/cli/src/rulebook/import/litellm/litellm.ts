import { isZero, zero, type Decimal } from '@meterbook/domain/amount/decimal';
import type { Choices } from '../choices';
import { LeftOut, type Changes, type Findings } from '../findings';
import type { ImportedModel, ImportedPrice } from '../imported-model';
import { itemsOf, membersOf, textOf } from '../json-value';
import type { PriceList } from '../price-list';
import { UnusableList } from '../rulebook-content';
import { listedPrices, type ListedPrice } from './listed-prices';
import { multipliers } from './multipliers';
import { offPeakWindows } from './off-peak';
import { searchPrices } from './search-price';
import { tieredPrice } from './tiered-price';
import { ratesOf, tokenPrice } from './token-price';
import { unitPrice } from './unit-price';

/** Entries that explain the file. */
const notModels: ReadonlySet<string> = new Set(['sample_spec', 'fallback_generalizations']);
/** Quotas that are free before a price counts: what a note says of them is told to the reader. */
const freeQuota = /\bfree\b[^.]{0,60}\b(quota|tier|quer|request|search|call|month|day|credit)/i;

/** Reads LiteLLM's `model_prices_and_context_window.json`: models by name, prices in USD for one token or one of something else. */
export function readLitellm(value: unknown, choices: Choices, findings: Findings): PriceList {
  const entries = [...(membersOf(value) ?? [])].filter(([id]) => !notModels.has(id));
  const isList = entries.some(([, entry]) =>
    [...(membersOf(entry)?.keys() ?? [])].some((key) => /cost|litellm_provider/.test(key)),
  );
  if (!isList)
    throw new UnusableList(
      "This is no list of LiteLLM's: no entry has a price or a `litellm_provider`.",
      'Take model_prices_and_context_window.json, or name the format that it is in with --from.',
    );
  const models: ImportedModel[] = [];
  const aliases: [string, string][] = [];
  for (const [id, told] of entries) {
    const imported = findings.attempt(id, (changes): ImportedModel => {
      const entry = membersOf(told);
      if (entry === undefined) throw new LeftOut('no_entry', 'it is no object');
      const provider = textOf(entry.get('litellm_provider'));
      const price = priceOf(entry, provider, choices, changes);
      for (const alias of itemsOf(entry.get('aliases'))) if (typeof alias === 'string') aliases.push([alias, id]);
      if (hasFreeQuota(entry)) findings.warnings.push(`${id}: a note tells of a free quota, which no price can say`);
      return { id, provider, price, fieldMultipliers: multipliers(entry, choices, changes) };
    });
    if (imported) models.push(imported);
  }
  return { models, aliases, sections: {}, currency: 'USD' };
}

function hasFreeQuota(entry: ReadonlyMap<string, unknown>): boolean {
  const notes = [entry.get('comment'), ...(membersOf(entry.get('metadata'))?.values() ?? [])];
  return (
    notes.some((note) => typeof note === 'string' && freeQuota.test(note)) ||
    [...entry.keys()].some((key) => /free_/.test(key))
  );
}

function priceOf(
  entry: ReadonlyMap<string, unknown>,
  provider: string | null,
  choices: Choices,
  changes: Changes,
): ImportedPrice {
  const prices = listedPrices(entry, changes);
  const searches = searchPrices(entry, choices, changes);
  const { base, ...price } = withoutTimes(entry, prices, searches, provider, choices, changes);
  const whole = { ...price, base: { ...base, extras: new Map([...base.extras, ...searches]) } };
  return { ...whole, windows: offPeakWindows(entry, whole, changes) };
}

function withoutTimes(
  entry: ReadonlyMap<string, unknown>,
  prices: readonly ListedPrice[],
  searches: ReadonlyMap<string, Decimal>,
  provider: string | null,
  choices: Choices,
  changes: Changes,
): Omit<ImportedPrice, 'windows'> {
  const tiered = tieredPrice(entry, ratesOf(prices), provider, choices, changes);
  if (tiered !== null) return tiered;
  const isOfTokens = ({ target }: ListedPrice) => target.kind === 'side' || target.kind === 'tokens';
  const costs = prices.filter(({ value }) => !isZero(value));
  if (costs.length === 0 && searches.size > 0 && !prices.some(isOfTokens))
    return { mode: 'request', base: { unit: zero, kinds: new Map(), extras: new Map() }, rows: [] };
  // Entries of pictures and speech often say that their tokens cost nothing.
  const decisive = costs.length > 0 ? costs : prices;
  if (!decisive.some(isOfTokens)) return unitPrice(prices, choices, changes);
  return tokenPrice(
    prices.filter((price) => isBesideTokens(price, changes)),
    provider,
    choices,
    changes,
  );
}

/** Letters are another way to count the same text: whoever counts tokens does not count them too. */
function isBesideTokens({ target, field, value, variant }: ListedPrice, changes: Changes): boolean {
  if (target.kind === 'side' || target.kind === 'tokens' || isZero(value)) return true;
  if (/Characters$/.test(target.name) || variant !== null) {
    changes('left_out', `${field}: the tokens are priced`);
    return false;
  }
  changes('extra', target.name);
  return true;
}
