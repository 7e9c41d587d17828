import { parseAuthorizationId } from '../access/authorization-id';
import type { SettledHold } from '../access/settled-holds';
import type { Decimal } from '../amount/decimal';
import { add, decimal, isPositive, isZero, toText, zero } from '../amount/decimal';
import type { Account, ApiKey, CommandKind, Remembered, Standing } from './account';
import { doneKey, newStanding } from './account';
import type { Limits } from './standing/events';
import type { Dispute, Payments } from './payments/payments';
import { frozenOf } from './payments/payments';
import type { SubscriptionSnapshot } from './subscription/snapshot';
import { fromSubscriptionSnapshot, toSubscriptionSnapshot } from './subscription/snapshot';
import type { Labels } from '../usage/labels';
import { compareLots } from './wallet/lots';
import type { Lot } from './wallet/wallet';

/** What this version writes of an account that never had a plan, a refund, a dispute or a write-off. */
const FORMAT = 2;
/** With one of them: an older release would take it for an account without. */
const LATEST_FORMAT = 3;

/**
 * WARNING: stored in checkpoints. They are disposable, but never read with another meaning than they were written with: they
 * evolve as events do. A field that is added is optional and has the meaning of its absence; what is null, false or empty is
 * left out. A change that older readers would take for something else has another `format`.
 */
export interface AccountSnapshot {
  readonly format: number;
  readonly revision: number;
  readonly currency: string;
  readonly openedAt: number;
  readonly lastCommandAt: number;
  /** The tier of the latest promotion. */
  readonly earnedTier?: string | null;
  /** Every tier that was ever earned, where that is more than this one, or there may have been more promotions. */
  readonly earned?: readonly string[];
  readonly tierRevision?: number;
  readonly pinnedTier?: string | null;
  readonly payAsYouGo?: boolean | null;
  readonly customMultiplier?: string | null;
  readonly limits?: Limits | null;
  readonly suspended?: boolean;
  readonly lots?: readonly LotSnapshot[];
  readonly receivable?: string;
  readonly starterGranted?: boolean;
  readonly recharges?: readonly [count: number, largest: string, cumulative: string];
  /** Every command that is done, in the order of its doing. */
  readonly done?: readonly (readonly [kind: CommandKind, id: string, digest: string, revision: number])[];
  /** Format 1 held them kind by kind. */
  readonly rechargeIds?: readonly RememberedSnapshot[];
  readonly grantIds?: readonly RememberedSnapshot[];
  readonly reversalIds?: readonly RememberedSnapshot[];
  readonly reversed?: readonly string[];
  /** Since format 3: what is frozen is in no lot then. */
  readonly payments?: PaymentsSnapshot;
  readonly keys?: readonly KeySnapshot[];
  readonly charges?: number;
  /** Holds that were settled and could still be live, with the revision of the event that settled them. */
  readonly settledHolds?: readonly (readonly [authorizationId: string, revision: number])[];
  readonly subscription?: SubscriptionSnapshot;
}

/** A key without labels says nothing of them. */
type KeySnapshot = Omit<ApiKey, 'labels'> & { readonly labels?: Labels };
/** Granted is 1, paid is 0. What is left stands at the end, and not at all where that is nothing. */
type LotSnapshot = readonly [granted: 0 | 1, id: string, occurredAt: number, expiresAt: number | null, left?: string];
interface PaymentsSnapshot {
  readonly claimed?: readonly (readonly [rechargeId: string, amount: string])[];
  readonly disputes?: readonly DisputeSnapshot[];
  readonly writtenOff?: string;
}

/** What is frozen stands at the end, and not at all where that is nothing. */
type DisputeSnapshot = readonly [
  disputeId: string,
  rechargeId: string,
  disputed: string,
  amount: string,
  frozen?: string,
];
type RememberedSnapshot = readonly [id: string, digest: string, revision: number];

/** The account as plain JSON, exact and compact; its key order is fixed, so that equal accounts have equal texts. */
export function toSnapshot(account: Account): AccountSnapshot {
  const { standing, recharges, lots, receivable, done, reversed, payments } = account;
  const { keys } = standing;
  return {
    format: account.subscription === null && payments === null ? FORMAT : LATEST_FORMAT,
    revision: account.revision,
    currency: account.currency,
    openedAt: account.openedAt,
    lastCommandAt: account.lastCommandAt,
    ...standingSnapshot(standing),
    ...(lots.length > 0 && { lots: lots.map(lotSnapshot) }),
    ...(!isZero(receivable) && { receivable: toText(receivable) }),
    ...(account.starterGranted && { starterGranted: true }),
    ...(recharges.count > 0 && {
      recharges: [recharges.count, toText(recharges.largest), toText(recharges.cumulative)] as const,
    }),
    ...(done !== null && { done: [...done].map(doneSnapshot) }),
    ...(reversed !== null && { reversed: [...reversed] }),
    ...(payments !== null && { payments: paymentsSnapshot(payments) }),
    ...(keys !== null && { keys: [...keys.values()].map(keySnapshot) }),
    ...(account.charges > 0 && { charges: account.charges }),
    ...(account.settledHolds !== null && { settledHolds: account.settledHolds.map(({ id, at }) => [id, at] as const) }),
    ...(account.subscription !== null && { subscription: toSubscriptionSnapshot(account.subscription) }),
  };
}

