import type { Account } from '@meterbook/domain/account/account';
import { runningPeriod } from '@meterbook/domain/account/subscription/periods';
import { isPositive, type Decimal } from '@meterbook/domain/amount/decimal';

const DAY_MS = 86_400_000;
/** How soon an account is looked at again of which something is held: holds expire and are given back, milliseconds. */
const HELD_LOOK_MS = 60_000;

/**
 * When time alone may change what is available of an account after an instant, milliseconds since 1970: credit expires, a period
 * ends or begins, a cap of a day begins anew, a hold ends. Null where nothing does.
 */
export function nextChange(account: Account, held: Decimal, nowMs: number): number | null {
  const instants = account.lots.flatMap(({ left, expiresAt }) => (isPositive(left) ? (expiresAt ?? []) : []));
  for (const { from, to } of account.subscription?.timeline ?? []) instants.push(from, to);
  const period = runningPeriod(account.subscription, nowMs);
  if (period && (period.dailyCap !== null || period.weeklyCap !== null))
    instants.push((Math.floor(nowMs / DAY_MS) + 1) * DAY_MS);
  if (isPositive(held)) instants.push(nowMs + HELD_LOOK_MS);
  const next = instants
    .filter((instant) => instant > nowMs)
    .reduce((least, instant) => Math.min(least, instant), Infinity);
  return Number.isFinite(next) ? next : null;
}
