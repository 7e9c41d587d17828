import * as fc from 'fast-check';
import type { Account } from '../account/account';
import { changeTier } from '../account/standing/change-tier';
import { chargeUsage } from '../account/charging/charge';
import type { Decision } from '../account/decision';
import { accepted, alreadySo } from '../account/decision';
import type { AccountEvent } from '../account/events';
import { evolve } from '../account/evolve';
import { grantCredit } from '../account/wallet/grant';
import { receiveRecharge } from '../account/wallet/recharge';
import type { FoundCharge } from '../account/charging/reverse';
import { reverseCharge } from '../account/charging/reverse';
import { closeDispute } from '../account/payments/close-dispute';
import { disputeRecharge } from '../account/payments/dispute';
import { refundRecharge } from '../account/payments/refund';
import { writeOff } from '../account/payments/write-off';
import { changeSettings } from '../account/standing/settings';
import { fromInteger } from '../amount/decimal';
import type { PublishedRulebook } from '../rulebook/rulebook';
import { formatInstant } from '../time/instant';
import type { Usage } from '../usage/usage';
import {
  aChange,
  aClosing,
  aDispute,
  aGrant,
  aRecharge,
  aRefund,
  aReversal,
  at,
  aWriteOff,
  chargeIn,
  nowAt,
  rechargeIn,
  usage,
} from './commands';

/** Something that may be asked of an account, or happen to it, an hour or more after what came before. */
export type Happening =
  | { readonly does: 'recharge'; readonly id: number; readonly amount: number; readonly currency: string }
  | { readonly does: 'grant'; readonly id: number; readonly amount: number; readonly expiresInHours: number | null }
  /** Usage may be dated ahead: its `hoursLate` is then negative. */
  | { readonly does: 'charge'; readonly usages: readonly { readonly requests: number; readonly hoursLate: number }[] }
  /** Old streams hold reversals that occurred before their charge: they are `early`. */
  | { readonly does: 'reverse'; readonly id: number; readonly usage: number; readonly early?: boolean }
  /** Of one of the recharges there are, by its place. */
  | { readonly does: 'refund'; readonly id: number; readonly recharge: number }
  /** In the currency paid; null for all that is not claimed. */
  | { readonly does: 'dispute'; readonly id: number; readonly recharge: number; readonly amount: number | null }
  /** One of the disputes there are, by its place. */
  | { readonly does: 'close'; readonly dispute: number; readonly won: boolean; readonly fee: number | null }
  | { readonly does: 'write-off'; readonly id: number; readonly amount: number }
  | { readonly does: 'pay-as-you-go'; readonly on: boolean }
  | { readonly does: 'multiply'; readonly by: string | null }
  | { readonly does: 'promote'; readonly revision: number };

export interface Step {
  readonly waitHours: number;
  readonly happening: Happening;
}

const amount = fc.integer({ min: 1, max: 40 });
const id = fc.integer({ min: 0, max: 9 });
/** What becomes of payments, and what was owed. */
const payments: fc.MaybeWeightedArbitrary<Happening>[] = [
  { weight: 1, arbitrary: fc.record({ does: fc.constant('refund'), id, recharge: id }) },
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constant('dispute'),
      id,
      recharge: id,
      amount: fc.option(amount, { nil: null }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constant('close'),
      dispute: id,
      won: fc.boolean(),
      fee: fc.option(fc.integer({ min: 1, max: 5 }), { nil: null }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ does: fc.constant('write-off'), id, amount: fc.integer({ min: 1, max: 9 }) }),
  },
];
const happenings = (hoursAhead: number, early: fc.Arbitrary<boolean>): fc.Arbitrary<Happening> =>
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({ does: fc.constant('recharge'), id, amount, currency: fc.constantFrom('USD', 'CNY') }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        does: fc.constant('grant'),
        id,
        amount,
        expiresInHours: fc.option(fc.integer({ min: 1, max: 12 }), { nil: null }),
      }),
    },
    {
      weight: 6,
      arbitrary: fc.record({
        does: fc.constant('charge'),
        usages: fc.array(
          fc.record({ requests: fc.integer({ min: 0, max: 15 }), hoursLate: fc.integer({ min: -hoursAhead, max: 9 }) }),
          {
            minLength: 1,
            maxLength: 4,
          },
        ),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ does: fc.constant('reverse'), id, usage: fc.integer({ min: 0, max: 12 }), early }),
    },
    ...payments,
    { weight: 2, arbitrary: fc.record({ does: fc.constant('pay-as-you-go'), on: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ does: fc.constant('multiply'), by: fc.constantFrom(null, '0.3333333', '2') }) },
    { weight: 1, arbitrary: fc.record({ does: fc.constant('promote'), revision: fc.integer({ min: 0, max: 3 }) }) },
  );

