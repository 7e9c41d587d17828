import type { ChargedFactor, Factor, FactorName } from './events';

/** What a charge says of itself elsewhere. */
export interface ChargedFor {
  readonly tier: string;
  readonly group: string;
  readonly channel?: string | null | undefined;
}

/** The factor without a source that the charge already names. */
export function toChargedFactor(factor: Factor, charge: ChargedFor): ChargedFactor {
  const [name, value, source] = factor;
  return source === impliedSource(name, charge) ? [name, value] : factor;
}

/** Where a factor came from, said or implied. */
export function sourceOf([name, , source]: ChargedFactor, charge: ChargedFor): string {
  return source ?? impliedSource(name, charge) ?? '';
}

function impliedSource(name: FactorName, { tier, group, channel }: ChargedFor): string | undefined {
  switch (name) {
    case 'tierMultiplier':
      return `${tier}/${group}`;
    case 'tierDiscount':
      return tier;
    case 'groupMultiplier':
      return group;
    case 'channelDiscount':
      return channel ?? undefined;
    case 'customMultiplier':
      return 'account';
    case 'field':
    case 'window':
      return undefined;
  }
}
