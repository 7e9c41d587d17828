import { readRulebook } from '../../rulebook/read-rulebook';
import type { PublishedRulebook } from '../../rulebook/rulebook';
import type { NaiveVersion } from './rules';

/** The rules as the domain reads them. */
export function published({ version, from, rules }: NaiveVersion): PublishedRulebook {
  const read = readRulebook({ platform: 'harbour', ...rules });
  if (read.kind === 'invalid') throw new Error(JSON.stringify(read.faults));
  return { version, effectiveFrom: from, sha256: '0'.repeat(64), rulebook: read.rulebook };
}

/** What the naive books say has to be what the domain says; the domain may say more. The error tells the story. */
export function hold(naive: unknown, domain: unknown, story: () => readonly unknown[], part = only): void {
  const said = part(naive, domain);
  if (same(said, naive)) return;
  const lines = [...story(), 'The domain says', domain, 'and the naive books', naive];
  throw new Error(lines.map((line) => JSON.stringify(line)).join('\n'));
}

/** All that the domain says. */
export const exactly = (_: unknown, domain: unknown): unknown => domain;

/** Of what the domain says that which the naive books say too. */
function only(naive: unknown, domain: unknown): unknown {
  if (Array.isArray(naive) && Array.isArray(domain)) {
    return domain.map((each: unknown, index) => only(naive[index], each));
  }
  if (typeof naive !== 'object' || naive === null || typeof domain !== 'object' || domain === null) return domain;
  const entries = Object.keys(naive).map((name): [string, unknown] => [
    name,
    only(naive[name as keyof typeof naive], domain[name as keyof typeof domain]),
  ]);
  return Object.fromEntries(entries);
}

/** Whether two plain values are alike in every member, one that is absent and one that is undefined told apart. */
function same(one: unknown, other: unknown): boolean {
  if (typeof one !== 'object' || one === null || typeof other !== 'object' || other === null)
    return Object.is(one, other);
  const names = Object.keys(one);
  return (
    Array.isArray(one) === Array.isArray(other) &&
    names.length === Object.keys(other).length &&
    names.every(
      (name) => Object.hasOwn(other, name) && same(one[name as keyof typeof one], other[name as keyof typeof other]),
    )
  );
}
