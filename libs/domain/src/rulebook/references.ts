import { within, type RulebookFault } from './fault';
import { isObject, ownMember, shortened } from './schema';
import { MAX_GROUPS, MAX_TIERS } from './values';

/** One place of the content: the value there and the key it stands under. */
interface Place {
  readonly pointer: string;
  readonly key: string;
  readonly value: unknown;
}

interface Reference {
  /** Places that name something: `*` is any key or index. */
  readonly from: string;
  /** What of the place names it. */
  readonly by: 'value' | 'key';
  /** Where what is named says its id. */
  readonly to: string;
}

const references: readonly Reference[] = [
  { from: 'promotion/*/tier', by: 'value', to: 'tiers' },
  { from: 'tierMultipliers/*', by: 'key', to: 'tiers' },
  { from: 'tierMultipliers/*/*', by: 'key', to: 'groups' },
  { from: 'models/*/group', by: 'value', to: 'groups' },
  { from: 'models/*/minTier', by: 'value', to: 'tiers' },
  { from: 'models/*/channelPrices/*', by: 'key', to: 'channels' },
  { from: 'plans/*/tier', by: 'value', to: 'tiers' },
  { from: 'defaultPlan', by: 'value', to: 'plans' },
];

const identified = ['tiers', 'groups', 'channels', 'models', 'plans'];

/**
 * What is wrong between the parts of a rulebook. It looks at the content itself and not at what was read of it, so that a
 * fault in one part does not hide those of another.
 */
export function referenceFaults(content: unknown): RulebookFault[] {
  return [
    ...identified.flatMap((section) => duplicates(select(content, `${section}/*/id`), (id) => id)),
    ...duplicates(select(content, 'fx/*/pair'), (pair) => pair.split('/').sort().join('/')),
    ...unorderedRanks(content),
    ...references.flatMap((reference) => dangling(content, reference)),
    ...matrixGaps(content),
    ...missingCreditRate(content),
  ];
}

function duplicates(places: readonly Place[], identity: (text: string) => string): RulebookFault[] {
  const seen = new Set<string>();
  return places.flatMap(({ pointer, value }) => {
    if (typeof value !== 'string') return [];
    const name = identity(value);
    if (seen.has(name)) return [{ pointer, code: 'duplicate_id', detail: `${brief(value)} stands there already` }];
    seen.add(name);
    return [];
  });
}

function unorderedRanks(content: unknown): RulebookFault[] {
  let highest = -Infinity;
  return select(content, 'tiers/*/rank').flatMap(({ pointer, value }) => {
    if (typeof value !== 'number') return [];
    if (value > highest) {
      highest = value;
      return [];
    }
    return [{ pointer, code: 'invalid_value', detail: `ranks ascend, and ${highest} stands before it` }];
  });
}

function dangling(content: unknown, { from, by, to }: Reference): RulebookFault[] {
  const known = ids(content, to);
  if (known === undefined) return [];
  return select(content, from).flatMap(({ pointer, key, value }) => {
    const name = by === 'key' ? key : value;
    if (typeof name !== 'string' || known.has(name)) return [];
    return [{ pointer, code: 'dangling_reference', detail: `${to} have no ${brief(name)}` }];
  });
}

/** Every tier needs a multiplier for every group. */
function matrixGaps(content: unknown): RulebookFault[] {
  const matrix = isObject(content) ? ownMember(content, 'tierMultipliers') : undefined;
  const [tiers, groups] = [ids(content, 'tiers'), ids(content, 'groups')];
  if (!isObject(matrix) || !tiers || !groups || tiers.size > MAX_TIERS || groups.size > MAX_GROUPS) return [];
  const gap = (pointer: string, detail: string) => ({ pointer, code: 'incomplete_matrix', detail }) as const;
  return [...tiers].flatMap((tier) => {
    const pointer = within('/tierMultipliers', tier);
    const row = ownMember(matrix, tier);
    if (row === undefined) return [gap(pointer, `tier ${brief(tier)} has no multipliers`)];
    if (!isObject(row)) return [];
    return [...groups]
      .filter((group) => ownMember(row, group) === undefined)
      .map((group) => gap(within(pointer, group), `tier ${brief(tier)} has no multiplier for ${brief(group)}`));
  });
}

function missingCreditRate(content: unknown): RulebookFault[] {
  const plans = select(content, 'plans/*').length > 0;
  const known = select(content, 'creditsPerUnit').length > 0;
  return plans && !known ? [{ pointer: '/creditsPerUnit', code: 'required', detail: 'plans grant credits' }] : [];
}

/** The ids of a section, none where it is left out; undefined where it is no list, which is a fault of its own. */
function ids(content: unknown, section: string): ReadonlySet<string> | undefined {
  const value = isObject(content) ? ownMember(content, section) : undefined;
  if (value !== undefined && !Array.isArray(value)) return undefined;
  const found = select(content, `${section}/*/id`).map((place) => place.value);
  return new Set(found.filter((each) => typeof each === 'string'));
}

/** Every place that a path reaches; where the content has another shape there is none. */
function select(content: unknown, path: string): readonly Place[] {
  let places: Place[] = [{ pointer: '', key: '', value: content }];
  for (const step of path.split('/')) places = places.flatMap((place) => members(place, step));
  return places;
}

function members({ pointer, value }: Place, step: string): Place[] {
  const at = (key: string, member: unknown): Place => ({ pointer: within(pointer, key), key, value: member });
  if (Array.isArray(value)) return step === '*' ? value.map((item, index) => at(String(index), item)) : [];
  if (!isObject(value)) return [];
  if (step === '*') return Object.entries(value).map(([key, member]) => at(key, member));
  const member = ownMember(value, step);
  return member === undefined ? [] : [at(step, member)];
}

function brief(name: string): string {
  return shortened(JSON.stringify(name));
}
