import { add, decimal, toText, zero, type Decimal } from '@meterbook/domain/amount/decimal';

interface Leg {
  readonly ledgerAccount: string;
  readonly commodity: string;
  readonly amount: string;
}

interface Balances {
  readonly wallet: string;
  readonly receivable: string;
}

/** An entry as it is told now, or as release 0.1.0 told it: balances beside the legs, and a batch of charges as one. */
interface Entry extends Partial<Balances> {
  readonly revision?: number | null;
  readonly occurredAt: string;
  readonly legs: readonly Leg[];
  readonly balances?: Balances;
}

interface Told {
  readonly legs: ReadonlyMap<string, Decimal>;
  readonly wallet: string | undefined;
  readonly receivable: string | undefined;
}

/**
 * What a statement's entries say whichever release tells them: of each stored event that has legs, and of each instant at which
 * something expired, the legs added up and the balances after it.
 */
export function whatEntriesSay(entries: readonly Entry[]): unknown {
  const told = new Map<string, Told>();
  for (const { revision, occurredAt, legs, balances, wallet, receivable } of entries) {
    if (legs.length === 0) continue;
    const name = typeof revision === 'number' ? `event ${revision}` : `derived ${occurredAt}`;
    told.set(name, {
      legs: added(told.get(name)?.legs, legs),
      wallet: balances?.wallet ?? wallet,
      receivable: balances?.receivable ?? receivable,
    });
  }
  return [...told].map(([name, { legs, ...after }]) => ({
    name,
    ...after,
    legs: Object.fromEntries([...legs].map(([line, amount]): [string, string] => [line, toText(amount)]).sort()),
  }));
}

function added(before: ReadonlyMap<string, Decimal> | undefined, legs: readonly Leg[]): ReadonlyMap<string, Decimal> {
  const sums = new Map(before);
  for (const { ledgerAccount, commodity, amount } of legs) {
    const line = `${ledgerAccount} ${commodity}`;
    sums.set(line, add(sums.get(line) ?? zero, decimal(amount)));
  }
  return sums;
}
