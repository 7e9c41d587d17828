import type { Choices } from '../choices';
import { written, exactNumber } from '../exact-number';
import { LeftOut, type Findings } from '../findings';
import { membersOf } from '../json-value';
import type { Content } from '../model-content';
import type { Named, Settings } from './settings';

/**
 * Groups with their ratios as multipliers. Where users of one group pay another ratio in a second one, each group of users becomes a
 * tier, and a matrix says what each pays where.
 */
export function groupSections(
  { groupRatio, groupGroupRatio }: Settings,
  choices: Choices,
  findings: Findings,
): Content {
  const ratios = numbers(groupRatio, 'GroupRatio', findings);
  if (ratios.size === 0) return {};
  if (!ratios.has(choices.group)) ratios.set(choices.group, '1');
  const groups = [...ratios].map(([id, multiplier]) => ({ id, multiplier }));
  const special = [...groupGroupRatio].flatMap(([user, told]) => {
    const own = numbers(membersOf(told) ?? new Map(), `GroupGroupRatio of ${user}`, findings);
    const known = new Map([...own].filter(([group]) => ratios.has(group)));
    return ratios.has(user) && known.size > 0 ? [[user, known] as const] : [];
  });
  if (special.length === 0) return { groups };
  const ofUser = new Map(special);
  const tiers = [choices.tier, ...[...ratios.keys()].filter((group) => group !== choices.tier)];
  const matrix = tiers.map((tier) => {
    const row = [...ratios].map(([group, ratio]) => [group, ofUser.get(tier)?.get(group) ?? ratio]);
    return [tier, Object.fromEntries(row) as unknown];
  });
  return {
    tiers: tiers.map((id, index) => ({ id, rank: index + 1 })),
    groups,
    tierMultipliers: Object.fromEntries(matrix) as unknown,
  };
}

function numbers(named: Named, name: string, findings: Findings): Map<string, string> {
  const found = new Map<string, string>();
  for (const [group, value] of named) {
    try {
      found.set(group, written(exactNumber(value, `${name} of ${group}`), group).text);
    } catch (error) {
      if (!(error instanceof LeftOut)) throw error;
      findings.warnings.push(`a group is left out: ${error.detail}`);
    }
  }
  return found;
}
