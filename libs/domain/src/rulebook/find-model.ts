import { glob, isGlob, type Glob } from './glob';
import type { Model, Rulebook } from './rulebook';

/** Names of one rulebook whose model is remembered; whoever asks for ever new ones only makes it forget. */
export const MAX_REMEMBERED_NAMES = 10_000;
/** Longest name that is remembered, in characters; a longer one is looked for anew each time. */
export const MAX_REMEMBERED_LENGTH = 256;

interface Catalogue {
  readonly exact: ReadonlyMap<string, number>;
  readonly globs: readonly (readonly [index: number, matches: Glob])[];
  readonly remembered: Map<string, Model | undefined>;
}

const catalogues = new WeakMap<Rulebook, Catalogue>();

/** The first model of the list, by exact id or `*` glob, that a name means; undefined where there is none. */
export function findModel(rulebook: Rulebook, name: string): Model | undefined {
  const catalogue = catalogueOf(rulebook);
  const remembered = catalogue.remembered.get(name);
  if (remembered !== undefined || catalogue.remembered.has(name)) return remembered;
  const exact = catalogue.exact.get(name) ?? Infinity;
  const [wild = Infinity] = catalogue.globs.find(([index, matches]) => index < exact && matches(name)) ?? [];
  const model = rulebook.models[Math.min(exact, wild)];
  if (name.length <= MAX_REMEMBERED_LENGTH) {
    if (catalogue.remembered.size >= MAX_REMEMBERED_NAMES) catalogue.remembered.clear();
    catalogue.remembered.set(name, model);
  }
  return model;
}

function catalogueOf(rulebook: Rulebook): Catalogue {
  let catalogue = catalogues.get(rulebook);
  if (catalogue === undefined) {
    const indexed = rulebook.models.map(({ id }, index) => [id, index] as const);
    catalogue = {
      exact: new Map(indexed.filter(([id]) => !isGlob(id))),
      globs: indexed.filter(([id]) => isGlob(id)).map(([id, index]) => [index, glob(id)]),
      remembered: new Map(),
    };
    catalogues.set(rulebook, catalogue);
  }
  return catalogue;
}
