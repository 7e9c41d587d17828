import type { Decimal } from '../amount/decimal';
import { add, decimal, isZero, min, subtract, toText, zero } from '../amount/decimal';
import { formatInstant, instantMs } from '../time/instant';
import type { Account } from './account';
import type { AccountEvent, LotAmount, UsageCharged, UsageReversed } from './events';
import { apply, opened } from './fold';
import { takeFromLot } from './wallet/lots';
import { giveBack } from './charging/reverse';

export interface AccountEntry {
  readonly event: AccountEvent;
  readonly revision: number;
}

/**
 * The account as of a past instant of business time: what had occurred by then, folded in stream order; undefined before its
 * opening. Usage may be booked out of its order, so that a draw can be on money which was not there yet: that shows as owed.
 */
export function accountAsOf(entries: Iterable<AccountEntry>, asOfMs: number): Account | undefined {
  const fold = new PastAccount(formatInstant(asOfMs));
  for (const { event, revision } of entries) fold.add(event, revision);
  return fold.account;
}

/**
 * Stored instants are texts of one width, so they compare as texts. Commands occur in stream order, so the ones that count
 * are the first ones; charges count wherever they stand. Lots are numbered anew, since some of them are not there yet.
 */
class PastAccount {
  account: Account | undefined;
  /** The stream's number of a lot → its number here. */
  private readonly lots = new Map<number, number>();

  constructor(private readonly asOf: string) {}

  add(event: AccountEvent, revision: number): void {
    if (event.type === 'UsageCharged') {
      if (this.account !== undefined) this.addCharges(this.account, event, revision);
    } else if (event.occurredAt > this.asOf) {
      return;
    } else if (event.type === 'AccountOpened') {
      this.account = opened(event, revision);
    } else if (this.account !== undefined) {
      const past = this.asItWas(this.account, event);
      if (past !== undefined) apply(this.account, past, revision);
    }
  }

  private addCharges(account: Account, event: UsageCharged, revision: number): void {
    for (const charge of event.charges) {
      if (charge.occurredAt > this.asOf) continue;
      let owed = charge.owed === undefined ? zero : decimal(charge.owed);
      for (const [lot, text] of charge.lots ?? []) {
        const amount = decimal(text);
        owed = add(owed, subtract(amount, this.draw(account, lot, amount)));
      }
      account.receivable = add(account.receivable, owed);
      account.charges++;
      account.revision = revision;
    }
  }

  /** Draws on a lot as far as it is there, and says how far. */
  private draw(account: Account, streamLot: number, amount: Decimal): Decimal {
    const number = this.lots.get(streamLot);
    const lot = number === undefined ? undefined : account.lots[number];
    if (lot === undefined) return zero;
    const drawn = min(amount, lot.left);
    takeFromLot(account, lot.lot, drawn);
    return drawn;
  }

  /** A command's event as it would read had only what had occurred by then been booked; undefined where it undid what had not. */
  private asItWas(account: Account, event: Exclude<AccountEvent, UsageCharged | { type: 'AccountOpened' }>) {
    switch (event.type) {
      case 'WalletRecharged':
        return {
          ...event,
          lot: this.lotHere(account, event.lot),
          settled: leastOf(event.credited, account.receivable),
        };
      case 'CreditGranted':
        return { ...event, lot: this.lotHere(account, event.lot), settled: leastOf(event.amount, account.receivable) };
      case 'AccountSettingsChanged':
        return { ...event, settled: this.settledHere(account, event.settled) };
      case 'UsageReversed':
        return event.chargeOccurredAt > this.asOf ? undefined : this.reversedHere(account, event);
      case 'TierChanged':
      case 'ApiKeyIssued':
      case 'ApiKeyChanged':
      case 'ApiKeyRevoked':
        return event;
    }
  }

  private lotHere(account: Account, streamLot: number): number {
    this.lots.set(streamLot, account.lots.length);
    return account.lots.length;
  }

  /** What a settlement paid, where less may have been owed. */
  private settledHere(account: Account, settled: readonly LotAmount[]): LotAmount[] {
    const here: LotAmount[] = [];
    let owed = account.receivable;
    for (const [lot, amount] of settled) {
      const number = this.lots.get(lot);
      const part = min(decimal(amount), owed);
      if (number === undefined || isZero(part)) continue;
      here.push([number, toText(part)]);
      owed = subtract(owed, part);
    }
    return here;
  }

  private reversedHere(account: Account, event: UsageReversed): UsageReversed {
    const { granted } = event;
    const settledBack = granted === null ? zero : decimal(granted.settledBack);
    const spent = {
      lots: event.lots.map(([lot, amount]): LotAmount => [this.lots.get(lot) ?? -1, amount]),
      expired: granted === null ? zero : decimal(granted.promoted),
      owed: add(decimal(event.forgiven), settledBack),
    };
    const here = { ...event, ...giveBack(account, spent, instantMs(event.occurredAt)) };
    if (granted !== null && here.granted !== null) this.lots.set(granted.lot, here.granted.lot);
    return here;
  }
}

function leastOf(amount: string, owed: Decimal): string {
  return toText(min(decimal(amount), owed));
}
