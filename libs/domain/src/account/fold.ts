import { add, decimal, max, subtract, zero } from '../amount/decimal';
import { instantMs } from '../time/instant';
import type { Account, ApiKey, Remembered } from './account';
import type {
  AccountEvent,
  AccountOpened,
  AccountSettingsChanged,
  CreditGranted,
  LotAmount,
  UsageCharged,
  UsageReversed,
  WalletRecharged,
} from './events';
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

/** Changes an account by an event that follows its opening. It throws on what cannot be: corrupt data. */
export function apply(account: Account, event: LaterEvent, revision: number): void {
  switch (event.type) {
    case 'UsageCharged':
      applyCharges(account, event);
      break;
    case 'AccountSettingsChanged':
      applySettings(account, event);
      commanded(account, event.occurredAt);
      break;
    case 'WalletRecharged':
      applyRecharge(account, event);
      account.rechargeIds = remember(account.rechargeIds, event.rechargeId, event.digest, revision);
      commanded(account, event.occurredAt);
      break;
    case 'CreditGranted':
      applyGrant(account, event);
      if (event.grantId !== null) {
        account.grantIds = remember(account.grantIds, event.grantId, event.digest ?? '', revision);
      }
      commanded(account, event.occurredAt);
      break;
    case 'UsageReversed':
      applyReversal(account, event);
      account.reversalIds = remember(account.reversalIds, event.reversalId, event.digest, revision);
      commanded(account, event.occurredAt);
      break;
    case 'TierChanged':
      account.earnedTier = event.to;
      account.tierRevision = event.tierRevision;
      break;
    case 'ApiKeyIssued': {
      const { keyId, name, group, secretHash, digest } = event;
      account.keys ??= new Map<string, ApiKey>();
      account.keys.set(keyId, { keyId, name, group, secretHash, digest, issuedRevision: revision, revoked: false });
      commanded(account, event.occurredAt);
      break;
    }
    case 'ApiKeyChanged':
      keyOf(account, event.keyId).group = event.group;
      commanded(account, event.occurredAt);
      break;
    case 'ApiKeyRevoked':
      keyOf(account, event.keyId).revoked = true;
      commanded(account, event.occurredAt);
      break;
  }
  account.revision = revision;
}

function applyCharges(account: Account, event: UsageCharged): void {
  for (const charge of event.charges) {
    if (charge.lots !== undefined) takeFromLots(account, charge.lots);
    if (charge.owed !== undefined) account.receivable = add(account.receivable, decimal(charge.owed));
  }
  account.charges += event.charges.length;
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
  settle(account, event.settled);
}

function applyRecharge(account: Account, event: WalletRecharged): void {
  const credited = decimal(event.credited);
  addMoney(account, event.lot, 'paid', event.rechargeId, event.occurredAt, null, event.credited, event.settled);
  account.recharges = {
    count: account.recharges.count + 1,
    largest: max(account.recharges.largest, credited),
    cumulative: add(account.recharges.cumulative, credited),
  };
}

function applyGrant(account: Account, event: CreditGranted): void {
  const { lot, grantId, occurredAt, expiresAt, amount, settled } = event;
  addMoney(account, lot, 'granted', grantId ?? '', occurredAt, expiresAt, amount, settled);
  if (event.starter) account.starterGranted = true;
}

function addMoney(
  account: Account,
  lot: number,
  kind: 'granted' | 'paid',
  id: string,
  occurredAt: string,
  expiresAt: string | null,
  amount: string,
  settled: string,
): void {
  const owed = decimal(settled);
  addLot(account, {
    lot,
    kind,
    id,
    occurredAt: storedInstant(occurredAt),
    expiresAt: expiresAt === null ? null : storedInstant(expiresAt),
    left: subtract(decimal(amount), owed),
  });
  account.receivable = subtract(account.receivable, owed);
}

function applyReversal(account: Account, event: UsageReversed): void {
  const { granted, charge } = event;
  for (const [lot, amount] of event.lots) refillLot(account, lot, decimal(amount));
  account.receivable = subtract(account.receivable, decimal(event.forgiven));
  if (granted !== null) {
    addLot(account, {
      lot: granted.lot,
      kind: 'granted',
      id: event.reversalId,
      occurredAt: storedInstant(event.occurredAt),
      expiresAt: null,
      left: add(decimal(granted.settledBack), decimal(granted.promoted)),
    });
  }
  settle(account, event.settledFrom);
  account.reversed ??= new Set<string>();
  account.reversed.add(`${charge.revision}/${charge.index}`);
}

function takeFromLots(account: Account, lots: readonly LotAmount[]): void {
  for (const [lot, amount] of lots) takeFromLot(account, lot, decimal(amount));
}

/** What the wallet gives to what is owed. */
function settle(account: Account, lots: readonly LotAmount[]): void {
  takeFromLots(account, lots);
  for (const [, amount] of lots) account.receivable = subtract(account.receivable, decimal(amount));
}

function commanded(account: Account, occurredAt: string): void {
  account.lastCommandAt = Math.max(account.lastCommandAt, storedInstant(occurredAt));
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

function storedInstant(text: string): number {
  const at = instantMs(text);
  if (Number.isNaN(at)) throw new Error(`not an instant: ${text}`);
  return at;
}