function standingSnapshot(standing: Standing): Partial<AccountSnapshot> {
  const { customMultiplier } = standing;
  return {
    ...earnedSnapshot(standing),
    ...(standing.tierRevision >= 0 && { tierRevision: standing.tierRevision }),
    ...(standing.pinnedTier !== null && { pinnedTier: standing.pinnedTier }),
    ...(standing.payAsYouGo !== null && { payAsYouGo: standing.payAsYouGo }),
    ...(customMultiplier !== null && { customMultiplier: toText(customMultiplier) }),
    ...(standing.limits !== null && { limits: standing.limits }),
    ...(standing.suspended && { suspended: true }),
  };
}

function earnedSnapshot({ earnedTiers, tierRevision }: Standing): Partial<AccountSnapshot> {
  const earnedTier = earnedTiers.at(-1);
  if (earnedTier === undefined) return {};
  return isFirstOfItsStream(tierRevision) && earnedTiers.length === 1
    ? { earnedTier }
    : { earnedTier, earned: earnedTiers };
}

/** The account has heard of one promotion and cannot have heard of another before. */
function isFirstOfItsStream(tierRevision: number): boolean {
  return tierRevision <= 0;
}

/**
 * The account that a snapshot was taken of; undefined where it has a format that this version does not know, or does not say which
 * tiers were earned before the latest.
 */
export function fromSnapshot(value: unknown): Account | undefined {
  if (!isKnown(value) || lacksEarlierTiers(value)) return undefined;
  const lots = (value.lots ?? []).map(lotOf);
  const [count, largest, cumulative] = value.recharges ?? [0, '0', '0'];
  const { reversed = [] } = value;
  const payments = paymentsOf(value);
  return {
    revision: value.revision,
    currency: value.currency,
    openedAt: value.openedAt,
    lastCommandAt: value.lastCommandAt,
    standing: standingOf(value),
    subscription: value.subscription === undefined ? null : fromSubscriptionSnapshot(value.subscription),
    lots,
    burnOrder: lots.filter(({ left }) => isPositive(left)).sort(compareLots),
    wallet: add(sum(lots), frozenOf({ payments })),
    receivable: decimal(value.receivable ?? '0'),
    starterGranted: value.starterGranted ?? false,
    recharges: { count, largest: decimal(largest), cumulative: decimal(cumulative) },
    done: doneOf(value),
    reversed: reversed.length === 0 ? null : new Set(reversed),
    payments,
    settledHolds: settledHoldsOf(value),
    charges: value.charges ?? 0,
  };
}

/**
 * A stored snapshot as this version would write it, to hold it against an account whatever version it is of; undefined where
 * it has a format that is not known here.
 */
export function asWrittenNow(value: unknown): AccountSnapshot | undefined {
  const account = fromSnapshot(value);
  return account && toSnapshot(account);
}

function isKnown(value: unknown): value is AccountSnapshot {
  if (typeof value !== 'object' || value === null || !('format' in value)) return false;
  const { format } = value;
  return typeof format === 'number' && format >= 1 && format <= LATEST_FORMAT;
}

/** One of a time when only the tier of the latest promotion was kept. */
function lacksEarlierTiers({ earned, earnedTier, tierRevision = -1 }: AccountSnapshot): boolean {
  const isPromoted = earnedTier !== undefined && earnedTier !== null;
  return isPromoted && earned === undefined && !isFirstOfItsStream(tierRevision);
}

function earnedOf({ earned, earnedTier }: AccountSnapshot): readonly string[] {
  if (earned !== undefined) return earned;
  return earnedTier === undefined || earnedTier === null ? newStanding.earnedTiers : [earnedTier];
}

