import { compare } from '@meterbook/domain/amount/decimal';
import { canonicalJson } from '@meterbook/domain/rulebook/canonical-json';
import { findModel } from '@meterbook/domain/rulebook/find-model';
import type { Model, Rulebook } from '@meterbook/domain/rulebook/rulebook';
import type { Units } from '@meterbook/domain/usage/usage';
import { compareModels, percentOf, verdictOf, type Difference, type Verdict } from './compare-models';
import { priceText } from './named-prices';
import { typicalAmount, unitsOfTypical, unitsText } from './typical-request';

export interface ModelDifference {
  readonly model: string;
  readonly verdict: Verdict;
  readonly prices: readonly Difference[];
  /** What a typical request comes to, for a new account. */
  readonly typical: Difference;
}

/** What is another one between two rulebooks. */
export interface RulebookDifference {
  /** Platform, currency and rounding, where they differ. */
  readonly head: readonly Difference[];
  /** Prices in two currencies are not compared. */
  readonly isComparable: boolean;
  /** Parts besides that differ, such as `tiers`. */
  readonly sections: readonly string[];
  readonly models: readonly ModelDifference[];
  readonly added: readonly string[];
  readonly gone: readonly string[];
  /** Models that cost what they did. */
  readonly same: number;
}

/** A rulebook as it is read, and as it stands in its file. */
export interface Compared {
  readonly rulebook: Rulebook;
  readonly content: unknown;
}

/** Parts that are told one by one. */
const told: ReadonlySet<string> = new Set(['platform', 'currency', 'rounding', 'models', 'effectiveFrom']);

/** Compares by what a name is sold at: also where a pattern took the place of a name, or another order made another model the first. */
export function compareRulebooks(
  old: Compared,
  next: Compared,
  typical: Units | undefined,
  at: number,
): RulebookDifference {
  const isComparable = old.rulebook.currency === next.rulebook.currency;
  const models: ModelDifference[] = [];
  const [added, gone]: [string[], string[]] = [[], []];
  let same = 0;
  const names = [...old.rulebook.models, ...next.rulebook.models].map(({ id }) => id);
  for (const name of new Set(names)) {
    const [before, after] = [findModel(old.rulebook, name), findModel(next.rulebook, name)];
    if (!before || !after) {
      (before ? gone : added).push(name);
      continue;
    }
    if (!isComparable) continue;
    const found = modelDifference(name, [old.rulebook, before], [next.rulebook, after], typical, at);
    if (found === null) same++;
    else models.push(found);
  }
  const sections = differingSections(old.content, next.content);
  return { head: headOf(old.rulebook, next.rulebook), isComparable, sections, models, added, gone, same };
}

function modelDifference(
  model: string,
  [oldBook, before]: readonly [Rulebook, Model],
  [nextBook, after]: readonly [Rulebook, Model],
  asked: Units | undefined,
  at: number,
): ModelDifference | null {
  const { differences, higher, lower } = compareModels(before, after);
  const [was, is] = [
    typicalAmount(oldBook, model, unitsOfTypical(before.price.mode, asked), at),
    typicalAmount(nextBook, model, unitsOfTypical(after.price.mode, asked), at),
  ];
  // Requests to two modes use different things.
  const order = was && is && before.price.mode === after.price.mode ? compare(is, was) : 0;
  if (differences.length === 0 && order === 0) return null;
  return {
    model,
    verdict: verdictOf(higher || order > 0, lower || order < 0),
    prices: differences,
    typical: {
      name: unitsText(unitsOfTypical(after.price.mode, asked)),
      old: priceText(was),
      new: priceText(is),
      percent: before.price.mode === after.price.mode ? percentOf(was, is) : null,
    },
  };
}

function headOf(old: Rulebook, next: Rulebook): readonly Difference[] {
  const rounding = ({ rounding: { scale, mode } }: Rulebook) => `${mode} to ${scale} places`;
  const parts = [
    { name: 'platform', old: old.platform, new: next.platform },
    { name: 'currency', old: old.currency, new: next.currency },
    { name: 'rounding', old: rounding(old), new: rounding(next) },
  ];
  return parts.filter((part) => part.old !== part.new).map((part) => ({ ...part, percent: null }));
}

function differingSections(old: unknown, next: unknown): readonly string[] {
  const [before, after] = [new Map(Object.entries(old as object)), new Map(Object.entries(next as object))];
  const textOf = (value: unknown) => (value === undefined ? '' : canonicalJson(value));
  return [...new Set([...before.keys(), ...after.keys()])].filter(
    (key) => !told.has(key) && textOf(before.get(key)) !== textOf(after.get(key)),
  );
}
