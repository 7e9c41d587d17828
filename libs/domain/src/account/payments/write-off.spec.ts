import { writeOff } from './write-off';
import { writtenOffOf } from './payments';
import type { Account } from '../account';
import { writeOffAnswer } from '../answers';
import { chargeUsage } from '../charging/charge';
import { accepted, alreadySo } from '../decision';
import { openAccount } from '../standing/open';
import type { ReceivableWrittenOff } from './events';
import { toText } from '../../amount/decimal';
import { given } from '../../testing/given';
import { at, atText, aWriteOff, nowAt, usage } from '../../testing/commands';
import { published } from '../../testing/rulebooks';

const rules = [published()];
const opened = given().when((account) => openAccount(account, nowAt(0), rules)).soFar;
const owing = given(...opened).when((account) => {
  const { event } = chargeUsage(account as Account, [usage('u1', 25, 1)], rules);
  return event === null ? alreadySo : accepted(event);
}).soFar;

describe('a write-off', () => {
  it('gives up a part of what is owed', () => {
    const outcome = given(...owing).when((account) => writeOff(account, aWriteOff('w1', '10', 2), rules));
    outcome.thenEvents({
      type: 'ReceivableWrittenOff',
      occurredAt: atText(2),
      rulebook: 1,
      writeOffId: 'w1',
      currency: 'USD',
      amount: '10',
      reason: 'never paid',
      wallet: '0',
      receivable: '15',
    });
    expect(toText(writtenOffOf(outcome.account))).toBe('10');
    expect(writeOffAnswer(outcome.events[0] as ReceivableWrittenOff)).toEqual({
      writeOffId: 'w1',
      writtenOff: '10',
      currency: 'USD',
      receivable: '15',
    });
  });

  it('is refused in this order: conflict, time, rules, nothing, more than is owed', () => {
    const lost = given(...owing).when((account) => writeOff(account, aWriteOff('w1', '10', 2), rules)).soFar;
    const asked = (id: string, amount: string, occurredAt: number, versions = rules) =>
      given(...lost).when((account) =>
        writeOff(account, { ...aWriteOff(id, amount, 0), time: { occurredAt: at(occurredAt), now: at(3) } }, versions),
      );
    given()
      .when((account) => writeOff(account, aWriteOff('w1', '1', 1), rules))
      .thenRefused('unknown_account');
    asked('w1', '10', 9, []).thenRepeats(2);
    asked('w1', '11', 9, []).thenRefused('idempotency_conflict');
    asked('w2', '0', 9, []).thenRefused('occurred_at_in_future');
    asked('w2', '0', 1, []).thenRefused('occurred_at_out_of_order');
    asked('w2', '0', 3, []).thenRefused('no_rulebook');
    asked('w2', '0', 3).thenRefused('invalid_request');
    asked('w2', '15.000001', 3).thenRefused('exceeds_receivable');
    asked('w2', '15', 3).thenEvents({ receivable: '0' });
  });
});
