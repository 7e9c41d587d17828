import type { Account } from '@meterbook/domain/account/account';
import { tierAt } from '@meterbook/domain/account/standing/tier-at';
import { versionInForce, type PublishedRulebook } from '@meterbook/domain/rulebook/rulebook';
import { tierOf } from '@meterbook/domain/rulebook/tiers';

/** Whether an account's tier has webhooks at an instant, milliseconds since 1970; undefined where no rulebook is in force. */
export function hasWebhooks(
  account: Account,
  versions: readonly PublishedRulebook[],
  atMs: number,
): boolean | undefined {
  const rulebook = versionInForce(versions, atMs)?.rulebook;
  return rulebook && tierOf(rulebook, tierAt(account, rulebook, atMs)).webhooks;
}
