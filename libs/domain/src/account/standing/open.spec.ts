import { openAccount } from './open';
import { given } from '../../testing/given';
import { at, atText, nowAt } from '../../testing/commands';
import { published } from '../../testing/rulebooks';

const plain = [published()];
const starter = [published({ starterGrant: { amount: '5', reason: 'starter', expiresAfterDays: 2, automatic: true } })];
const opened = given().when((account) => openAccount(account, nowAt(1), plain));

describe('opening an account', () => {
  it('opens it in the currency of the rulebook', () => {
    opened.thenEvents({ type: 'AccountOpened', occurredAt: atText(1), currency: 'USD' });
  });

  it('opens it once: again is accepted and writes nothing, whatever its time', () => {
    given(...opened.soFar)
      .when((account) => openAccount(account, nowAt(2), plain))
      .thenNothing();
    given(...opened.soFar)
      .when((account) => openAccount(account, { occurredAt: at(9), now: at(0) }, []))
      .thenNothing();
  });

  it('gives the automatic starter grant, with its expiry', () => {
    const outcome = given().when((account) => openAccount(account, nowAt(1), starter));
    outcome.thenEvents(
      { type: 'AccountOpened' },
      { type: 'CreditGranted', grantId: null, amount: '5', starter: true, lot: 0, wallet: '5', expiresAt: atText(49) },
    );
    expect(outcome.account.starterGranted).toBe(true);
    expect(outcome.account.lots).toMatchObject([{ lot: 0, kind: 'granted', id: '' }]);
  });

  it('does not give a starter grant that has to be claimed', () => {
    const claimed = [
      published({ starterGrant: { amount: '5', reason: 'trial', expiresAfterDays: null, automatic: false } }),
    ];
    given()
      .when((account) => openAccount(account, nowAt(1), claimed))
      .thenEvents({ type: 'AccountOpened' });
  });

  it('cannot occur in the future, which is checked before the rulebook', () => {
    given()
      .when((account) => openAccount(account, { occurredAt: at(2), now: at(1) }, []))
      .thenRefused('occurred_at_in_future');
  });

  it('needs a rulebook in force at that time', () => {
    const later = [published({}, 1, atText(3))];
    given()
      .when((account) => openAccount(account, nowAt(2), later))
      .thenRefused('no_rulebook');
    given()
      .when((account) => openAccount(account, nowAt(3), later))
      .thenEvents({ type: 'AccountOpened' });
  });
});