/** One that nothing was said of is the one that all such accounts share. */
function standingOf(snapshot: AccountSnapshot): Standing {
  const { customMultiplier = null, keys = [] } = snapshot;
  const standing: Standing = {
    earnedTiers: earnedOf(snapshot),
    tierRevision: snapshot.tierRevision ?? -1,
    pinnedTier: snapshot.pinnedTier ?? null,
    payAsYouGo: snapshot.payAsYouGo ?? null,
    customMultiplier: customMultiplier === null ? null : decimal(customMultiplier),
    limits: snapshot.limits ?? null,
    suspended: snapshot.suspended ?? false,
    keys: keys.length === 0 ? null : new Map(keys.map((key): [string, ApiKey] => [key.keyId, keyOf(key)])),
  };
  const isNew = (Object.keys(newStanding) as (keyof Standing)[]).every((name) => standing[name] === newStanding[name]);
  return isNew ? newStanding : standing;
}

function doneSnapshot([key, { digest, revision }]: readonly [string, Remembered]) {
  const kind = key.slice(0, key.indexOf('/')) as CommandKind;
  return [kind, key.slice(kind.length + 1), digest, revision] as const;
}

function doneOf(snapshot: AccountSnapshot): Map<string, Remembered> | null {
  const done = snapshot.done ?? [
    ...ofKind('recharge', snapshot.rechargeIds),
    ...ofKind('grant', snapshot.grantIds),
    ...ofKind('reversal', snapshot.reversalIds),
  ];
  if (done.length === 0) return null;
  const inOrder = [...done].sort(([, , , a], [, , , b]) => a - b);
  return new Map(
    inOrder.map(([kind, id, digest, revision]): [string, Remembered] => [doneKey(kind, id), { digest, revision }]),
  );
}

function ofKind(kind: CommandKind, ids: readonly RememberedSnapshot[] = []) {
  return ids.map(([id, digest, revision]) => [kind, id, digest, revision] as const);
}

function paymentsSnapshot({ claimed, disputes, writtenOff }: Payments): PaymentsSnapshot {
  return {
    ...(claimed.size > 0 && { claimed: [...claimed].map(([id, amount]) => [id, toText(amount)] as const) }),
    ...(disputes.size > 0 && { disputes: [...disputes].map(disputeSnapshot) }),
    ...(!isZero(writtenOff) && { writtenOff: toText(writtenOff) }),
  };
}

function disputeSnapshot([id, { rechargeId, disputed, amount, frozen }]: readonly [string, Dispute]): DisputeSnapshot {
  const always = [id, rechargeId, toText(disputed), toText(amount)] as const;
  return isZero(frozen) ? always : [...always, toText(frozen)];
}

function paymentsOf({ payments }: AccountSnapshot): Payments | null {
  if (payments === undefined) return null;
  const { claimed = [], disputes = [], writtenOff = '0' } = payments;
  const known = disputes.map(([id, rechargeId, disputed, amount, frozen = '0']): [string, Dispute] => [
    id,
    { rechargeId, disputed: decimal(disputed), amount: decimal(amount), frozen: decimal(frozen) },
  ]);
  return {
    claimed: new Map(claimed.map(([id, amount]): [string, Decimal] => [id, decimal(amount)])),
    disputes: new Map(known),
    frozen: known.reduce((total, [, { frozen }]) => add(total, frozen), zero),
    writtenOff: decimal(writtenOff),
  };
}

function settledHoldsOf({ settledHolds }: AccountSnapshot): SettledHold[] | null {
  if (settledHolds === undefined) return null;
  return settledHolds.flatMap(([id, at]) => {
    const parts = parseAuthorizationId(id);
    return parts === undefined ? [] : [{ id, ...parts, at }];
  });
}

function lotSnapshot({ kind, id, occurredAt, expiresAt, left }: Lot): LotSnapshot {
  const granted = kind === 'granted' ? 1 : 0;
  return isPositive(left) ? [granted, id, occurredAt, expiresAt, toText(left)] : [granted, id, occurredAt, expiresAt];
}

function lotOf([granted, id, occurredAt, expiresAt, left]: LotSnapshot, lot: number): Lot {
  const kind = granted === 1 ? 'granted' : 'paid';
  return { lot, kind, id, occurredAt, expiresAt, left: left === undefined ? zero : decimal(left) };
}

function keySnapshot({ labels, ...key }: ApiKey): KeySnapshot {
  return labels === null ? key : { ...key, labels };
}

/** Its members in the order of a key that was folded, so that equal accounts have equal texts. */
function keyOf({ keyId, name, group, labels, ...rest }: KeySnapshot): ApiKey {
  return { keyId, name, group, labels: labels ?? null, ...rest };
}

function sum(lots: readonly Lot[]): Decimal {
  let total = zero;
  for (const { left } of lots) total = add(total, left);
  return total;
}
