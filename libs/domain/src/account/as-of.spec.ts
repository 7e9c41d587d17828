import { accountAsOf } from './as-of';
import type { Account } from './account';
import { toText } from '../amount/decimal';
import { chargeUsage } from './charging/charge';
import type { Decision } from './decision';
import { accepted, alreadySo } from './decision';
import type { AccountEvent } from './events';
import type { Charge } from './charging/events';
import { grantCredit } from './wallet/grant';
import { receiveRecharge } from './wallet/recharge';
import { reverseCharge } from './charging/reverse';
import { openAccount } from './standing/open';
import { changeSettings } from './standing/settings';
import { given } from '../testing/given';
import { aChange, aGrant, aRecharge, aReversal, at, atText, chargeIn, nowAt, usage } from '../testing/commands';
import { published } from '../testing/rulebooks';

const rules = [published()];
const optIn = [published({ wallet: { requiresOptIn: true } })];
type Step = (account: Account | undefined) => Decision;
const recharge =
  (id: string, amount: string, hour: number): Step =>
  (account) =>
    receiveRecharge(account, aRecharge(id, amount, hour), rules);
const charge =
  (id: string, requests: number, hour: number, of = rules): Step =>
  (account) => {
    const { event } = chargeUsage(account as Account, [usage(id, requests, hour)], of);
    return event === null ? alreadySo : accepted(event);
  };
const after = (...steps: Step[]): readonly AccountEvent[] =>
  steps.reduce<readonly AccountEvent[]>((history, decide) => given(...history).when(decide).soFar, []);
const moneyAsOf = (history: readonly AccountEvent[], hour: number) => {
  const account = accountAsOf(
    history.map((event, revision) => ({ event, revision })),
    at(hour),
  );
  return account && [toText(account.wallet), toText(account.receivable), account.revision];
};

describe('the account as of a past instant', () => {
  const history = after(recharge('r1', '10', 1), recharge('r2', '5', 5), charge('u1', 2, 3), charge('u2', 13, 4));

  it('is not there before its opening', () => {
    expect(moneyAsOf(history, 0)).toBeUndefined();
    expect(moneyAsOf(history, 1)).toEqual(['10', '0', 1]);
  });

  it('holds what had occurred by then, whenever it was booked', () => {
    expect(moneyAsOf(history, 3)).toEqual(['8', '0', 3]);
    expect(moneyAsOf(history, 5)).toEqual(['0', '0', 4]);
  });

  it('shows as owed what was drawn on money that was not there yet', () => {
    expect(moneyAsOf(history, 4)).toEqual(['0', '5', 4]);
  });

  it('shows as owed what was drawn on money that a later reversal gave back', () => {
    const base = after(recharge('r1', '5', 1), charge('u1', 5, 2));
    const reversed = given(...base).when((account) =>
      reverseCharge(account, aReversal('x1', 'u1', 6), chargeIn(base, 'u1')),
    );
    const late = given(...reversed.soFar).when(charge('u2', 4, 3)).soFar;
    expect(moneyAsOf(late, 4)).toEqual(['0', '4', 4]);
    expect(moneyAsOf(late, 6)).toEqual(['1', '0', 4]);
  });

  it('settles no more than was owed by then', () => {
    const late = after(recharge('r1', '1', 1), charge('u1', 4, 9), recharge('r2', '10', 5));
    expect(moneyAsOf(late, 6)).toEqual(['11', '0', 3]);
    expect(moneyAsOf(late, 9)).toEqual(['7', '0', 3]);
    const on = after(recharge('r1', '9', 1), charge('u1', 4, 9, optIn), (account) =>
      changeSettings(account, aChange({ payAsYouGo: true }, 5), optIn),
    );
    expect(moneyAsOf(on, 6)).toEqual(['9', '0', 3]);
    expect(moneyAsOf(on, 9)).toEqual(['5', '0', 3]);
  });

  it('leaves out the reversal of what had not occurred', () => {
    const base = after(recharge('r1', '9', 1), charge('u1', 4, 9));
    const reversed = given(...base).when((account) =>
      reverseCharge(account, aReversal('x1', 'u1', 5), chargeIn(base, 'u1')),
    ).soFar;
    expect(moneyAsOf(reversed, 6)).toEqual(['9', '0', 1]);
    expect(moneyAsOf(reversed, 9)).toEqual(['9', '0', 3]);
  });

  it('gives back what a reversal would have given back then', () => {
    const base = after(recharge('r1', '1', 1), charge('u1', 5, 2), recharge('r2', '4', 3), charge('u2', 7, 9));
    const reversed = given(...base).when((account) =>
      reverseCharge(account, aReversal('x1', 'u1', 5), chargeIn(base, 'u1')),
    ).soFar;
    // By 6 nothing but u1 was charged, and it had been settled: its 5 come back to the wallet whole.
    expect(moneyAsOf(reversed, 6)).toEqual(['5', '0', 5]);
    expect(moneyAsOf(reversed, 9)).toEqual(['0', '2', 5]);
  });

  it('numbers lots by what was there, and later draws find them', () => {
    const grants = after(
      recharge('r1', '1', 1),
      (account) => grantCredit(account, aGrant('g1', '3', 7, at(20)), rules),
      charge('u1', 2, 8),
      charge('u2', 1, 2),
    );
    expect(moneyAsOf(grants, 6)).toEqual(['1', '1', 4]);
    expect(moneyAsOf(grants, 9)).toEqual(['1', '0', 4]);
  });

  it('survives old streams in which usage dated ahead was reversed before it occurred', () => {
    const ahead =
      (hour: number): Step =>
      (account) => {
        const { event } = chargeUsage(account as Account, [usage('u1', 5, hour)], rules);
        return event === null ? alreadySo : accepted(event);
      };
    const open: Step = (account) => openAccount(account, nowAt(1), rules);
    const recharged = after(open, ahead(3), recharge('r1', '10', 1));
    // It was decided as if the charge had occurred when it was reversed.
    const reversed = given(...recharged).when((account) => {
      const found = chargeIn(recharged, 'u1');
      return reverseCharge(account, aReversal('x1', 'u1', 2), found && { ...found, charge: atOnce(found.charge) });
    }).soFar;
    const history = reversed.map((event) =>
      event.type === 'UsageReversed' ? { ...event, chargeOccurredAt: atText(3) } : event,
    );
    const used = given(...history).when(charge('u2', 3, 2)).soFar;
    expect(used.at(-1)).toMatchObject({ charges: [{ lots: [[1, '3']] }] });
    expect(moneyAsOf(used, 2)).toEqual(['10', '3', 4]);
    const back = given(...used).when((account) =>
      reverseCharge(account, aReversal('x2', 'u2', 2), chargeIn(used, 'u2')),
    ).soFar;
    expect(moneyAsOf(back, 2)).toEqual(['10', '0', 5]);
    expect(moneyAsOf(back, 3)).toEqual(['10', '0', 5]);
  });
});

const atOnce = (charge: Charge): Charge => ({ ...charge, occurredAt: atText(1) });
