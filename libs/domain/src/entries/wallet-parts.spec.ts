import type { Account } from '../account/account';
import { chargeUsage } from '../account/charging/charge';
import { reverseCharge } from '../account/charging/reverse';
import { accepted, alreadySo } from '../account/decision';
import type { Decision } from '../account/decision';
import type { AccountEvent } from '../account/events';
import { closeDispute } from '../account/payments/close-dispute';
import { disputeRecharge } from '../account/payments/dispute';
import { grantCredit } from '../account/wallet/grant';
import { receiveRecharge } from '../account/wallet/recharge';
import { toText } from '../amount/decimal';
import { aClosing, aDispute, aGrant, aRecharge, aReversal, at, chargeIn, rechargeIn, usage } from '../testing/commands';
import { given } from '../testing/given';
import { published } from '../testing/rulebooks';
import { partsMovedBy, partsMovedByCharge, type WalletParts } from './wallet-parts';

const rules = [published()];
type Step = (history: readonly AccountEvent[]) => (account: Account | undefined) => Decision;
const recharge =
  (amount: string, hour: number): Step =>
  () =>
  (account) =>
    receiveRecharge(account, aRecharge('r1', amount, hour), rules);
const grant =
  (amount: string, hour: number, expiresAt: number | null = null): Step =>
  () =>
  (account) =>
    grantCredit(account, aGrant(`g${hour}`, amount, hour, expiresAt), rules);
const charge =
  (requests: number, hour: number): Step =>
  () =>
  (account) => {
    const event = account && chargeUsage(account, [usage(`u${hour}`, requests, hour)], rules).event;
    return event ? accepted(event) : alreadySo;
  };
const reverse =
  (id: string, hour: number): Step =>
  (history) =>
  (account) =>
    reverseCharge(account, aReversal(`x${hour}`, id, hour), chargeIn(history, id));
const dispute =
  (hour: number): Step =>
  (history) =>
  (account) =>
    disputeRecharge(account, aDispute('d1', 'r1', hour), rechargeIn(history, 'r1'), rules);
const close =
  (outcome: 'won' | 'lost', hour: number): Step =>
  (history) =>
  (account) =>
    closeDispute(account, aClosing('d1', 'r1', outcome, hour), rechargeIn(history, 'r1'), rules);

const shown = ({ granted, frozen }: WalletParts) => [toText(granted), toText(frozen)];

/** By how much each step moved what was granted and what is frozen; a lot is granted where a grant opened it. */
function moved(...steps: readonly Step[]): (readonly string[])[] {
  const granted = new Set<number>();
  let history: readonly AccountEvent[] = [];
  return steps.map((step) => {
    const { events, soFar } = given(...history).when(step(history));
    const event = events.at(-1);
    if (event === undefined) throw new Error('nothing happened');
    const parts = shown(partsMovedBy(event, (lot) => granted.has(lot)));
    if (event.type === 'CreditGranted') granted.add(event.lot);
    history = soFar;
    return parts;
  });
}

describe('the parts of a wallet', () => {
  it('rise by what is granted, fall by what is drawn of it, and rise again by what comes back', () => {
    expect(moved(recharge('10', 0), grant('3', 1, at(9)), charge(5, 2), reverse('u2', 3))).toEqual([
      ['0', '0'],
      ['3', '0'],
      ['-3', '0'],
      ['3', '0'],
    ]);
  });

  it('rise only by what a grant leaves after it has settled what is owed', () => {
    expect(moved(recharge('1', 0), charge(3, 1), grant('5', 2))).toEqual([
      ['0', '0'],
      ['0', '0'],
      ['3', '0'],
    ]);
  });

  it('rise by what is granted anew where the lot that gave it has expired', () => {
    expect(moved(recharge('10', 0), grant('3', 1, at(4)), charge(5, 2), reverse('u2', 6)).at(-1)).toEqual(['3', '0']);
  });

  it('are frozen by a dispute, and thaw with its end', () => {
    expect(moved(recharge('10', 0), dispute(1), close('won', 2))).toEqual([
      ['0', '0'],
      ['0', '10'],
      ['0', '-10'],
    ]);
    expect(moved(recharge('10', 0), charge(4, 1), grant('5', 2), dispute(3), close('lost', 4)).slice(3)).toEqual([
      ['0', '6'],
      ['-4', '-6'],
    ]);
  });

  it('of one charge are what it drew of grants', () => {
    const history = [recharge('10', 0), grant('3', 1, at(9)), charge(5, 2)].reduce<readonly AccountEvent[]>(
      (soFar, step) => given(...soFar).when(step(soFar)).soFar,
      [],
    );
    const found = chargeIn(history, 'u2');
    if (found === undefined) throw new Error('no charge');
    expect(shown(partsMovedByCharge(found.charge, (lot) => lot === 1))).toEqual(['-3', '0']);
    expect(shown(partsMovedByCharge(found.charge, () => false))).toEqual(['0', '0']);
  });
});
