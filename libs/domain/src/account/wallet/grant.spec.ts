import { grantCredit } from './grant';
import type { Account } from '../account';
import type { Decision } from '../decision';
import { openAccount } from '../standing/open';
import { given } from '../../testing/given';
import { aGrant, at, atText, nowAt } from '../../testing/commands';
import { published } from '../../testing/rulebooks';

const claimable = { amount: '10', reason: 'trial', expiresAfterDays: 1, automatic: false };
const rules = [published({ starterGrant: claimable })];
const history = given().when((account) => openAccount(account, nowAt(0), rules)).soFar;
const grant =
  (...args: Parameters<typeof aGrant>) =>
  (account: Account | undefined): Decision =>
    grantCredit(account, aGrant(...args), rules);

describe('a grant', () => {
  it('adds a granted lot with its expiry', () => {
    const outcome = given(...history).when(grant('g1', '3', 1, at(9)));
    outcome.thenEvents({
      amount: '3',
      expiresAt: atText(9),
      starter: false,
      lot: 0,
      settled: '0',
      wallet: '3',
      rulebook: 1,
    });
    expect(outcome.account.lots).toMatchObject([{ kind: 'granted', id: 'g1', expiresAt: at(9) }]);
  });

  it('claims the starter grant once, with its reason and no amount', () => {
    const claim = given(...history).when(grant('g1', null, 1));
    claim.thenEvents({ amount: '10', reason: 'trial', starter: true, expiresAt: atText(25) });
    given(...claim.soFar)
      .when(grant('g1', null, 2))
      .thenRepeats(1);
    given(...claim.soFar)
      .when(grant('g2', null, 2))
      .thenRefused('already_claimed');
  });

  it('does not claim what was given at the opening', () => {
    const automatic = [published({ starterGrant: { ...claimable, automatic: true } })];
    const open = given().when((account) => openAccount(account, nowAt(0), automatic));
    given(...open.soFar)
      .when((account) => grantCredit(account, aGrant('g1', null, 1), automatic))
      .thenRefused('already_claimed');
  });

  it('is more than nothing', () => {
    given(...history)
      .when(grant('g1', '0', 1))
      .thenRefused('invalid_request');
    given(...history)
      .when(grant('g1', '-1', 1))
      .thenRefused('invalid_request');
  });

  it('does not claim what is given at openings only, by rules that came later', () => {
    const automatic = [published({ starterGrant: { ...claimable, automatic: true } })];
    given(...history)
      .when((account) => grantCredit(account, aGrant('g1', null, 1), automatic))
      .thenRefused('invalid_request');
  });

  it('is refused when it claims nothing', () => {
    given(...history)
      .when((account) => grantCredit(account, { ...aGrant('g1', null, 1), reason: 'luck' }, rules))
      .thenRefused('invalid_request');
    given(...history)
      .when((account) => grantCredit(account, aGrant('g1', null, 1), [published()]))
      .thenRefused('invalid_request');
  });

  it('is refused when it has expired already, by when it occurs', () => {
    given(...history)
      .when(grant('g1', '3', 1, at(1)))
      .thenRefused('invalid_request');
    given(...history)
      .when((account) =>
        grantCredit(account, { ...aGrant('g1', '3', 1, at(2)), time: { occurredAt: at(1), now: at(9) } }, rules),
      )
      .thenEvents({ type: 'CreditGranted' });
  });

  it('needs an account, and other content under its id conflicts', () => {
    given()
      .when(grant('g1', '3', 1))
      .thenRefused('unknown_account');
    const first = given(...history).when(grant('g1', '3', 1));
    given(...first.soFar)
      .when(grant('g1', '4', 1))
      .thenRefused('idempotency_conflict');
  });
});
