import { MAX_MODELS } from '@meterbook/domain/rulebook/limits';
import { compare, one, toText } from '@meterbook/domain/amount/decimal';
import type { Choices } from './choices';
import type { Findings } from './findings';
import type { ImportedModel } from './imported-model';
import { modelContent, type Content } from './model-content';
import { orderModels } from './order-models';
import type { PriceList } from './price-list';

/** A list cannot become a rulebook at all. */
export class UnusableList extends Error {
  override readonly name = 'UnusableList';

  constructor(
    message: string,
    readonly remedy: string,
  ) {
    super(message);
  }
}

/** A rulebook's content, and how each of its models is to be introduced to a reader. */
export interface ImportedRulebook {
  readonly content: Content;
  readonly models: readonly { readonly id: string; readonly provider: string | null }[];
}

/**
 * A whole rulebook of a list: what stands around the models is what a platform needs at least, or is taken from `around`, an
 * existing rulebook. Throws `UnusableList` where no model is left, or more than a rulebook may hold.
 */
export function rulebookContent(
  list: PriceList,
  choices: Choices,
  findings: Findings,
  around?: Content,
): ImportedRulebook {
  const models = withAliases(list, choices);
  const ordered = orderModels(models, choices, findings);
  if (ordered.length > MAX_MODELS)
    throw new UnusableList(
      `The list has ${ordered.length} models, and a rulebook holds ${MAX_MODELS} at most.`,
      'Choose some with --only or --provider.',
    );
  const taken: ImportedModel[] = [];
  const contents: Content[] = [];
  for (const model of ordered) {
    const content = findings.attempt(model.id, (changes) => modelContent(model, choices, changes));
    if (content === undefined) continue;
    taken.push(model);
    contents.push(content);
  }
  if (taken.length === 0)
    throw new UnusableList(
      'No model of the list can be taken.',
      'Look at --from, --only and --provider, and at what the report says was left out.',
    );
  const content = around === undefined ? { ...needed(choices), ...list.sections } : around;
  return { content: { ...content, models: contents }, models: taken };
}

function withAliases({ models, aliases }: PriceList, choices: Choices): readonly ImportedModel[] {
  if (choices.aliases === 'skip' || aliases.length === 0) return models;
  const byId = new Map(models.map((model) => [model.id, model]));
  const others = aliases.flatMap(([alias, id]) => {
    const model = byId.get(id);
    return model === undefined || byId.has(alias) ? [] : [{ ...model, id: alias }];
  });
  return [...models, ...others];
}

/** What a rulebook cannot do without. */
function needed({ platform, currency, rate, scale, rounding, tier, group }: Choices): Content {
  return {
    platform,
    currency,
    ...(compare(rate, one) === 0 ? {} : { fx: [{ pair: `USD/${currency}`, rate: toText(rate) }] }),
    rounding: { scale, mode: rounding },
    tiers: [{ id: tier, rank: 1 }],
    groups: [{ id: group }],
  };
}
