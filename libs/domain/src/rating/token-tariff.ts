import type { AppliedPrice } from '../account/charging/events';
import { powerOfTen, toText, type Decimal } from '../amount/decimal';
import type { Band, TokenPrice } from '../rulebook/rulebook';
import { outputKinds, specialInputKinds } from '../rulebook/token-kinds';
import type { Units } from '../usage/usage';
import { addExtras } from './extras';
import type { PriceDraft, Tariff } from './tariff';
import { countTokens, tellingKinds, tokenSide, type TokenCount, type TokenSide } from './token-side';

/** The two prices of a band, or of none: `input` and `output` are for adjusted counts and bring the base to `scale`. */
interface Row {
  readonly band: Band | null;
  readonly input: bigint;
  readonly output: bigint;
  readonly scale: number;
  readonly applied: AppliedPrice;
}

/** Makes a price per tokens ready for use. */
export function tokenTariff(price: TokenPrice): Tariff {
  const inclusive = price.tokenCounts === 'inclusive';
  const input = tokenSide('input', specialInputKinds, price.inputMultiples, inclusive);
  const output = tokenSide('output', outputKinds, price.outputMultiples, true);
  const row = (band: Band | null) => rowOf(price, input, output, band);
  const base = row(null);
  const bands = [...price.bands].sort(byPrecedence).map(row);

  const rowFor = ({ reported, special }: TokenCount): Row => {
    const promptTokens = inclusive ? reported : reported + special;
    return bands.find(({ band }) => band !== null && holds(band, promptTokens)) ?? base;
  };
  const baseOf = (row: Row, inputs: TokenCount, outputs: TokenCount): Decimal => ({
    coefficient: inputs.adjusted * row.input + outputs.adjusted * row.output,
    scale: row.scale,
  });

  return {
    knownUnits: [
      ...[input, output].flatMap((side) => [side.unit, ...side.kinds.map(({ unit }) => unit)]),
      ...price.extras.keys(),
    ],
    neededUnits: [],
    base: (units) => {
      const inputs = countTokens(input, units);
      return addExtras(baseOf(rowFor(inputs), inputs, countTokens(output, units)), price.extras, units, null);
    },
    measure: (units) => {
      const inputs = countTokens(input, units);
      const outputs = countTokens(output, units);
      const used = rowFor(inputs);
      const applied: PriceDraft = { ...used.applied };
      if (inputs.special > 0) tellInput(applied, input, inputs, units);
      if (outputs.special > 0) tellOutput(applied, output, outputs, units);
      return { base: addExtras(baseOf(used, inputs, outputs), price.extras, units, applied), applied };
    },
  };
}

function rowOf(price: TokenPrice, input: TokenSide, output: TokenSide, band: Band | null): Row {
  const inputPrice = band?.input ?? price.input;
  const outputPrice = band?.output ?? price.output;
  const scale = Math.max(input.scale + inputPrice.scale, output.scale + outputPrice.scale);
  const applied: PriceDraft = { mode: 'token', per: price.per, input: toText(inputPrice), output: toText(outputPrice) };
  if (band)
    applied.band = `${band.comparison === 'over' ? 'promptTokensOver' : 'promptTokensAtLeast'} ${band.threshold}`;
  return {
    band,
    input: inputPrice.coefficient * powerOfTen(scale - input.scale - inputPrice.scale),
    output: outputPrice.coefficient * powerOfTen(scale - output.scale - outputPrice.scale),
    scale: scale + Math.log10(price.per),
    applied,
  };
}

/** The highest threshold first; of two equal ones `Over` before `AtLeast`. */
function byPrecedence(a: Band, b: Band): number {
  return b.threshold - a.threshold || Number(a.comparison === 'at-least') - Number(b.comparison === 'at-least');
}

function holds(band: Band, promptTokens: number): boolean {
  return band.comparison === 'over' ? promptTokens > band.threshold : promptTokens >= band.threshold;
}

function tellInput(applied: PriceDraft, side: TokenSide, count: TokenCount, units: Units): void {
  if (isAdjusted(side, count)) applied.adjustedInput = toText({ coefficient: count.adjusted, scale: side.scale });
  if (!side.inclusive) applied.tokenCounts = 'exclusive';
  const kinds = tellingKinds(side, count, units);
  if (kinds.length > 0) applied.inputMultiples = kinds;
}

function tellOutput(applied: PriceDraft, side: TokenSide, count: TokenCount, units: Units): void {
  if (isAdjusted(side, count)) applied.adjustedOutput = toText({ coefficient: count.adjusted, scale: side.scale });
  const kinds = tellingKinds(side, count, units);
  if (kinds.length > 0) applied.outputMultiples = kinds;
}

function isAdjusted(side: TokenSide, count: TokenCount): boolean {
  return count.adjusted !== BigInt(count.reported) * side.whole;
}
