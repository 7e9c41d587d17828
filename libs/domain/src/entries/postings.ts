import type { Decimal } from '../amount/decimal';
import { add, decimal, negate, subtract, zero } from '../amount/decimal';
import type { AccountEvent } from '../account/events';
import type { Charge, UsageReversed } from '../account/charging/events';
import type { DisputeClosed, RechargeRefunded } from '../account/payments/events';
import type { CreditGranted, LotAmount, WalletRecharged } from '../account/wallet/events';
import type { Posting } from './legs';
import { legs, receivableOf, walletOf } from './legs';
import { drawLegs, periodLegs, regainLegs, switchLegs } from './subscription-legs';

/** The entry of an event: legs that sum to zero per commodity, one per ledger account and commodity. Many events have none. */
export function postingsOf(event: AccountEvent, account: string): readonly Posting[] {
  if (!('wallet' in event)) return [];
  switch (event.type) {
    case 'AccountSettingsChanged': {
      const settled = sumOf(event.settled);
      return legs(event.currency, [
        [walletOf(account), settled],
        [receivableOf(account), negate(settled)],
      ]);
    }
    case 'WalletRecharged':
      return rechargeLegs(event, account);
    case 'RechargeDisputed':
      return [];
    case 'RechargeRefunded':
      return refundLegs(event, account);
    case 'DisputeClosed':
      return event.outcome === 'won' ? wonLegs(event, account) : lostLegs(event, account);
    case 'ReceivableWrittenOff':
      return legs(event.currency, [
        ['expenses:bad-debt', decimal(event.amount)],
        [receivableOf(account), negate(decimal(event.amount))],
      ]);
    case 'CreditGranted':
      return grantLegs(event, account);
    case 'SubscriptionStarted':
    case 'SubscriptionRenewed':
      return periodLegs(event, account);
    case 'PlanSwitched':
      return switchLegs(event, account);
    case 'UsageCharged':
      return chargeLegs(event.charges, event.currency, account);
    case 'UsageReversed':
      return reversalLegs(event, account);
  }
}

/** The legs of one charge of a batch; none where it cost nothing. Those of all its charges come to `postingsOf`. */
export function postingsOfCharge(charge: Charge, currency: string, account: string): readonly Posting[] {
  return chargeLegs([charge], currency, account);
}

/** The legs of one occurrence: of a batch of charges each is one. */
export interface Entry {
  /** As the event says it: RFC 3339, UTC. */
  readonly occurredAt: string;
  /** The charge of the batch that it is; null for all else. */
  readonly charge: Charge | null;
  readonly legs: readonly Posting[];
}

/**
 * The entry of an event by what occurred when: its charges one by one, each at its own instant, all else at the event's. Taken
 * together the legs are `postingsOf`. What has no legs is not told.
 */
export function entriesOf(event: AccountEvent, account: string): readonly Entry[] {
  if (event.type !== 'UsageCharged') {
    const legs = postingsOf(event, account);
    return legs.length === 0 ? [] : [{ occurredAt: event.occurredAt, charge: null, legs }];
  }
  return event.charges
    .map((charge) => ({
      occurredAt: charge.occurredAt,
      charge,
      legs: postingsOfCharge(charge, event.currency, account),
    }))
    .filter(({ legs }) => legs.length > 0);
}

