import type { Charge, UsageReversed } from '@meterbook/domain/account/charging/events';
import type { AccountEvent } from '@meterbook/domain/account/events';
import type { DisputeClosed } from '@meterbook/domain/account/payments/events';
import type {
  PlanSwitched,
  SubscriptionRenewed,
  SubscriptionStarted,
} from '@meterbook/domain/account/subscription/events';
import { money } from './amounts';
import type { Piece } from './pieces';

/** One leg of an entry; a debit is positive. */
export type Leg = readonly [ledgerAccount: string, commodity: string, amount: bigint];

type Moves = readonly (readonly [lot: number, amount: string])[];

const sum = (moves: Moves = []): bigint => moves.reduce((total, [, amount]) => total + money(amount), 0n);

/** The entry of what occurred, row by row of the specification's table: no line stands in it twice, and none with nothing. */
export function legsOf(piece: Piece): Leg[] {
  const lines = new Map<string, bigint>();
  for (const [ledgerAccount, commodity, amount] of allLegsOf(piece)) {
    const line = `${ledgerAccount} ${commodity}`;
    lines.set(line, (lines.get(line) ?? 0n) + amount);
  }
  return [...lines]
    .filter(([, amount]) => amount !== 0n)
    .map(([line, amount]): Leg => {
      const [ledgerAccount = '', commodity = ''] = line.split(' ');
      return [ledgerAccount, commodity, amount];
    });
}

function allLegsOf({ account, event, charge }: Piece): Leg[] {
  if (charge && 'charges' in event) return chargeLegs(charge, event.currency, account);
  return [
    ...moneyInLegs(event, account),
    ...moneyBackLegs(event, account),
    ...planLegs(event, account),
    ...(event.type === 'UsageReversed' ? reversalLegs(event, account) : []),
  ];
}

const walletOf = (account: string): string => `liabilities:wallet:${account}`;
const receivableOf = (account: string): string => `assets:receivable:${account}`;

/** What comes into the wallet; so much of it settles what is owed. */
function increase(account: string, currency: string, amount: bigint, settled: bigint): Leg[] {
  return [
    [receivableOf(account), currency, -settled],
    [walletOf(account), currency, settled - amount],
  ];
}

function chargeLegs({ lots, owed: text = '0', credits: drawn }: Charge, currency: string, account: string): Leg[] {
  const [paid, owed] = [sum(lots), money(text)];
  const [, main = '0', backup = '0'] = drawn ?? [];
  return [
    [walletOf(account), currency, paid],
    [receivableOf(account), currency, owed],
    ['revenue:usage', currency, -paid - owed],
    ...credits(account, money(main), money(backup), 'pools:consumed'),
  ];
}

function moneyInLegs(event: AccountEvent, account: string): Leg[] {
  if (event.type === 'AccountSettingsChanged') return increase(account, event.currency, 0n, sum(event.settled));
  if (event.type === 'WalletRecharged') {
    const { provider, currency, paid, credited, settled } = event;
    return [
      ...cash(provider, currency, paid, money(credited)),
      ...increase(account, currency, money(credited), money(settled)),
    ];
  }
  if (event.type !== 'CreditGranted') return [];
  const { currency, amount, settled } = event;
  return [
    ['expenses:promotions', currency, money(amount)],
    ...increase(account, currency, money(amount), money(settled)),
  ];
}

function moneyBackLegs(event: AccountEvent, account: string): Leg[] {
  if (event.type === 'RechargeRefunded') {
    const { provider, currency, paidBack, refunded } = event;
    const back = { amount: `-${paidBack.amount}`, currency: paidBack.currency };
    return [...cash(provider, currency, back, -money(refunded)), [walletOf(account), currency, money(refunded)]];
  }
  if (event.type === 'ReceivableWrittenOff')
    return [
      ['expenses:bad-debt', event.currency, money(event.amount)],
      [receivableOf(account), event.currency, -money(event.amount)],
    ];
  if (event.type !== 'DisputeClosed') return [];
  const { currency, outcome, settled = '0', thawed, lots, owed = '0', fee } = event;
  if (outcome === 'won') return increase(account, currency, 0n, money(settled));
  return [
    ...takenBack(event),
    [walletOf(account), currency, money(thawed) + sum(lots)],
    [receivableOf(account), currency, money(owed)],
    ['expenses:disputes', currency, money(fee?.amount ?? '0')],
  ];
}

function planLegs(event: AccountEvent, account: string): Leg[] {
  if (event.type === 'SubscriptionStarted' || event.type === 'SubscriptionRenewed') return bought(event, account);
  if (event.type !== 'PlanSwitched') return [];
  const { currency, credit, settled, lapsed } = event;
  return [
    ...bought(event, account),
    [`liabilities:deferred:${account}`, currency, money(credit)],
    ...increase(account, currency, money(credit), money(settled)),
    ...credits(account, money(lapsed[0]), money(lapsed[1]), 'pools:expired'),
  ];
}

/** Cash that comes in, or below zero goes out; of another currency it stands against the same in the wallet's. */
function cash(
  provider: string,
  currency: string,
  paid: { readonly amount: string; readonly currency: string },
  amount: bigint,
): Leg[] {
  const line = `assets:cash:${provider}`;
  if (paid.currency === currency) return [[line, currency, amount]];
  return [
    [line, paid.currency, money(paid.amount)],
    ['equity:fx', paid.currency, -money(paid.amount)],
    ['equity:fx', currency, amount],
  ];
}

/** What a lost dispute takes out of the cash, the provider's fee included. */
function takenBack({ provider, currency, disputed, amount, fee }: DisputeClosed): Leg[] {
  const paid = { amount: `-${disputed.amount}`, currency: disputed.currency };
  return [
    ...cash(provider, currency, paid, -money(amount)),
    ...(fee
      ? cash(provider, currency, { amount: `-${fee.paid}`, currency: disputed.currency }, -money(fee.amount))
      : []),
  ];
}

function bought(
  { provider, currency, period }: SubscriptionStarted | SubscriptionRenewed | PlanSwitched,
  account: string,
): Leg[] {
  return [
    [`assets:cash:${provider}`, currency, money(period.price)],
    [`liabilities:deferred:${account}`, currency, -money(period.price)],
    ...credits(account, -money(period.main ?? '0'), -money(period.backup ?? '0'), 'pools:issued'),
  ];
}

/** Credits that leave the pools, or below zero come into them. */
function credits(account: string, main: bigint, backup: bigint, to: string): Leg[] {
  return [
    [`pools:main:${account}`, 'CREDIT', main],
    [`pools:backup:${account}`, 'CREDIT', backup],
    [to, 'CREDIT', -main - backup],
  ];
}

function reversalLegs(event: UsageReversed, account: string): Leg[] {
  const { currency, lots, granted, forgiven, writtenOff = '0', settledFrom, credits: back } = event;
  const returned = sum(lots) + money(granted?.settledBack ?? '0') + money(granted?.expired ?? '0');
  const promoted = money(granted?.promoted ?? '0');
  return [
    ['revenue:usage', currency, returned + money(forgiven) + money(writtenOff)],
    ['expenses:bad-debt', currency, -money(writtenOff)],
    ['expenses:promotions', currency, promoted],
    [walletOf(account), currency, -returned - promoted],
    [receivableOf(account), currency, -money(forgiven)],
    ...increase(account, currency, 0n, sum(settledFrom)),
    ...(back ? credits(account, -money(back[1]), -money(back[2]), 'pools:consumed') : []),
  ];
}
