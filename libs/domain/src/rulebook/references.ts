import { within, type Faults } from './fault';
import { MAX_GROUPS, MAX_TIERS } from './limits';
import { isObject, ownMember, shortened } from './schema';

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
  { from: 'models/*/channelCosts/*', by: 'key', to: 'channels' },
  { from: 'plans/*/tier', by: 'value', to: 'tiers' },
  { from: 'defaultPlan', by: 'value', to: 'plans' },
];

const identified = ['tiers', 'groups', 'channels', 'models', 'plans'];

/**
 * Notes what is wrong between the parts of a rulebook. It looks at the content itself and not at what was read of it, so that
 * a fault in one part does not hide those of another.
 */
export function referenceFaults(content: unknown, faults: Faults): void {
  for (const step of referenceSteps(content, faults)) step();
}

/** The same in steps, for whoever shares a thread with others. */
export function* referenceSteps(content: unknown, faults: Faults): Generator<() => void, void> {
  for (const section of identified) yield () => duplicates(select(content, `${section}/*/id`), (id) => id, faults);
  yield () => duplicates(select(content, 'fx/*/pair'), (pair) => pair.split('/').sort().join('/'), faults);
  yield () => duplicates(select(content, 'labels/*'), (label) => label, faults);
  yield () => unorderedRanks(content, faults);
  for (const reference of references) yield () => dangling(content, reference, faults);
  yield () => matrixGaps(content, faults);
  yield () => missingCreditRate(content, faults);
}

function duplicates(places: readonly Place[], identity: (text: string) => string, faults: Faults): void {
  const seen = new Set<string>();
  for (const { pointer, value } of places) {
    if (faults.areEnough) return;
    if (typeof value !== 'string') continue;
    const name = identity(value);
    if (seen.has(name)) faults.push({ pointer, code: 'duplicate_id', detail: `${brief(value)} stands there already` });
    seen.add(name);
  }
}

function unorderedRanks(content: unknown, faults: Faults): void {
  let highest = -Infinity;
  for (const { pointer, value } of select(content, 'tiers/*/rank')) {
    if (typeof value !== 'number') continue;
    if (value > highest) highest = value;
    else faults.push({ pointer, code: 'invalid_value', detail: `ranks ascend, and ${highest} stands before it` });
  }
}

function dangling(content: unknown, { from, by, to }: Reference, faults: Faults): void {
  const known = ids(content, to);
  if (known === undefined) return;
  for (const { pointer, key, value } of select(content, from)) {
    if (faults.areEnough) return;
    const name = by === 'key' ? key : value;
    if (typeof name !== 'string' || known.has(name)) continue;
    faults.push({ pointer, code: 'dangling_reference', detail: `${to} have no ${brief(name)}` });
  }
}

/** Every tier needs a multiplier for every group. */
function matrixGaps(content: unknown, faults: Faults): void {
  const matrix = isObject(content) ? ownMember(content, 'tierMultipliers') : undefined;
  const [tiers, groups] = [ids(content, 'tiers'), ids(content, 'groups')];
  if (!isObject(matrix) || !tiers || !groups || tiers.size > MAX_TIERS || groups.size > MAX_GROUPS) return;
  for (const tier of tiers) {
    const pointer = within('/tierMultipliers', tier);
    const row = ownMember(matrix, tier);
    if (row === undefined) {
      faults.push({ pointer, code: 'incomplete_matrix', detail: `tier ${brief(tier)} has no multipliers` });
    } else if (isObject(row)) rowGaps(row, tier, pointer, groups, faults);
  }
}

function rowGaps(
  row: Readonly<Record<string, unknown>>,
  tier: string,
  pointer: string,
  groups: ReadonlySet<string>,
  faults: Faults,
): void {
  for (const group of groups) {
    if (faults.areEnough) return;
    if (ownMember(row, group) !== undefined) continue;
    const detail = `tier ${brief(tier)} has no multiplier for ${brief(group)}`;
    faults.push({ pointer: within(pointer, group), code: 'incomplete_matrix', detail });
  }
}

function missingCreditRate(content: unknown, faults: Faults): void {
  const plans = select(content, 'plans/*').length > 0;
  const known = select(content, 'creditsPerUnit').length > 0;
  if (plans && !known) faults.push({ pointer: '/creditsPerUnit', code: 'required', detail: 'plans grant credits' });
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
