import { glob } from '@meterbook/domain/rulebook/glob';
import type { Choices } from './choices';
import { LeftOut, type Findings } from './findings';
import type { ImportedModel } from './imported-model';

/**
 * The models in an order in which the first that matches is the one that is meant: exact names as they are listed, then patterns,
 * the most exact first. A name that stands there twice is taken once.
 */
export function orderModels(
  models: readonly ImportedModel[],
  { patterns, only, providers }: Pick<Choices, 'patterns' | 'only' | 'providers'>,
  findings: Findings,
): readonly ImportedModel[] {
  const asked = only.map(glob);
  const seen = new Set<string>();
  const exact: ImportedModel[] = [];
  const wild: ImportedModel[] = [];
  for (const model of models) {
    const { id, provider } = model;
    const isAsked =
      (asked.length === 0 || asked.some((matches) => matches(id))) &&
      (providers.length === 0 || (provider !== null && providers.includes(provider)));
    if (!isAsked) {
      findings.notAsked++;
      findings.changed.delete(id);
      continue;
    }
    const isPattern = id.includes('*');
    if (seen.has(id)) {
      findings.leave(id, new LeftOut('duplicate', 'the first was taken'));
      continue;
    }
    if (isPattern && patterns === 'skip') {
      findings.leave(id, new LeftOut('pattern', '`*` stands for anything in a rulebook'));
      continue;
    }
    seen.add(id);
    (isPattern ? wild : exact).push(model);
  }
  for (const { id } of wild) findings.changesOf(id)('pattern', '`*` stands for any characters');
  return [...exact, ...wild.sort((a, b) => literals(b.id) - literals(a.id))];
}

function literals(pattern: string): number {
  return pattern.replaceAll('*', '').length;
}
