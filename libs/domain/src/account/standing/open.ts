import type { Decimal } from '../../amount/decimal';
import { toText, zero } from '../../amount/decimal';
import type { PublishedRulebook, StarterGrant } from '../../rulebook/rulebook';
import { formatInstant } from '../../time/instant';
import type { Account } from '../account';
import type { Circumstances } from '../command';
import { circumstances } from '../command';
import type { CommandTime, Decision } from '../decision';
import { alreadySo } from '../decision';
import type { AccountEvent } from '../events';

const DAY_MS = 86_400_000;

/** What an opening writes, and the balance and number of lots it leaves. */
export interface Opening {
  readonly events: readonly AccountEvent[];
  readonly wallet: Decimal;
  readonly lots: number;
}

/** Opens an account, with the starter grant where the rulebook gives it by itself. One that is open stays as it is. Refused for its time only, or with `no_rulebook`. */
export function openAccount(
  account: Account | undefined,
  time: CommandTime,
  rulebooks: readonly PublishedRulebook[],
): Decision {
  if (account !== undefined) return alreadySo;
  const when = circumstances(account, time, rulebooks);
  if (when.kind === 'refused') return when;
  return { kind: 'accepted', events: opening(when).events };
}

/** The events that open an account under the rules of an instant. */
export function opening({ atMs, occurredAt, version }: Circumstances): Opening {
  const { currency, starterGrant } = version.rulebook;
  const openedEvent: AccountEvent = { type: 'AccountOpened', occurredAt, currency };
  if (starterGrant?.automatic !== true) return { events: [openedEvent], wallet: zero, lots: 0 };
  const amount = toText(starterGrant.amount);
  const granted: AccountEvent = {
    type: 'CreditGranted',
    occurredAt,
    rulebook: version.version,
    grantId: null,
    currency,
    amount,
    reason: starterGrant.reason,
    expiresAt: starterExpiry(starterGrant, atMs),
    starter: true,
    lot: 0,
    settled: '0',
    wallet: amount,
    receivable: '0',
    digest: null,
  };
  return { events: [openedEvent, granted], wallet: starterGrant.amount, lots: 1 };
}

/** When a starter grant that is given at an instant expires; null for never. */
export function starterExpiry({ expiresAfterDays }: StarterGrant, atMs: number): string | null {
  return expiresAfterDays === null ? null : formatInstant(atMs + expiresAfterDays * DAY_MS);
}
