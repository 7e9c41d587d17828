import type { Decimal } from '../amount/decimal';
import { add, decimal, isZero, toText, zero } from '../amount/decimal';
import type { DrawSource } from '../rulebook/rulebook';
import { explain } from '../rating/explain';
import type { Labels } from '../usage/labels';
import type { ApiKey } from './account';
import type { Charge, UsageReversed } from './charging/events';
import type { DisputeClosed, RechargeDisputed, RechargeRefunded, ReceivableWrittenOff } from './payments/events';
import type { PoolCredits } from './subscription/events';
import type { CreditGranted, LotAmount, WalletRecharged } from './wallet/events';

/** One source of a charge and what it gave, in draw order; none of zero. */
export interface DrawAnswer {
  readonly from: DrawSource | 'receivable';
  /** Of a pool. */
  readonly credits?: string;
  /** Of any other, in the wallet's currency. */
  readonly amount?: string;
}

export interface RechargeAnswer {
  readonly rechargeId: string;
  readonly credited: string;
  readonly currency: string;
  readonly paid: { readonly amount: string; readonly currency: string };
  readonly fxRate: string | null;
  readonly receivableSettled: string;
}

export interface GrantAnswer {
  /** Null for the automatic starter grant. */
  readonly grantId: string | null;
  readonly granted: string;
  readonly currency: string;
  readonly expiresAt: string | null;
  readonly receivableSettled: string;
}

export interface RefundAnswer {
  readonly refundId: string;
  readonly refunded: string;
  readonly currency: string;
  readonly paidBack: { readonly amount: string; readonly currency: string };
}

export interface DisputeAnswer {
  readonly disputeId: string;
  readonly rechargeId: string;
  readonly disputed: { readonly amount: string; readonly currency: string };
  readonly amount: string;
  readonly frozen: string;
  readonly currency: string;
}

export interface DisputeWonAnswer {
  readonly disputeId: string;
  readonly outcome: 'won';
  readonly thawed: string;
  readonly receivableSettled: string;
  readonly currency: string;
}

export interface DisputeLostAnswer {
  readonly disputeId: string;
  readonly outcome: 'lost';
  readonly taken: string;
  readonly owed: string;
  readonly fee: string;
  readonly currency: string;
}

export interface WriteOffAnswer {
  readonly writeOffId: string;
  readonly writtenOff: string;
  readonly currency: string;
  readonly receivable: string;
}

export interface ReversalAnswer {
  readonly reversalId: string;
  readonly source: string;
  readonly id: string;
  readonly amount: string;
  /** What came back, before it settled anything. */
  readonly returned: readonly DrawAnswer[];
}

export interface KeyAnswer {
  readonly keyId: string;
  readonly name: string;
  readonly group: string | null;
  readonly labels: Labels;
}

export interface ChargeAnswer {
  readonly source: string;
  readonly id: string;
  readonly occurredAt: string;
  readonly model: string;
  readonly amount: string;
  readonly unrounded: string;
  readonly currency: string;
  readonly tier: string;
  readonly group: string;
  readonly channel: string | null;
  readonly apiKeyId: string | null;
  readonly rulebookVersion: number;
  readonly cost: string;
  readonly plan: string | null;
  readonly labels: Labels;
  readonly draws: readonly DrawAnswer[];
  readonly limitedBy: string | null;
  readonly reversed: boolean;
  readonly explain: string;
}

export function rechargeAnswer({
  rechargeId,
  credited,
  currency,
  paid,
  fxRate,
  settled,
}: WalletRecharged): RechargeAnswer {
  return { rechargeId, credited, currency, paid, fxRate, receivableSettled: settled };
}

export function grantAnswer({ grantId, amount, currency, expiresAt, settled }: CreditGranted): GrantAnswer {
  return { grantId, granted: amount, currency, expiresAt, receivableSettled: settled };
}

export function refundAnswer({ refundId, refunded, currency, paidBack }: RechargeRefunded): RefundAnswer {
  return { refundId, refunded, currency, paidBack };
}

export function disputeAnswer(event: RechargeDisputed): DisputeAnswer {
  const { disputeId, rechargeId, disputed, amount, frozen, currency } = event;
  return { disputeId, rechargeId, disputed, amount, frozen, currency };
}

