import { add, decimal, max, subtract, zero } from '../amount/decimal';
import type { Decimal } from '../amount/decimal';
import type { MoneyBook } from '../entries/lot-moves';
import { moveMoney } from '../entries/lot-moves';
import { storedInstant } from '../time/instant';
import type { Account, ApiKey, Lot, Remembered } from './account';
import type { AccountEvent, AccountOpened, AccountSettingsChanged, UsageReversed, WalletRecharged } from './events';
import { addLot, refillLot, takeFromLot } from './wallet/lots';

export type LaterEvent = Exclude<AccountEvent, AccountOpened>;

export function opened(event: AccountOpened, revision: number): Account {
  const openedAt = storedInstant(event.occurredAt);
  return {
    revision,
    currency: event.currency,
    openedAt,
    lastCommandAt: openedAt,
    earnedTier: null,
    tierRevision: -1,
    pinnedTier: null,
    payAsYouGo: null,
    customMultiplier: null,
    limits: null,
    suspended: false,
    lots: [],
    burnOrder: [],
    wallet: zero,
    receivable: zero,
    starterGranted: false,
    recharges: { count: 0, largest: zero, cumulative: zero },
    rechargeIds: null,
    grantIds: null,
    reversalIds: null,
    reversed: null,
    keys: null,
    charges: 0,
  };
}

/** The account's own book: a lot gives no more than it has, and no more is settled than is owed. */
const strictly: MoneyBook<Account> = {
  open(account: Account, lot: Lot, settled: Decimal): void {
    addLot(account, { ...lot, left: subtract(lot.left, settled) });
    account.receivable = subtract(account.receivable, settled);
  },
  draw: takeFromLot,
  owe(account: Account, amount: Decimal): void {
    account.receivable = add(account.receivable, amount);
  },
  refill: refillLot,
  forgive(account: Account, amount: Decimal): void {
    account.receivable = subtract(account.receivable, amount);
  },
  settle(account: Account, lot: number, amount: Decimal): void {
    takeFromLot(account, lot, amount);
    account.receivable = subtract(account.receivable, amount);
  },
};

/** Changes an account by an event that follows its opening. It throws on what cannot be: corrupt data. */
export function apply(account: Account, event: LaterEvent, revision: number): void {
  moveMoney(event, strictly, account);
  applyRest(account, event, revision);
  account.revision = revision;
}

/** What an event changes beside the money: settings, tier, keys, and which commands are done. */
export function applyRest(account: Account, event: LaterEvent, revision: number): void {
  switch (event.type) {
    case 'UsageCharged':
      account.charges += event.charges.length;
      return;
    case 'TierChanged':
      account.earnedTier = event.to;
      account.tierRevision = event.tierRevision;
      return;
    case 'AccountSettingsChanged':
      applySettings(account, event);
      break;
    case 'WalletRecharged':
      countRecharge(account, event);
      account.rechargeIds = remember(account.rechargeIds, event.rechargeId, event.digest, revision);
      break;
    case 'CreditGranted':
      if (event.starter) account.starterGranted = true;
      if (event.grantId !== null) {
        account.grantIds = remember(account.grantIds, event.grantId, event.digest ?? '', revision);
      }
      break;
    case 'UsageReversed':
      noteReversed(account, event);
      account.reversalIds = remember(account.reversalIds, event.reversalId, event.digest, revision);
      break;
    case 'ApiKeyIssued': {
      const { keyId, name, group, secretHash, digest } = event;
      account.keys ??= new Map<string, ApiKey>();
      account.keys.set(keyId, { keyId, name, group, secretHash, digest, issuedRevision: revision, revoked: false });
      break;
    }
    case 'ApiKeyChanged':
      keyOf(account, event.keyId).group = event.group;
      break;
    case 'ApiKeyRevoked':
      keyOf(account, event.keyId).revoked = true;
      break;
  }
  account.lastCommandAt = Math.max(account.lastCommandAt, storedInstant(event.occurredAt));
}

function applySettings(account: Account, event: AccountSettingsChanged): void {
  const { payAsYouGo, customMultiplier, limits, suspended, tier } = event.changed;
  if (payAsYouGo !== undefined) account.payAsYouGo = payAsYouGo;
  if (customMultiplier !== undefined) {
    account.customMultiplier = customMultiplier === null ? null : decimal(customMultiplier);
  }
  if (limits !== undefined) account.limits = limits;
  if (suspended !== undefined) account.suspended = suspended;
  if (tier !== undefined) account.pinnedTier = tier;
}

function countRecharge(account: Account, event: WalletRecharged): void {
  const credited = decimal(event.credited);
  account.recharges = {
    count: account.recharges.count + 1,
    largest: max(account.recharges.largest, credited),
    cumulative: add(account.recharges.cumulative, credited),
  };
}

function noteReversed(account: Account, { charge }: UsageReversed): void {
  account.reversed ??= new Set<string>();
  account.reversed.add(`${charge.revision}/${charge.index}`);
}

function remember(
  ids: Map<string, Remembered> | null,
  id: string,
  digest: string,
  revision: number,
): Map<string, Remembered> {
  const remembered = ids ?? new Map<string, Remembered>();
  if (remembered.has(id)) throw new Error(`${id} was done twice`);
  return remembered.set(id, { digest, revision });
}

function keyOf(account: Account, keyId: string): ApiKey {
  const key = account.keys?.get(keyId);
  if (key === undefined) throw new Error(`no key ${keyId}`);
  return key;
}
