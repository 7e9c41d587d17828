import * as fc from 'fast-check';
import type { NaiveRules } from './rules';
import { dayMs } from './rules';
import { storyStart } from './tell';

/** Some platforms have no rules yet when a story begins. */
const firsts = fc.constantFrom(-100 * dayMs, -100 * dayMs, -100 * dayMs, -dayMs, 1);

interface Version<Rules> {
  readonly version: number;
  readonly from: number;
  readonly rules: Rules;
}

/** One version of the rules to three, the later ones around the beginning of a story. */
export function versionsOf<Rules extends NaiveRules>(
  rules: fc.Arbitrary<Rules>,
): fc.Arbitrary<readonly Version<Rules>[]> {
  const all = fc.array(fc.tuple(rules, fc.constantFrom(0, 1, dayMs, 2 * dayMs + 1, 5 * dayMs)), {
    minLength: 1,
    maxLength: 3,
  });
  return fc.tuple(firsts, all).map(([first, each]) =>
    each.map(([content, wait], index) => ({
      version: index + 1,
      from: storyStart + (index === 0 ? first : wait),
      rules: content,
    })),
  );
}