export function disputeWonAnswer({ disputeId, thawed, settled = '0', currency }: DisputeClosed): DisputeWonAnswer {
  return { disputeId, outcome: 'won', thawed, receivableSettled: settled, currency };
}

/** What was taken of the wallet, what is owed and the fee, all of them in the wallet's currency. */
export function disputeLostAnswer(event: DisputeClosed): DisputeLostAnswer {
  const { disputeId, thawed, lots = [], owed = '0', fee, currency } = event;
  const taken = toText(add(decimal(thawed), sumOf(lots)));
  return { disputeId, outcome: 'lost', taken, owed, fee: fee?.amount ?? '0', currency };
}

export function writeOffAnswer({ writeOffId, amount, currency, receivable }: ReceivableWrittenOff): WriteOffAnswer {
  return { writeOffId, writtenOff: amount, currency, receivable };
}

const noneGranted = { settledBack: '0', promoted: '0', expired: '0' };

export function reversalAnswer(event: UsageReversed): ReversalAnswer {
  const { reversalId, source, id, amount, lots, granted, forgiven, credits, drawOrder } = event;
  const { settledBack, promoted, expired = '0' } = granted ?? noneGranted;
  const grantedBack = add(decimal(settledBack), add(decimal(promoted), decimal(expired)));
  const returned = draws(credits, add(sumOf(lots), grantedBack), decimal(forgiven), drawOrder);
  return { reversalId, source, id, amount, returned };
}

/** A key as it is shown: its secret stands in the answer of its issue only, and never in a repeat. */
export function keyAnswer({
  keyId,
  name,
  group,
  labels,
}: Pick<ApiKey, 'keyId' | 'name' | 'group'> & { readonly labels?: Labels | null }): KeyAnswer {
  return { keyId, name, group, labels: labels ?? {} };
}

/** A charge as it is shown, with its price spelled out; `reversed` is the account's word on it. */
export function chargeAnswer(charge: Charge, currency: string, reversed: boolean): ChargeAnswer {
  const { source, id, occurredAt, model, amount, tier, group } = charge;
  const unrounded = charge.unrounded ?? amount;
  return {
    source,
    id,
    occurredAt,
    model,
    amount,
    unrounded,
    currency,
    tier,
    group,
    channel: charge.channel ?? null,
    apiKeyId: charge.apiKeyId ?? null,
    rulebookVersion: charge.rulebook,
    cost: charge.cost ?? amount,
    plan: charge.plan ?? null,
    labels: charge.labels ?? {},
    draws: chargeDraws(charge),
    limitedBy: charge.limitedBy ?? null,
    reversed,
    explain: `${explain({ ...charge, unrounded, currency })}${paidText(charge, currency)}`,
  };
}

/** Behind the formula of a charge that a plan paid for: what gave how much, and what kept a source from giving more. */
function paidText(charge: Charge, currency: string): string {
  if (charge.plan === undefined) return '';
  const given = chargeDraws(charge).map(({ from, credits, amount }) =>
    credits === undefined ? `${from} ${amount ?? ''} ${currency}` : `${from} ${credits} credits`,
  );
  const limited = charge.limitedBy === undefined ? '' : `; limited by ${charge.limitedBy}`;
  return given.length === 0 ? '' : ` [${given.join(', ')}${limited}]`;
}

/** What each source gave to a charge. */
export function chargeDraws({ credits, lots, owed, drawOrder }: Charge): DrawAnswer[] {
  return draws(credits, sumOf(lots ?? []), owed === undefined ? zero : decimal(owed), drawOrder);
}

const usualOrder: readonly DrawSource[] = ['main', 'backup', 'wallet'];

function draws(
  [, main, backup]: PoolCredits = [0, '0', '0'],
  wallet: Decimal,
  receivable: Decimal,
  order = usualOrder,
): DrawAnswer[] {
  const given = { main, backup, wallet: toText(wallet) };
  const answer: DrawAnswer[] = [];
  for (const from of order) {
    if (given[from] === '0') continue;
    answer.push(from === 'wallet' ? { from, amount: given[from] } : { from, credits: given[from] });
  }
  if (!isZero(receivable)) answer.push({ from: 'receivable', amount: toText(receivable) });
  return answer;
}

function sumOf(lots: readonly LotAmount[]): Decimal {
  let sum = zero;
  for (const [, amount] of lots) sum = add(sum, decimal(amount));
  return sum;
}
