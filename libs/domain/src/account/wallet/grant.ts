import type { Decimal } from '../../amount/decimal';
import { add, isPositive, min, subtract, toText } from '../../amount/decimal';
import type { PublishedRulebook, Rulebook } from '../../rulebook/rulebook';
import { formatInstant } from '../../time/instant';
import type { Account } from '../account';
import { circumstances, repeatOf, unknownAccount } from '../command';
import type { CommandTime, Decision, Refused } from '../decision';
import { accepted, refused } from '../decision';
import { poolsAfter } from '../subscription/pools-after';
import { starterExpiry } from '../standing/open';

export interface Grant {
  readonly grantId: string;
  /** In the wallet's currency, more than zero; null claims the starter grant. */
  readonly amount: Decimal | null;
  readonly reason: string;
  /** Milliseconds since 1970; null for never, or for what the starter grant says. */
  readonly expiresAt: number | null;
  readonly digest: string;
  readonly time: CommandTime;
}

/**
 * Gives credit: an amount, or the starter grant that is claimed once by its reason and no amount. It settles what the account
 * owes first. Refused with `already_claimed`, or `invalid_request` when it claims nothing or has expired already.
 */
export function grantCredit(
  account: Account | undefined,
  grant: Grant,
  rulebooks: readonly PublishedRulebook[],
): Decision {
  if (account === undefined) return unknownAccount;
  const repeat = repeatOf(account, 'grant', grant.grantId, grant.digest);
  if (repeat !== undefined) return repeat;
  const when = circumstances(account, grant.time, rulebooks);
  if (when.kind === 'refused') return when;
  const { atMs, occurredAt, version } = when;
  const terms =
    grant.amount === null ? claimed(account, grant, version.rulebook, atMs) : given(grant, grant.amount, atMs);
  if (terms.kind === 'refused') return terms;

  const settled = min(terms.amount, account.receivable);
  return accepted({
    type: 'CreditGranted',
    occurredAt,
    rulebook: version.version,
    grantId: grant.grantId,
    currency: account.currency,
    amount: toText(terms.amount),
    reason: grant.reason,
    expiresAt: terms.expiresAt,
    starter: grant.amount === null,
    lot: account.lots.length,
    settled: toText(settled),
    wallet: toText(subtract(add(account.wallet, terms.amount), settled)),
    receivable: toText(subtract(account.receivable, settled)),
    ...poolsAfter(account),
    digest: grant.digest,
  });
}

interface Terms {
  readonly kind: 'terms';
  readonly amount: Decimal;
  readonly expiresAt: string | null;
}

function given({ expiresAt }: Grant, amount: Decimal, atMs: number): Terms | Refused {
  if (!isPositive(amount)) return refused('invalid_request', 'A grant is more than nothing.');
  if (expiresAt !== null && expiresAt <= atMs) return refused('invalid_request', 'The grant has expired already.');
  return { kind: 'terms', amount, expiresAt: expiresAt === null ? null : formatInstant(expiresAt) };
}

function claimed(account: Account, { reason, expiresAt }: Grant, rulebook: Rulebook, atMs: number): Terms | Refused {
  const starter = rulebook.starterGrant;
  if (starter?.reason !== reason) return refused('invalid_request', `Nothing is claimed with the reason ${reason}.`);
  if (account.starterGranted) return refused('already_claimed', 'The starter grant is given once.');
  if (starter.automatic) return refused('invalid_request', 'The starter grant is given at the opening only.');
  if (expiresAt !== null) return refused('invalid_request', 'The rulebook says when the starter grant expires.');
  return { kind: 'terms', amount: starter.amount, expiresAt: starterExpiry(starter, atMs) };
}
