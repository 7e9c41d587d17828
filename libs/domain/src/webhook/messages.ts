import { isZero, toText } from '../amount/decimal';
import type { Account } from '../account/account';
import { disputeAnswer, rechargeAnswer, refundAnswer, reversalAnswer } from '../account/answers';
import { toldCharge } from '../account/charging/charge-sentence';
import type { AccountEvent } from '../account/events';
import { periodAnswer, switchAnswer } from '../account/subscription/answers';
import type { AccountView } from '../account/view';
import { formatInstant } from '../time/instant';
import type { AccountWebhookType } from './webhook-types';

/** What an endpoint is told: its type, when that occurred, and what the command answered. */
export interface WebhookMessage {
  readonly type: AccountWebhookType;
  /** RFC 3339. */
  readonly timestamp: string;
  readonly data: object;
}

/** The balances that stand beside what happened, after it. */
export type Balances = Pick<
  AccountView,
  'currency' | 'wallet' | 'frozen' | 'held' | 'available' | 'receivable' | 'pools'
>;

/** Which messages an event may come to; one that comes to none is not even looked at. */
export const typesOfEvent: Readonly<Record<AccountEvent['type'], readonly AccountWebhookType[]>> = {
  AccountOpened: [],
  AccountSettingsChanged: ['wallet.low'],
  WalletRecharged: ['wallet.recharged', 'wallet.low'],
  RechargeRefunded: ['recharge.refunded', 'wallet.low'],
  RechargeDisputed: ['recharge.disputed', 'wallet.low'],
  DisputeClosed: ['receivable.opened', 'wallet.low'],
  ReceivableWrittenOff: [],
  CreditGranted: ['wallet.low'],
  SubscriptionStarted: ['subscription.started', 'subscription.expiring', 'wallet.low'],
  SubscriptionRenewed: ['subscription.renewed', 'subscription.expiring', 'wallet.low'],
  SubscriptionCancelled: ['subscription.cancelled', 'wallet.low'],
  PlanSwitched: ['subscription.switched', 'subscription.expiring', 'wallet.low'],
  UsageCharged: ['usage.charged', 'receivable.opened', 'wallet.low'],
  UsageReversed: ['usage.reversed', 'wallet.low'],
  TierChanged: ['tier.promoted'],
  ApiKeyIssued: [],
  ApiKeyChanged: [],
  ApiKeyRevoked: [],
};

/** What a booked event is told as, in order; `wallet.low` and `subscription.expiring` depend on more than the event. */
export function messagesOf(
  event: AccountEvent,
  {
    owedBefore,
    account,
    bookedAtMs,
  }: { readonly owedBefore: boolean; readonly account: Account; readonly bookedAtMs: number },
): readonly WebhookMessage[] {
  const tell = tellings[event.type] as (event: AccountEvent) => readonly WebhookMessage[];
  const messages = [...tell(event)];
  if (!owedBefore && !isZero(account.receivable)) {
    const data = { receivable: toText(account.receivable), currency: account.currency };
    messages.push({ type: 'receivable.opened', timestamp: formatInstant(bookedAtMs), data });
  }
  return messages;
}

type EventOf<T extends AccountEvent['type']> = Extract<AccountEvent, { readonly type: T }>;

const nothing = (): readonly WebhookMessage[] => [];

/** What each event is told as, in words of the command's answer; a new event does not compile until it stands here. */
const tellings: { readonly [T in AccountEvent['type']]: (event: EventOf<T>) => readonly WebhookMessage[] } = {
  AccountOpened: nothing,
  AccountSettingsChanged: nothing,
  WalletRecharged: (event) => [telling('wallet.recharged', event.occurredAt, rechargeAnswer(event))],
  RechargeRefunded: (event) => {
    const data = { ...refundAnswer(event), rechargeId: event.rechargeId };
    return [telling('recharge.refunded', event.occurredAt, data)];
  },
  RechargeDisputed: (event) => [telling('recharge.disputed', event.occurredAt, disputeAnswer(event))],
  DisputeClosed: nothing,
  ReceivableWrittenOff: nothing,
  CreditGranted: nothing,
  SubscriptionStarted: (event) => [telling('subscription.started', event.occurredAt, periodAnswer(event))],
  SubscriptionRenewed: (event) => [telling('subscription.renewed', event.occurredAt, periodAnswer(event))],
  SubscriptionCancelled: ({ occurredAt, plan, provider, paymentRef, endsAt }) => {
    // Whoever listens can cancel at the provider.
    const data = { status: 'cancelled', endsAt, plan, provider, paymentRef };
    return [telling('subscription.cancelled', occurredAt, data)];
  },
  PlanSwitched: (event) => [telling('subscription.switched', event.occurredAt, switchAnswer(event))],
  UsageCharged: ({ charges, currency }) =>
    charges.map((charge) => telling('usage.charged', charge.occurredAt, toldCharge(charge, currency, false))),
  UsageReversed: (event) => [telling('usage.reversed', event.occurredAt, reversalAnswer(event))],
  TierChanged: ({ occurredAt, from, to }) =>
    from === to ? [] : [telling('tier.promoted', occurredAt, { from, tier: to })],
  ApiKeyIssued: nothing,
  ApiKeyChanged: nothing,
  ApiKeyRevoked: nothing,
};

function telling(type: AccountWebhookType, timestamp: string, data: object): WebhookMessage {
  return { type, timestamp, data };
}

export function balancesIn(view: AccountView): Balances {
  const { currency, wallet, frozen, held, available, receivable, pools } = view;
  return { currency, wallet, frozen, held, available, receivable, pools };
}
