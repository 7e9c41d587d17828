import { decimal } from '../../amount/decimal';
import type { Rulebook } from '../../rulebook/rulebook';
import { storedInstant } from '../../time/instant';
import type { Account } from '../account';
import type { FoundCharge } from '../charging/reverse';
import { reverseCharge } from '../charging/reverse';
import type { CommandTime, Decision } from '../decision';
import type { AccountEvent } from '../events';
import { closeDispute } from '../payments/close-dispute';
import { disputeRecharge } from '../payments/dispute';
import { refundRecharge } from '../payments/refund';
import { writeOff } from '../payments/write-off';
import { changeApiKey, issueApiKey, revokeApiKey } from '../standing/keys';
import { changeSettings } from '../standing/settings';
import { cancelSubscription } from '../subscription/cancel';
import { renewSubscription } from '../subscription/renew';
import { startSubscription } from '../subscription/start';
import { switchPlan } from '../subscription/switch';
import type { CreditGranted, WalletRecharged } from '../wallet/events';
import { grantCredit } from '../wallet/grant';
import { receiveRecharge } from '../wallet/recharge';
import type { SupposedRules } from './supposed-rules';

/** What an account was asked, as the event says that it was decided. Usage and promotions are no commands. */
export type CommandEvent = Exclude<AccountEvent, { readonly type: 'AccountOpened' | 'UsageCharged' | 'TierChanged' }>;

/** What a command looks back at, as it stands in the account that is decided again. */
export interface LookedBack {
  readonly recharge?: WalletRecharged | undefined;
  readonly charge?: FoundCharge | undefined;
}

/**
 * Asks an account once more what it was asked, by the account's own decisions. Amounts that came from outside stay what they were; what
 * follows from the rules and from what the account then has, follows anew. `bookedAtMs` is in milliseconds since 1970.
 */
export function commandAgain(
  account: Account | undefined,
  event: CommandEvent,
  bookedAtMs: number,
  rules: SupposedRules,
  { recharge, charge }: LookedBack,
): Decision {
  const atMs = storedInstant(event.occurredAt);
  const time: CommandTime = { occurredAt: atMs, now: Math.max(atMs, bookedAtMs) };
  if (isOfStanding(event)) return standingAgain(account, event, time, rules);
  if (isOfPlan(event)) return planAgain(account, event, time, rules);
  switch (event.type) {
    case 'WalletRecharged': {
      const { rechargeId, provider, paid, digest } = event;
      const again = { rechargeId, provider, amount: decimal(paid.amount), currency: paid.currency, digest, time };
      return receiveRecharge(account, again, rules.ofCommand(atMs, event.rulebook));
    }
    case 'CreditGranted':
      return grantAgain(account, event, time, rules);
    case 'RechargeRefunded': {
      const { refundId, rechargeId, refunded, digest } = event;
      const again = { refundId, rechargeId, atMost: decimal(refunded), digest, time };
      return refundRecharge(account, again, recharge, rules.ofCommand(atMs, event.rulebook, recharge?.rulebook));
    }
    case 'RechargeDisputed': {
      const { disputeId, rechargeId, disputed, digest } = event;
      const again = { disputeId, rechargeId, amount: decimal(disputed.amount), digest, time };
      return disputeRecharge(account, again, recharge, rules.ofCommand(atMs, event.rulebook, recharge?.rulebook));
    }
    case 'DisputeClosed': {
      const { disputeId, rechargeId, outcome, fee, digest } = event;
      const again = { disputeId, rechargeId, outcome, fee: fee === undefined ? null : decimal(fee.paid), digest, time };
      return closeDispute(account, again, recharge, rules.ofCommand(atMs, event.rulebook, recharge?.rulebook));
    }
    case 'ReceivableWrittenOff': {
      const { writeOffId, amount, reason, digest } = event;
      const again = { writeOffId, amount: decimal(amount), reason, digest, time };
      return writeOff(account, again, rules.ofCommand(atMs, event.rulebook));
    }
    case 'UsageReversed': {
      const { reversalId, source, id, reason, digest } = event;
      return reverseCharge(account, { reversalId, source, id, reason, digest, time }, charge);
    }
  }
}

