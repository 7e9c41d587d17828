import { noteCharged, noteSettled } from '../access/settled-holds';
import { add, decimal, max, zero } from '../amount/decimal';
import { moveMoney } from '../entries/lot-moves';
import { withEarned } from '../rulebook/tiers';
import { storedInstant } from '../time/instant';
import { labelsOrNull } from '../usage/labels';
import type { Account, ApiKey, CommandKind, Remembered } from './account';
import { doneKey, newStanding } from './account';
import type { AccountEvent } from './events';
import type { UsageReversed } from './charging/events';
import type { AccountOpened, AccountSettingsChanged, ApiKeyChanged, ApiKeyIssued } from './standing/events';
import { noteDispute, noteDisputeClosed, noteRefund, noteWriteOff } from './payments/payments';
import { applySubscription } from './subscription/apply-subscription';
import type { CreditGranted, WalletRecharged } from './wallet/events';
import { walletBook } from './wallet/wallet-book';

export type LaterEvent = Exclude<AccountEvent, AccountOpened>;

export function opened(event: AccountOpened, revision: number): Account {
  const openedAt = storedInstant(event.occurredAt);
  return {
    revision,
    currency: event.currency,
    openedAt,
    lastCommandAt: openedAt,
    standing: newStanding,
    subscription: null,
    lots: [],
    burnOrder: [],
    wallet: zero,
    receivable: zero,
    starterGranted: false,
    recharges: { count: 0, largest: zero, cumulative: zero },
    done: null,
    reversed: null,
    payments: null,
    settledHolds: null,
    charges: 0,
  };
}

/** Changes an account by an event that follows its opening. It throws on what cannot be: corrupt data. */
export function apply(account: Account, event: LaterEvent, revision: number): void {
  moveMoney(event, walletBook, account);
  applyRest(account, event, revision);
  account.revision = revision;
}

/** What an event changes beside the money: settings, tier, keys, and which commands are done. */
export function applyRest(account: Account, event: LaterEvent, revision: number): void {
  if ('wallet' in event) changeByMoney(account, event, revision);
  else changeStanding(account, event, revision);
  // Neither usage nor a promotion is a command.
  if (event.type === 'UsageCharged' || event.type === 'TierChanged') return;
  account.lastCommandAt = Math.max(account.lastCommandAt, storedInstant(event.occurredAt));
}

type MoneyEvent = Extract<LaterEvent, { readonly wallet: string }>;

/** What is left to change where money moves: counts, plans, and which commands are done. */
function changeByMoney(account: Account, event: MoneyEvent, revision: number): void {
  switch (event.type) {
    case 'UsageCharged':
      account.charges += event.charges.length;
      noteCharged(account, event.charges, event.decidedAt, revision);
      if (account.subscription !== null) applySubscription(account.subscription, event);
      break;
    case 'AccountSettingsChanged':
      applySettings(account, event);
      break;
    case 'WalletRecharged':
      countRecharge(account, event);
      remember(account, 'recharge', event.rechargeId, event.digest, revision);
      break;
    case 'RechargeRefunded':
      noteRefund(account, event);
      noteSettled(account, event.authorizationId, revision);
      remember(account, 'refund', event.refundId, event.digest, revision);
      break;
    case 'RechargeDisputed':
      noteDispute(account, event);
      remember(account, 'dispute', event.disputeId, event.digest, revision);
      break;
    case 'DisputeClosed':
      noteDisputeClosed(account, event);
      remember(account, 'dispute-closing', event.disputeId, event.digest, revision);
      break;
    case 'ReceivableWrittenOff':
      noteWriteOff(account);
      remember(account, 'write-off', event.writeOffId, event.digest, revision);
      break;
    case 'CreditGranted':
      noteGrant(account, event, revision);
      break;
    case 'UsageReversed':
      noteReversed(account, event);
      applySubscription(account.subscription, event);
      remember(account, 'reversal', event.reversalId, event.digest, revision);
      break;
    case 'SubscriptionStarted':
    case 'SubscriptionRenewed':
    case 'PlanSwitched':
      account.subscription = applySubscription(account.subscription, event);
      remember(account, 'payment', event.paymentRef, event.digest, revision);
      break;
  }
}

function changeStanding(account: Account, event: Exclude<LaterEvent, MoneyEvent>, revision: number): void {
  switch (event.type) {
    case 'TierChanged':
      account.standing = {
        ...account.standing,
        earnedTiers: withEarned(account.standing.earnedTiers, event),
        tierRevision: Math.max(account.standing.tierRevision, event.tierRevision),
      };
      break;
    case 'SubscriptionCancelled':
      applySubscription(account.subscription, event);
      break;
    case 'ApiKeyIssued':
      addKey(account, event, revision);
      break;
    case 'ApiKeyChanged':
      changeKey(keyOf(account, event.keyId), event);
      break;
    case 'ApiKeyRevoked':
      keyOf(account, event.keyId).revoked = true;
      break;
  }
}

function applySettings(account: Account, { changed }: AccountSettingsChanged): void {
  const { payAsYouGo, customMultiplier, limits, suspended, tier } = changed;
  account.standing = {
    ...account.standing,
    ...(payAsYouGo !== undefined && { payAsYouGo }),
    ...(customMultiplier !== undefined && {
      customMultiplier: customMultiplier === null ? null : decimal(customMultiplier),
    }),
    ...(limits !== undefined && { limits }),
    ...(suspended !== undefined && { suspended }),
    ...(tier !== undefined && { pinnedTier: tier }),
  };
}

/** The first key takes the account out of the standing that others share. */
function addKey(account: Account, event: ApiKeyIssued, revision: number): void {
  const { keyId, name, group, labels = null, secretHash, digest } = event;
  if (account.standing.keys === null) account.standing = { ...account.standing, keys: new Map<string, ApiKey>() };
  const key = { keyId, name, group, labels, secretHash, digest, issuedRevision: revision, revoked: false };
  account.standing.keys?.set(keyId, key);
}

function changeKey(key: ApiKey, { group, labels }: ApiKeyChanged): void {
  key.group = group;
  if (labels !== undefined) key.labels = labelsOrNull(labels);
}

function countRecharge(account: Account, event: WalletRecharged): void {
  const credited = decimal(event.credited);
  account.recharges = {
    count: account.recharges.count + 1,
    largest: max(account.recharges.largest, credited),
    cumulative: add(account.recharges.cumulative, credited),
  };
}

function noteGrant(account: Account, { starter, grantId, digest }: CreditGranted, revision: number): void {
  if (starter) account.starterGranted = true;
  if (grantId !== null) remember(account, 'grant', grantId, digest ?? '', revision);
}

function noteReversed(account: Account, { charge }: UsageReversed): void {
  account.reversed ??= new Set<string>();
  account.reversed.add(`${charge.revision}/${charge.index}`);
}

function remember(account: Account, kind: CommandKind, id: string, digest: string, revision: number): void {
  const key = doneKey(kind, id);
  account.done ??= new Map<string, Remembered>();
  if (account.done.has(key)) throw new Error(`${kind} ${id} was done twice`);
  account.done.set(key, { digest, revision });
}

function keyOf(account: Account, keyId: string): ApiKey {
  const key = account.standing.keys?.get(keyId);
  if (key === undefined) throw new Error(`no key ${keyId}`);
  return key;
}