const stepsOf = (happening: fc.Arbitrary<Happening>): fc.Arbitrary<readonly Step[]> =>
  fc.array(fc.record({ waitHours: fc.integer({ min: 0, max: 3 }), happening }), { minLength: 1, maxLength: 25 });

const paymentStepsOf = (happening: fc.Arbitrary<Happening>): fc.Arbitrary<readonly Step[]> =>
  fc.array(
    fc.record({
      waitHours: fc.integer({ min: 0, max: 1 }),
      happening: fc.oneof(...payments, { weight: 4, arbitrary: happening }),
    }),
    { minLength: 10, maxLength: 25, size: 'max' },
  );

/** What may happen to an account, in any order. */
export const steps = stepsOf(happenings(0, fc.constant(false)));

/** Long, and full of refunds, disputes and write-offs. */
export const stepsOfPayments = paymentStepsOf(happenings(0, fc.constant(false)));

/** The same with usage that is dated ahead, and reversals before their charge as old streams hold them. */
export const stepsOutOfTime = fc.oneof(
  { weight: 3, arbitrary: stepsOf(happenings(3, fc.boolean())) },
  { weight: 1, arbitrary: paymentStepsOf(happenings(3, fc.boolean())) },
);

/** One thing that was asked for, as it was decided. */
export interface Decided {
  readonly decide: (account: Account | undefined) => Decision;
  readonly decision: Decision;
  readonly isUsage: boolean;
  readonly hour: number;
}

/** An account's whole life. */
export interface History {
  readonly events: readonly AccountEvent[];
  readonly decided: readonly Decided[];
  readonly account: Account | undefined;
  readonly hour: number;
}

/** Lets things happen one after the other; `look` sees the account after each. */
export function live(
  story: readonly Step[],
  rulebooks: readonly PublishedRulebook[],
  look: (account: Account, hour: number) => void = () => undefined,
): History {
  const events: AccountEvent[] = [];
  const decided: Decided[] = [];
  let account: Account | undefined;
  let hour = 10;
  let usages = 0;
  for (const { waitHours, happening: next } of story) {
    hour += waitHours;
    const decide = decisionOf(next, hour, rulebooks, events, usages);
    if (next.does === 'charge') usages += next.usages.length;
    const decision = decide(account);
    decided.push({ decide, decision, isUsage: next.does === 'charge', hour });
    if (decision.kind !== 'accepted') continue;
    for (const event of decision.events) {
      account = evolve(account, event, events.length);
      events.push(event);
    }
    if (account !== undefined && decision.events.length > 0) look(account, hour);
  }
  return { events, decided, account, hour };
}

/** The usage of a step, its ids counted on from what came before. */
export function usagesOf(next: Extract<Happening, { does: 'charge' }>, hour: number, first: number): Usage[] {
  return next.usages.map(({ requests, hoursLate }, index) => usage(`u${first + index}`, requests, hour - hoursLate));
}

