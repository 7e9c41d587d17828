import { itemsOf, membersOf, textOf } from '../json-value';

/** The settings of new-api that prices are made of, by model or by group; numbers as they stand there. */
export interface Settings {
  readonly modelRatio: Named;
  readonly completionRatio: Named;
  readonly cacheRatio: Named;
  readonly createCacheRatio: Named;
  readonly imageRatio: Named;
  readonly audioRatio: Named;
  readonly audioCompletionRatio: Named;
  readonly modelPrice: Named;
  readonly groupRatio: Named;
  /** By the group of the user, then by the group that is used. */
  readonly groupGroupRatio: Named;
  /** How a model is billed, where it is not by ratio or price. */
  readonly billingMode: Named;
  /** Whether completion ratios are those that are charged: settings leave out what is built in. */
  readonly areWhole: boolean;
}

export type Named = ReadonlyMap<string, unknown>;

const nothing: Named = new Map();

/** A setting by any spelling of its name: `ModelRatio` in the options, `model_ratio` over the API. */
function spelling(name: string): string {
  return name.replaceAll(/[_-]/g, '').toLowerCase();
}

/** Reads settings in each form in which new-api shows them; null where the value is none of them. */
export function readSettings(value: unknown): Settings | null {
  const top = membersOf(value);
  if (top === undefined) return null;
  const data = top.get('data');
  const items = itemsOf(data);
  if (items.some((item) => textOf(membersOf(item)?.get('model_name')) !== null)) return ofPricing(items, top);
  if (items.length > 0) return ofOptions(new Map(items.flatMap(option)));
  return ofOptions(membersOf(data) ?? top);
}

/** `GET /api/option` lists each setting as a key and the text of its value. */
function option(item: unknown): readonly (readonly [string, unknown])[] {
  const members = membersOf(item);
  const key = textOf(members?.get('key'));
  return key === null ? [] : [[key, members?.get('value')] as const];
}

/** Settings by name; each is an object, or the text of one. */
function ofOptions(options: Named): Settings | null {
  const found = new Map([...options].map(([name, value]) => [spelling(name), parsed(value)]));
  const named = (name: string): Named => found.get(spelling(name)) ?? nothing;
  const settings: Settings = {
    modelRatio: named('ModelRatio'),
    completionRatio: named('CompletionRatio'),
    cacheRatio: named('CacheRatio'),
    createCacheRatio: named('CreateCacheRatio'),
    imageRatio: named('ImageRatio'),
    audioRatio: named('AudioRatio'),
    audioCompletionRatio: named('AudioCompletionRatio'),
    modelPrice: named('ModelPrice'),
    groupRatio: named('GroupRatio'),
    groupGroupRatio: named('GroupGroupRatio'),
    billingMode: named('BillingMode'),
    areWhole: false,
  };
  return settings.modelRatio.size + settings.modelPrice.size > 0 ? settings : null;
}

function parsed(value: unknown): Named {
  if (typeof value !== 'string') return membersOf(value) ?? nothing;
  try {
    return membersOf(JSON.parse(value)) ?? nothing;
  } catch {
    return nothing;
  }
}

/** `GET /api/pricing` lists models, each with all that is charged for it. */
function ofPricing(items: readonly unknown[], top: Named): Settings {
  const models = items.flatMap((item) => {
    const members = membersOf(item);
    const id = textOf(members?.get('model_name'));
    return members === undefined || id === null ? [] : [{ id, members, byPrice: members.get('quota_type') === 1 }];
  });
  const named = (key: string, isMeant: (byPrice: boolean) => boolean = () => true): Named =>
    new Map(
      models.flatMap(({ id, members, byPrice }) => {
        const value = members.get(key);
        return value === undefined || value === null || !isMeant(byPrice) ? [] : [[id, value] as const];
      }),
    );
  return {
    modelRatio: named('model_ratio', (byPrice) => !byPrice),
    completionRatio: named('completion_ratio'),
    cacheRatio: named('cache_ratio'),
    createCacheRatio: named('create_cache_ratio'),
    imageRatio: named('image_ratio'),
    audioRatio: named('audio_ratio'),
    audioCompletionRatio: named('audio_completion_ratio'),
    modelPrice: named('model_price', (byPrice) => byPrice),
    groupRatio: membersOf(top.get('group_ratio')) ?? nothing,
    groupGroupRatio: nothing,
    billingMode: named('billing_mode'),
    areWhole: true,
  };
}