/** The order of the legs in an answer: by ledger account, then by commodity, each by code point. */
export function inLedgerOrder(postings: readonly Posting[]): readonly Posting[] {
  return [...postings].sort((a, b) =>
    a.ledgerAccount === b.ledgerAccount
      ? compareTexts(a.commodity, b.commodity)
      : compareTexts(a.ledgerAccount, b.ledgerAccount),
  );
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * What time alone takes from a wallet: the rest of a grant that has expired was no promotion after all. Derived whenever it is
 * asked about, and never booked. A negative amount is what came back.
 */
export function expiryLegs(expired: Decimal, currency: string, account: string): readonly Posting[] {
  return legs(currency, [
    [walletOf(account), expired],
    ['expenses:promotions', negate(expired)],
  ]);
}

function rechargeLegs({ provider, currency, credited, paid, settled }: WalletRecharged, account: string): Posting[] {
  const amount = decimal(credited);
  const cash = `assets:cash:${provider}`;
  const walletSide: [string, Decimal][] = [
    [receivableOf(account), negate(decimal(settled))],
    [walletOf(account), subtract(decimal(settled), amount)],
  ];
  if (paid.currency === currency) return legs(currency, [[cash, amount], ...walletSide]);
  const payment = decimal(paid.amount);
  return [
    ...legs(paid.currency, [
      [cash, payment],
      ['equity:fx', negate(payment)],
    ]),
    ...legs(currency, [['equity:fx', amount], ...walletSide]),
  ];
}

/** Cash of a provider that leaves in the currency paid, and what stands against it in the wallet's; a foreign payment is mirrored through `equity:fx`. */
function cashOutLegs(
  provider: string,
  { paid, paidCurrency, amount, currency }: CashOut,
  against: readonly (readonly [ledgerAccount: string, amount: Decimal])[],
): Posting[] {
  const cash = `assets:cash:${provider}`;
  if (paidCurrency === currency) return legs(currency, [...against, [cash, negate(amount)]]);
  return [
    ...legs(paidCurrency, [
      [cash, negate(paid)],
      ['equity:fx', paid],
    ]),
    ...legs(currency, [['equity:fx', negate(amount)], ...against]),
  ];
}

/** The same money in the currency paid and in the wallet's. */
interface CashOut {
  readonly paid: Decimal;
  readonly paidCurrency: string;
  readonly amount: Decimal;
  readonly currency: string;
}

function refundLegs({ provider, currency, refunded, paidBack }: RechargeRefunded, account: string): Posting[] {
  const amount = decimal(refunded);
  const cash = { paid: decimal(paidBack.amount), paidCurrency: paidBack.currency, amount, currency };
  return cashOutLegs(provider, cash, [[walletOf(account), amount]]);
}

function wonLegs({ currency, settled }: DisputeClosed, account: string): Posting[] {
  const amount = decimal(settled ?? '0');
  return legs(currency, [
    [receivableOf(account), negate(amount)],
    [walletOf(account), amount],
  ]);
}

function lostLegs(event: DisputeClosed, account: string): Posting[] {
  const { provider, currency, disputed, fee = { paid: '0', amount: '0' } } = event;
  const cash = {
    paid: add(decimal(disputed.amount), decimal(fee.paid)),
    paidCurrency: disputed.currency,
    amount: add(decimal(event.amount), decimal(fee.amount)),
    currency,
  };
  return cashOutLegs(provider, cash, [
    [walletOf(account), add(decimal(event.thawed), sumOf(event.lots ?? []))],
    [receivableOf(account), decimal(event.owed ?? '0')],
    ['expenses:disputes', decimal(fee.amount)],
  ]);
}

function grantLegs({ currency, amount, settled }: CreditGranted, account: string): Posting[] {
  return legs(currency, [
    ['expenses:promotions', decimal(amount)],
    [receivableOf(account), negate(decimal(settled))],
    [walletOf(account), subtract(decimal(settled), decimal(amount))],
  ]);
}

function chargeLegs(charges: readonly Charge[], currency: string, account: string): Posting[] {
  let wallet = zero;
  let owed = zero;
  for (const charge of charges) {
    if (charge.lots !== undefined) wallet = add(wallet, sumOf(charge.lots));
    if (charge.owed !== undefined) owed = add(owed, decimal(charge.owed));
  }
  const money = legs(currency, [
    [walletOf(account), wallet],
    [receivableOf(account), owed],
    ['revenue:usage', negate(add(wallet, owed))],
  ]);
  if (charges.every(({ credits }) => credits === undefined)) return money;
  return [
    ...money,
    ...drawLegs(
      charges.map(({ credits }) => credits),
      account,
    ),
  ];
}

const noneGranted = { settledBack: '0', promoted: '0', expired: '0' };

function reversalLegs(event: UsageReversed, account: string): Posting[] {
  const { currency, lots, forgiven, writtenOff = '0', settledFrom, credits } = event;
  const { settledBack, promoted: promotedText, expired = '0' } = event.granted ?? noneGranted;
  const promoted = decimal(promotedText);
  const settled = sumOf(settledFrom);
  const toWallet = add(sumOf(lots), add(decimal(settledBack), decimal(expired)));
  return [
    ...legs(currency, [
      ['revenue:usage', add(toWallet, add(decimal(forgiven), decimal(writtenOff)))],
      ['expenses:promotions', promoted],
      ['expenses:bad-debt', negate(decimal(writtenOff))],
      [receivableOf(account), negate(add(decimal(forgiven), settled))],
      [walletOf(account), subtract(settled, add(toWallet, promoted))],
    ]),
    ...regainLegs(credits, account),
  ];
}

function sumOf(lots: readonly LotAmount[]): Decimal {
  let sum = zero;
  for (const [, amount] of lots) sum = add(sum, decimal(amount));
  return sum;
}