function decisionOf(
  next: Happening,
  hour: number,
  rulebooks: readonly PublishedRulebook[],
  before: readonly AccountEvent[],
  usages: number,
): (account: Account | undefined) => Decision {
  switch (next.does) {
    case 'recharge': {
      const recharge = { ...aRecharge(`r${next.id}`, '1', hour, next.currency), amount: fromInteger(next.amount) };
      return (account) =>
        receiveRecharge(account, { ...recharge, digest: `${next.amount} ${next.currency}` }, rulebooks);
    }
    case 'grant': {
      const expiresAt = next.expiresInHours === null ? null : at(hour + next.expiresInHours);
      return (account) => grantCredit(account, aGrant(`g${next.id}`, `${next.amount}`, hour, expiresAt), rulebooks);
    }
    case 'charge': {
      const batch = usagesOf(next, hour, usages);
      return (account) => {
        const event = account === undefined ? null : chargeUsage(account, batch, rulebooks).event;
        return event === null ? alreadySo : accepted(event);
      };
    }
    case 'reverse': {
      const found = chargeIn([...before], `u${next.usage}`);
      const reversal = aReversal(`x${next.id}`, `u${next.usage}`, hour);
      return next.early === true ? reverseEarly(reversal, found) : (account) => reverseCharge(account, reversal, found);
    }
    case 'refund':
    case 'dispute':
    case 'close':
    case 'write-off':
      return paymentDecisionOf(next, hour, rulebooks, [...before]);
    case 'pay-as-you-go':
      return (account) => changeSettings(account, aChange({ payAsYouGo: next.on }, hour), rulebooks);
    case 'multiply':
      return (account) =>
        changeSettings(account, { change: { customMultiplier: next.by }, time: nowAt(hour) }, rulebooks);
    case 'promote':
      return (account) =>
        changeTier(account, { from: 'default', to: 'vip', tierRevision: next.revision, occurredAt: at(hour) });
  }
}

/** What becomes of payments; what it is about is looked up in what happened before. */
function paymentDecisionOf(
  next: Extract<Happening, { does: 'refund' | 'dispute' | 'close' | 'write-off' }>,
  hour: number,
  rulebooks: readonly PublishedRulebook[],
  before: readonly AccountEvent[],
): (account: Account | undefined) => Decision {
  switch (next.does) {
    case 'refund': {
      const refund = aRefund(`f${next.id}`, rechargeOf(next.recharge, before), hour);
      return (account) => refundRecharge(account, refund, rechargeIn(before, refund.rechargeId), rulebooks);
    }
    case 'dispute': {
      const amount = next.amount === null ? null : `${next.amount}`;
      const dispute = aDispute(`d${next.id}`, rechargeOf(next.recharge, before), hour, amount);
      return (account) => disputeRecharge(account, dispute, rechargeIn(before, dispute.rechargeId), rulebooks);
    }
    case 'close': {
      const opened = before.filter((event) => event.type === 'RechargeDisputed');
      const { disputeId, rechargeId } = opened[next.dispute % opened.length] ?? { disputeId: 'd9', rechargeId: 'r0' };
      const fee = next.won || next.fee === null ? null : `${next.fee}`;
      const closing = aClosing(disputeId, rechargeId, next.won ? 'won' : 'lost', hour, fee);
      return (account) => closeDispute(account, closing, rechargeIn(before, rechargeId), rulebooks);
    }
    case 'write-off':
      return (account) => writeOff(account, aWriteOff(`w${next.id}`, `${next.amount}`, hour), rulebooks);
  }
}

/** One of the recharges that there were before. */
function rechargeOf(which: number, before: readonly AccountEvent[]): string {
  const recharges = before.filter((event) => event.type === 'WalletRecharged');
  return recharges[which % recharges.length]?.rechargeId ?? 'r9';
}

/** A reversal as it was decided when it could occur before its charge. */
function reverseEarly(
  reversal: ReturnType<typeof aReversal>,
  found: FoundCharge | undefined,
): (account: Account | undefined) => Decision {
  if (found === undefined) return (account) => reverseCharge(account, reversal, found);
  const { occurredAt } = found.charge;
  const dateless = { ...found, charge: { ...found.charge, occurredAt: formatInstant(0) } };
  return (account) => {
    const decision = reverseCharge(account, reversal, dateless);
    if (decision.kind !== 'accepted') return decision;
    return accepted(
      ...decision.events.map((event) =>
        event.type === 'UsageReversed' ? { ...event, chargeOccurredAt: occurredAt } : event,
      ),
    );
  };
}