/** A grant keeps its amount and its end, whatever the rules would have given. */
function grantAgain(
  account: Account | undefined,
  event: CreditGranted,
  time: CommandTime,
  rules: SupposedRules,
): Decision {
  const { grantId, amount, reason, expiresAt, starter, digest } = event;
  const expiresAtMs = expiresAt === null ? null : storedInstant(expiresAt);
  const asked = {
    grantId: grantId ?? '',
    amount: decimal(amount),
    reason,
    expiresAt: expiresAtMs,
    digest: digest ?? '',
  };
  const atMs = time.occurredAt ?? time.now;
  const decision = grantCredit(account, { ...asked, time }, rules.ofCommand(atMs, event.rulebook));
  if (decision.kind !== 'accepted') return decision;
  return {
    kind: 'accepted',
    events: decision.events.map((granted) =>
      granted.type === 'CreditGranted' ? { ...granted, grantId, starter, digest } : granted,
    ),
  };
}

type PlanEvent = Extract<
  CommandEvent,
  { readonly type: 'SubscriptionStarted' | 'SubscriptionRenewed' | 'SubscriptionCancelled' | 'PlanSwitched' }
>;

function isOfPlan(event: CommandEvent): event is PlanEvent {
  return 'period' in event || event.type === 'SubscriptionCancelled';
}

function planAgain(account: Account | undefined, event: PlanEvent, time: CommandTime, rules: SupposedRules): Decision {
  const atMs = time.occurredAt ?? time.now;
  switch (event.type) {
    case 'SubscriptionStarted': {
      const { paymentRef, provider, digest, period } = event;
      const again = { paymentRef, plan: period.plan, kind: period.kind, provider, digest, time };
      return startSubscription(account, again, rules.ofCommand(atMs, event.rulebook));
    }
    case 'SubscriptionRenewed': {
      const { paymentRef, provider, digest } = event;
      return renewSubscription(account, { paymentRef, provider, digest, time }, rules.ofCommand(atMs, event.rulebook));
    }
    case 'PlanSwitched': {
      const { paymentRef, provider, digest, period } = event;
      const again = { paymentRef, plan: period.plan, provider, digest, time };
      return switchPlan(account, again, rules.ofCommand(atMs, event.rulebook));
    }
    case 'SubscriptionCancelled':
      return cancelSubscription(account, { time });
  }
}

type StandingEvent = Extract<
  CommandEvent,
  { readonly type: 'AccountSettingsChanged' | 'ApiKeyIssued' | 'ApiKeyChanged' | 'ApiKeyRevoked' }
>;

function isOfStanding(event: CommandEvent): event is StandingEvent {
  return 'keyId' in event || event.type === 'AccountSettingsChanged';
}

function standingAgain(
  account: Account | undefined,
  event: StandingEvent,
  time: CommandTime,
  rules: SupposedRules,
): Decision {
  const atMs = time.occurredAt ?? time.now;
  switch (event.type) {
    case 'AccountSettingsChanged': {
      const { tier } = event.changed;
      return changeSettings(account, { change: event.changed, time }, rules.ofUnnamed(atMs, knowsTier(tier)));
    }
    case 'ApiKeyIssued': {
      const { keyId, name, group, labels, secretHash, digest } = event;
      const again = { keyId, name, group, labels, secretHash, digest, time };
      return issueApiKey(account, again, rules.ofUnnamed(atMs, knowsGroup(group)));
    }
    case 'ApiKeyChanged': {
      const { keyId, group, labels } = event;
      return changeApiKey(account, { keyId, group, labels, time }, rules.ofUnnamed(atMs, knowsGroup(group)));
    }
    case 'ApiKeyRevoked':
      return revokeApiKey(account, { keyId: event.keyId, time });
  }
}

function knowsTier(tier: string | null | undefined): (rulebook: Rulebook) => boolean {
  return ({ tiers }) => tier === undefined || tier === null || tiers.some(({ id }) => id === tier);
}

function knowsGroup(group: string | null): (rulebook: Rulebook) => boolean {
  return ({ groups }) => group === null || groups.has(group);
}
