import { compare, isZero, multiply, toText, zero, type Decimal } from '@meterbook/domain/amount/decimal';
import { Faults } from '@meterbook/domain/rulebook/fault';
import { model } from '@meterbook/domain/rulebook/read-catalogue';
import { unusable } from '@meterbook/domain/rulebook/schema';
import { countsOf, type Choices } from './choices';
import { written } from './exact-number';
import { LeftOut, type Changes } from './findings';
import type { ImportedModel, ImportedRow, Rates } from './imported-model';
import { sideOf } from './scale-rates';

/** A part of a rulebook, as JSON has it; keys in the order in which a person reads them. */
export type Content = Readonly<Record<string, unknown>>;

/** Of how many tokens prices are written: providers quote them so. */
const PER_TOKENS = 1_000_000;

type Text = (value: Decimal, name: string) => string;

/** A model of a rulebook. Throws `LeftOut` where a rulebook cannot hold it. */
export function modelContent(
  { id, provider, price, fieldMultipliers }: ImportedModel,
  choices: Choices,
  changes: Changes,
): Content {
  const plain = textOf(changes);
  const money: Text = (value, name) => plain(multiply(value, choices.rate), name);
  const { mode, base, rows, windows } = price;
  const isFree = rates(base)
    .concat(rows.flatMap((row) => rates(row.rates)))
    .every(isZero);
  if (isFree && choices.zero === 'skip') throw new LeftOut('zero_price', 'every price is 0');
  const exclusive = mode === 'token' && countsOf(provider, choices) === 'exclusive';
  const ofMode =
    mode === 'token'
      ? {
          per: PER_TOKENS,
          ...sides({ ...base, input: base.input ?? zero, output: base.output ?? zero }, money),
          ...(exclusive ? { tokenCounts: 'exclusive' } : {}),
          ...kinds(base, money),
        }
      : { unit: money(base.unit ?? zero, 'the price') };
  const content = {
    id,
    group: choices.group,
    ...(isFree && choices.zero === 'free' ? { free: true } : {}),
    price: {
      mode,
      ...ofMode,
      ...filled(
        'bands',
        rows.map((row) => rowContent(row, base, money)),
      ),
      ...filled(
        'windows',
        windows.map(({ days, multiplier, ...window }) => ({
          ...window,
          multiplier: plain(multiplier, 'the multiplier of a time of day'),
          ...(days === null ? {} : { days }),
        })),
      ),
      ...extras(base.extras, money),
    },
    ...filled(
      'fieldMultipliers',
      fieldMultipliers.map(({ field, equals, multiplier }) => ({
        field,
        equals,
        multiplier: plain(multiplier, `the multiplier of ${field} ${equals}`),
      })),
    ),
  };
  refuseUnfit(content);
  return content;
}

function textOf(changes: Changes): Text {
  return (value, name) => {
    const { text, by } = written(value, name);
    if (by !== 'nothing') changes(by, `${name} ${toText(value)} is ${text}`);
    return text;
  };
}

function filled(key: string, items: readonly Content[]): Content {
  return items.length > 0 ? { [key]: items } : {};
}

function rates({ input, output, unit, kinds, extras }: Rates): Decimal[] {
  const named = [input, output, unit].filter((value) => value !== undefined);
  return [...named, ...kinds.values(), ...extras.values()];
}

function sides({ input, output }: Rates, money: Text): Content {
  return {
    ...(input === undefined ? {} : { input: money(input, 'input') }),
    ...(output === undefined ? {} : { output: money(output, 'output') }),
  };
}

function kinds(rates: Rates, money: Text): Content {
  const isOutput = (kind: string) => sideOf(kind) === 'output';
  const of = (key: string, isHere: (kind: string) => boolean): Content => {
    const named = [...rates.kinds].filter(([kind]) => isHere(kind));
    return named.length === 0 ? {} : { [key]: texts(named, money) };
  };
  return { ...of('inputPrices', (kind) => !isOutput(kind)), ...of('outputPrices', isOutput) };
}

function extras(named: Rates['extras'], money: Text): Content {
  return named.size === 0 ? {} : { extras: texts([...named], money) };
}

function texts(named: readonly (readonly [string, Decimal])[], money: Text): Content {
  return Object.fromEntries(named.map(([name, value]) => [name, money(value, name)]));
}

/** What a row leaves out stays that of the base, so that it need not say it again. */
function rowContent({ when, prompt, rates }: ImportedRow, base: Rates, money: Text): Content {
  const own = differing(rates, base);
  const key = prompt?.comparison === 'at-least' ? 'promptTokensAtLeast' : 'promptTokensOver';
  return {
    ...(when.size === 0 ? {} : { when: Object.fromEntries(when) }),
    ...(prompt === null ? {} : { [key]: prompt.tokens }),
    ...sides(own, money),
    ...(own.unit === undefined ? {} : { unit: money(own.unit, 'the price') }),
    ...kinds(own, money),
    ...extras(own.extras, money),
  };
}

function differing(rates: Rates, base: Rates): Rates {
  const unlike = (value: Decimal | undefined, other: Decimal | undefined) =>
    value !== undefined && (other === undefined || compare(value, other) !== 0) ? value : undefined;
  const others = (named: Rates['kinds'], ofBase: Rates['kinds']) =>
    new Map([...named].filter(([name, value]) => unlike(value, ofBase.get(name)) !== undefined));
  return {
    input: unlike(rates.input, base.input ?? zero),
    output: unlike(rates.output, base.output ?? zero),
    unit: unlike(rates.unit, base.unit ?? zero),
    kinds: others(rates.kinds, base.kinds),
    extras: others(rates.extras, base.extras),
  };
}

/** What the service would refuse of one model is left out here, so that all others can be published. */
function refuseUnfit(content: Content): void {
  const faults = new Faults(true);
  if (model(content, '', faults) !== unusable) return;
  const [first] = faults.shown;
  const detail = first ? `${first.pointer}: ${first.detail}` : 'it is faulty';
  throw new LeftOut(first?.pointer === '/id' ? 'unfit_id' : 'unsaid', detail);
}
