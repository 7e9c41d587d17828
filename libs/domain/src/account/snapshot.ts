import type { Decimal } from '../amount/decimal';
import { add, decimal, isPositive, toText, zero } from '../amount/decimal';
import type { Account, ApiKey, Lot, Remembered } from './account';
import type { Limits } from './events';
import { compareLots } from './wallet/lots';

/**
 * WARNING: stored in checkpoints. They are disposable, but never read with another meaning than they were written with: a
 * change of shape takes another `format`.
 */
export interface AccountSnapshot {
  readonly format: 1;
  readonly revision: number;
  readonly currency: string;
  readonly openedAt: number;
  readonly lastCommandAt: number;
  readonly earnedTier: string | null;
  readonly tierRevision: number;
  readonly pinnedTier: string | null;
  readonly payAsYouGo: boolean | null;
  readonly customMultiplier: string | null;
  readonly limits: Limits | null;
  readonly suspended: boolean;
  readonly lots: readonly LotSnapshot[];
  readonly receivable: string;
  readonly starterGranted: boolean;
  readonly recharges: readonly [count: number, largest: string, cumulative: string];
  readonly rechargeIds: readonly RememberedSnapshot[];
  readonly grantIds: readonly RememberedSnapshot[];
  readonly reversalIds: readonly RememberedSnapshot[];
  readonly reversed: readonly string[];
  readonly keys: readonly ApiKey[];
  readonly charges: number;
}

/** Granted is 1, paid is 0. What is left stands at the end, and not at all where that is nothing. */
type LotSnapshot = readonly [granted: 0 | 1, id: string, occurredAt: number, expiresAt: number | null, left?: string];
type RememberedSnapshot = readonly [id: string, digest: string, revision: number];

/** The account as plain JSON, exact and compact; its key order is fixed, so that equal accounts have equal texts. */
export function toSnapshot(account: Account): AccountSnapshot {
  const { recharges } = account;
  return {
    format: 1,
    revision: account.revision,
    currency: account.currency,
    openedAt: account.openedAt,
    lastCommandAt: account.lastCommandAt,
    earnedTier: account.earnedTier,
    tierRevision: account.tierRevision,
    pinnedTier: account.pinnedTier,
    payAsYouGo: account.payAsYouGo,
    customMultiplier: account.customMultiplier === null ? null : toText(account.customMultiplier),
    limits: account.limits,
    suspended: account.suspended,
    lots: account.lots.map(lotSnapshot),
    receivable: toText(account.receivable),
    starterGranted: account.starterGranted,
    recharges: [recharges.count, toText(recharges.largest), toText(recharges.cumulative)],
    rechargeIds: remembered(account.rechargeIds),
    grantIds: remembered(account.grantIds),
    reversalIds: remembered(account.reversalIds),
    reversed: [...(account.reversed ?? [])],
    keys: [...(account.keys?.values() ?? [])].map((key) => ({ ...key })),
    charges: account.charges,
  };
}

/** The account that a snapshot was taken of. Throws on a snapshot of another format. */
export function fromSnapshot(value: unknown): Account {
  const snapshot = value as AccountSnapshot;
  if ((snapshot.format as unknown) !== 1) throw new Error('not an account snapshot of format 1');
  const lots = snapshot.lots.map(lotOf);
  const [count, largest, cumulative] = snapshot.recharges;
  return {
    revision: snapshot.revision,
    currency: snapshot.currency,
    openedAt: snapshot.openedAt,
    lastCommandAt: snapshot.lastCommandAt,
    earnedTier: snapshot.earnedTier,
    tierRevision: snapshot.tierRevision,
    pinnedTier: snapshot.pinnedTier,
    payAsYouGo: snapshot.payAsYouGo,
    customMultiplier: snapshot.customMultiplier === null ? null : decimal(snapshot.customMultiplier),
    limits: snapshot.limits,
    suspended: snapshot.suspended,
    lots,
    burnOrder: lots.filter(({ left }) => isPositive(left)).sort(compareLots),
    wallet: sum(lots),
    receivable: decimal(snapshot.receivable),
    starterGranted: snapshot.starterGranted,
    recharges: { count, largest: decimal(largest), cumulative: decimal(cumulative) },
    rechargeIds: remember(snapshot.rechargeIds),
    grantIds: remember(snapshot.grantIds),
    reversalIds: remember(snapshot.reversalIds),
    reversed: snapshot.reversed.length === 0 ? null : new Set(snapshot.reversed),
    keys:
      snapshot.keys.length === 0
        ? null
        : new Map(snapshot.keys.map((key): [string, ApiKey] => [key.keyId, { ...key }])),
    charges: snapshot.charges,
  };
}

function lotSnapshot({ kind, id, occurredAt, expiresAt, left }: Lot): LotSnapshot {
  const granted = kind === 'granted' ? 1 : 0;
  return isPositive(left) ? [granted, id, occurredAt, expiresAt, toText(left)] : [granted, id, occurredAt, expiresAt];
}

function lotOf([granted, id, occurredAt, expiresAt, left]: LotSnapshot, lot: number): Lot {
  const kind = granted === 1 ? 'granted' : 'paid';
  return { lot, kind, id, occurredAt, expiresAt, left: left === undefined ? zero : decimal(left) };
}

function sum(lots: readonly Lot[]): Decimal {
  let total = zero;
  for (const { left } of lots) total = add(total, left);
  return total;
}

function remembered(ids: ReadonlyMap<string, Remembered> | null): RememberedSnapshot[] {
  return [...(ids ?? [])].map(([id, { digest, revision }]): RememberedSnapshot => [id, digest, revision]);
}

function remember(ids: readonly RememberedSnapshot[]): Map<string, Remembered> | null {
  if (ids.length === 0) return null;
  return new Map(ids.map(([id, digest, revision]): [string, Remembered] => [id, { digest, revision }]));
}
