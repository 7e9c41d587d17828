import type { Surroundings } from '../../command';
import { exitCodes, type ExitCode } from '../../exit-code';
import { instantOf, unitsOf } from '../../quote/request-words';
import { validRulebook } from '../file/rulebook-file';
import type { Difference } from './compare-models';
import { compareRulebooks, type ModelDifference, type RulebookDifference } from './compare-rulebooks';

type FailOn = 'dearer' | 'cheaper' | 'new' | 'gone' | 'currency' | 'rounding' | 'other';

export interface DiffOptions {
  readonly units?: readonly string[];
  readonly at?: string;
  readonly exitCode?: true;
  readonly failOn?: readonly FailOn[];
  readonly json?: true;
}

/** Tells what two rulebooks charge differently. */
export async function diffFiles(
  oldPath: string,
  newPath: string,
  { units, at, exitCode, failOn = [], json }: DiffOptions,
  { terminal, clock }: Surroundings,
): Promise<ExitCode> {
  const typical = units === undefined ? undefined : unitsOf(units);
  const instant = at === undefined ? clock.now() : instantOf(at);
  const found = compareRulebooks(validRulebook(oldPath), validRulebook(newPath), typical, instant);
  if (json) terminal.json(found);
  else for (const line of linesOf(found)) terminal.line(line);
  const fails = failOn.some((what) => has[what](found)) || (exitCode === true && differs(found));
  return fails ? exitCodes.notWell : exitCodes.well;
}

const headHas = (name: string) => (found: RulebookDifference) => found.head.some((part) => part.name === name);
const verdicts = (found: RulebookDifference) => new Set(found.models.map(({ verdict }) => verdict));

const has: Readonly<Record<FailOn, (found: RulebookDifference) => boolean>> = {
  dearer: (found) => verdicts(found).has('dearer') || verdicts(found).has('both'),
  cheaper: (found) => verdicts(found).has('cheaper') || verdicts(found).has('both'),
  new: ({ added }) => added.length > 0,
  gone: ({ gone }) => gone.length > 0,
  currency: headHas('currency'),
  rounding: headHas('rounding'),
  other: (found) => found.sections.length > 0 || headHas('platform')(found) || verdicts(found).has('otherwise'),
};

function differs(found: RulebookDifference): boolean {
  return Object.values(has).some((isThere) => isThere(found));
}

function* linesOf(found: RulebookDifference): Iterable<string> {
  const { head, isComparable, sections, models, added, gone, same } = found;
  const count = (verdict: ModelDifference['verdict']) => models.filter((model) => model.verdict === verdict).length;
  if (isComparable) {
    yield `${count('dearer')} models dearer, ${count('cheaper')} cheaper, ${count('both')} both, ${count('otherwise')} otherwise changed, ${added.length} new, ${gone.length} gone, ${same} as before.`;
  } else yield `${added.length} models new, ${gone.length} gone. Prices in two currencies are not compared.`;
  for (const { name, old, new: next } of head) yield `${name}: ${old ?? ''} → ${next ?? ''}${rule(name)}`;
  if (sections.length > 0) yield `other parts that differ: ${sections.join(', ')}`;
  for (const { model, verdict, prices, typical } of models) {
    yield `${model}: ${verdict === 'both' ? 'dearer and cheaper' : verdict}`;
    for (const price of prices) yield `  ${differenceText(price)}`;
    if (typical.old !== typical.new) yield `  a request of ${differenceText(typical)}`;
  }
  for (const name of added) yield `${name}: new`;
  for (const name of gone) yield `${name}: gone`;
}

function rule(name: string): string {
  return name === 'currency' ? ' (no version of a platform may change it)' : '';
}

function differenceText({ name, old, new: next, percent }: Difference): string {
  const change = percent === null ? '' : ` (${percent} %)`;
  return `${name}: ${old ?? 'not there'} → ${next ?? 'not there'}${change}`;
}
