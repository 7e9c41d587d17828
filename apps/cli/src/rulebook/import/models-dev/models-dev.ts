import { LeftOut, type Findings } from '../findings';
import type { Choices } from '../choices';
import type { ImportedModel } from '../imported-model';
import { membersOf } from '../json-value';
import type { PriceList } from '../price-list';
import { UnusableList } from '../rulebook-content';
import { costPrice } from './cost-price';

interface Listed {
  readonly provider: string;
  readonly model: string;
  readonly entry: unknown;
}

/** Reads models.dev's `api.json`: providers, their models, and the cost of each in USD for a million tokens. */
export function readModelsDev(value: unknown, choices: Choices, findings: Findings): PriceList {
  const listed = [...modelsOf(value)];
  const providers = new Set(listed.map(({ provider }) => provider).filter((name) => isAsked(name, choices)));
  const isBare = choices.ids === 'bare' || (choices.ids === 'auto' && providers.size === 1);
  const models: ImportedModel[] = [];
  for (const { provider, model, entry } of listed) {
    const id = isBare ? model : `${provider}/${model}`;
    if (!isAsked(provider, choices)) {
      findings.notAsked++;
      continue;
    }
    const imported = findings.attempt(id, (changes): ImportedModel => {
      const members = membersOf(entry);
      if (members === undefined) throw new LeftOut('no_entry', 'it is no object');
      return { id, provider, price: costPrice(members, provider, choices, changes), fieldMultipliers: [] };
    });
    if (imported) models.push(imported);
  }
  return { models, aliases: [], sections: {}, currency: 'USD' };
}

function isAsked(provider: string, { providers }: Choices): boolean {
  return providers.length === 0 || providers.includes(provider);
}

/** `api.json` is providers by their id; an excerpt of it may be a provider alone. */
function* modelsOf(value: unknown): Iterable<Listed> {
  const top = membersOf(value);
  const alone = top?.get('models');
  const id = top?.get('id');
  const providers =
    membersOf(alone) !== undefined && typeof id === 'string' ? new Map<string, unknown>([[id, value]]) : top;
  let isOne = false;
  for (const [provider, members] of providers ?? []) {
    const models = membersOf(membersOf(members)?.get('models'));
    isOne ||= models !== undefined;
    for (const [model, entry] of models ?? []) yield { provider, model, entry };
  }
  if (!isOne)
    throw new UnusableList(
      'This is no list of models.dev: no provider with `models` is in it.',
      'Fetch https://models.dev/api.json, or name the format that it is in with --from.',
    );
}
