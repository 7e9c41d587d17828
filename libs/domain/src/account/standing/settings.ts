import { compare, isNegative, negate, one, parseDecimal, subtract, toText, zero } from '../../amount/decimal';
import type { PublishedRulebook } from '../../rulebook/rulebook';
import type { Account, Standing } from '../account';
import { circumstances, unknownAccount } from '../command';
import type { CommandTime, Decision } from '../decision';
import { accepted, alreadySo, refused } from '../decision';
import { poolsAfter } from '../subscription/pools-after';
import type { Limits, SettingsChange } from './events';
import { planDraw } from '../wallet/lots';

export interface Settings {
  readonly change: SettingsChange;
  readonly time: CommandTime;
}

const minusOne = negate(one);

/**
 * Changes an account's settings; what changes nothing is accepted whatever its time. Turning pay-as-you-go on settles what
 * is owed from the lots that have not expired. Refused with `unknown_tier` for a pin, `invalid_request` for a multiplier
 * below zero.
 */
export function changeSettings(
  account: Account | undefined,
  { change, time }: Settings,
  rulebooks: readonly PublishedRulebook[],
): Decision {
  if (account === undefined) return unknownAccount;
  const changed = whatChanges(account.standing, change);
  if (Object.keys(changed).length === 0) return alreadySo;
  const when = circumstances(account, time, rulebooks);
  if (when.kind === 'refused') return when;
  const { customMultiplier, tier } = changed;
  if (typeof customMultiplier === 'string' && isNegative(parseDecimal(customMultiplier) ?? minusOne)) {
    return refused('invalid_request', 'A custom multiplier is a decimal of zero or more.');
  }
  if (typeof tier === 'string' && !when.version.rulebook.tiers.some(({ id }) => id === tier)) {
    return refused('unknown_tier', `${tier} is no tier of the rulebook in force.`);
  }
  const owed = changed.payAsYouGo === true ? account.receivable : zero;
  const { lots, drawn } = planDraw(account.burnOrder, owed, when.atMs);
  return accepted({
    type: 'AccountSettingsChanged',
    occurredAt: when.occurredAt,
    changed,
    currency: account.currency,
    settled: lots,
    wallet: toText(subtract(account.wallet, drawn)),
    receivable: toText(subtract(account.receivable, drawn)),
    ...poolsAfter(account),
  });
}

/** What of a change is one, in a fixed order of keys. */
function whatChanges(standing: Standing, change: SettingsChange): SettingsChange {
  const { payAsYouGo, customMultiplier, limits, suspended, tier } = change;
  return {
    ...(payAsYouGo !== undefined && payAsYouGo !== (standing.payAsYouGo ?? false) && { payAsYouGo }),
    ...(customMultiplier !== undefined && !isMultiplierOf(standing, customMultiplier) && { customMultiplier }),
    ...(limits !== undefined && !sameLimits(limits, standing.limits) && { limits: tidy(limits) }),
    ...(suspended !== undefined && suspended !== standing.suspended && { suspended }),
    ...(tier !== undefined && tier !== standing.pinnedTier && { tier }),
  };
}

function isMultiplierOf(standing: Standing, multiplier: string | null): boolean {
  if (multiplier === null) return standing.customMultiplier === null;
  if (standing.customMultiplier === null) return false;
  const asked = parseDecimal(multiplier);
  return asked !== undefined && compare(asked, standing.customMultiplier) === 0;
}

function sameLimits(a: Limits | null, b: Limits | null): boolean {
  if (a === null || b === null) return a === b;
  return a.requestsPerMinute === b.requestsPerMinute && a.requestsPerDay === b.requestsPerDay;
}

function tidy(limits: Limits | null): Limits | null {
  if (limits === null) return null;
  const { requestsPerMinute, requestsPerDay } = limits;
  return {
    ...(requestsPerMinute !== undefined && { requestsPerMinute }),
    ...(requestsPerDay !== undefined && { requestsPerDay }),
  };
}
