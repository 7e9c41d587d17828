import type { Decimal } from '../../amount/decimal';
import { compare, isPositive, subtract, toText } from '../../amount/decimal';
import type { PublishedRulebook } from '../../rulebook/rulebook';
import type { Account } from '../account';
import { circumstances, repeatOf, unknownAccount } from '../command';
import type { CommandTime, Decision } from '../decision';
import { accepted, refused } from '../decision';
import { poolsAfter } from '../subscription/pools-after';

export interface WriteOff {
  readonly writeOffId: string;
  /** In the wallet's currency, more than zero. */
  readonly amount: Decimal;
  readonly reason: string;
  readonly digest: string;
  readonly time: CommandTime;
}

/** Gives up a part of what an account owes: it will never be paid. Refused with `exceeds_receivable` beyond what is owed. */
export function writeOff(
  account: Account | undefined,
  { writeOffId, amount, reason, digest, time }: WriteOff,
  rulebooks: readonly PublishedRulebook[],
): Decision {
  if (account === undefined) return unknownAccount;
  const repeat = repeatOf(account, 'write-off', writeOffId, digest);
  if (repeat !== undefined) return repeat;
  const when = circumstances(account, time, rulebooks);
  if (when.kind === 'refused') return when;
  if (!isPositive(amount)) return refused('invalid_request', 'A write-off is more than nothing.');
  if (compare(amount, account.receivable) > 0) {
    return refused('exceeds_receivable', `The account owes ${toText(account.receivable)} ${account.currency}.`);
  }
  return accepted({
    type: 'ReceivableWrittenOff',
    occurredAt: when.occurredAt,
    rulebook: when.version.version,
    writeOffId,
    currency: account.currency,
    amount: toText(amount),
    reason,
    wallet: toText(account.wallet),
    receivable: toText(subtract(account.receivable, amount)),
    ...poolsAfter(account),
    digest,
  });
}
