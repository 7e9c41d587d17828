import { explainLapse } from '@meterbook/domain/account/explained/explain-derived';
import { explainCharge, explainEvent } from '@meterbook/domain/account/explained/explain-event';
import type { Explained } from '@meterbook/domain/account/explained/explained';
import { zero, type Decimal } from '@meterbook/domain/amount/decimal';
import { walletOf, type Posting } from '@meterbook/domain/entries/legs';
import { backupOf, mainOf } from '@meterbook/domain/entries/subscription-legs';
import type { StatementEntry } from '../statement/statement-fold';

/** What an entry of an account was: down to its formula, and for a customer. An entry whose numbers cannot be is told as such. */
export function explainEntry(
  { booked, legs }: Pick<StatementEntry, 'booked' | 'legs'>,
  account: string,
  currency: string,
): Explained {
  try {
    if (!booked) return explainLapse(lapsedIn(legs, account), currency);
    const { event, charge } = booked;
    return charge && event.type === 'UsageCharged' ? explainCharge(charge, event.currency) : explainEvent(event);
  } catch (error) {
    // The balances beside it hold: whoever reads the rest of the statement is not kept from it.
    const why = error instanceof Error ? error.message : String(error);
    return { formula: null, sentence: `It cannot be explained, since it makes no sense: ${why}.` };
  }
}

/** What lapsed is debited to what held it. */
function lapsedIn(legs: readonly Posting[], account: string): { wallet: Decimal; main: Decimal; backup: Decimal } {
  const on = (line: string): Decimal => legs.find(({ ledgerAccount }) => ledgerAccount === line)?.amount ?? zero;
  return { wallet: on(walletOf(account)), main: on(mainOf(account)), backup: on(backupOf(account)) };
}
