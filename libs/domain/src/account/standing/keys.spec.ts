import { changeApiKey, issueApiKey, revokeApiKey } from './keys';
import type { Account } from '../account';
import type { Decision } from '../decision';
import { openAccount } from './open';
import { given } from '../../testing/given';
import { at, atText, nowAt } from '../../testing/commands';
import { published } from '../../testing/rulebooks';

const rules = [
  published({
    groups: [
      { id: 'default', models: ['*'] },
      { id: 'vip', models: ['*'] },
    ],
  }),
];
const history = given().when((account) => openAccount(account, nowAt(0), rules)).soFar;
const issue =
  (keyId: string, group: string | null, hour = 1) =>
  (account: Account | undefined): Decision =>
    issueApiKey(
      account,
      { keyId, name: 'main', group, secretHash: 'hash', digest: group ?? '', time: nowAt(hour) },
      rules,
    );
const move =
  (keyId: string, group: string | null) =>
  (account: Account | undefined): Decision =>
    changeApiKey(account, { keyId, group, time: nowAt(2) }, rules);
const revoke =
  (keyId: string) =>
  (account: Account | undefined): Decision =>
    revokeApiKey(account, { keyId, time: nowAt(3) });

describe('API keys', () => {
  it('are issued once, in a group that exists', () => {
    const first = given(...history).when(issue('k1', 'vip'));
    first.thenEvents({ type: 'ApiKeyIssued', keyId: 'k1', group: 'vip', secretHash: 'hash', occurredAt: atText(1) });
    given(...first.soFar)
      .when(issue('k1', 'vip'))
      .thenRepeats(1);
    given(...first.soFar)
      .when(issue('k1', 'default'))
      .thenRefused('idempotency_conflict');
    given(...history)
      .when(issue('k2', 'gold'))
      .thenRefused('unknown_group');
    expect(
      given(...history)
        .when(issue('k3', null))
        .account.standing.keys?.get('k3')?.group,
    ).toBeNull();
  });

  it('are issued, changed and revoked in the order of times', () => {
    const first = given(...history).when(issue('k1', 'vip', 2)).soFar;
    const late = { occurredAt: at(9), now: at(3) };
    given(...first)
      .when((account) =>
        issueApiKey(account, { keyId: 'k2', name: 'n', group: null, secretHash: 'h', digest: 'd', time: late }, rules),
      )
      .thenRefused('occurred_at_in_future');
    given(...first)
      .when((account) => changeApiKey(account, { keyId: 'k1', group: 'default', time: late }, rules))
      .thenRefused('occurred_at_in_future');
    given(...first)
      .when((account) => revokeApiKey(account, { keyId: 'k1', time: late }))
      .thenRefused('occurred_at_in_future');
  });

  it('are unknown to an account that has none', () => {
    given(...history)
      .when(move('k1', 'vip'))
      .thenRefused('unknown_api_key');
    given(...history)
      .when(revoke('k1'))
      .thenRefused('unknown_api_key');
  });

  it('change their group', () => {
    const first = given(...history).when(issue('k1', 'vip'));
    const moved = given(...first.soFar).when(move('k1', 'default'));
    expect(moved.account.standing.keys?.get('k1')?.group).toBe('default');
    given(...first.soFar)
      .when(move('k1', 'vip'))
      .thenNothing();
    given(...first.soFar)
      .when(move('k1', 'gold'))
      .thenRefused('unknown_group');
    given(...first.soFar)
      .when(move('k9', 'vip'))
      .thenRefused('unknown_api_key');
  });

  it('have labels, which are replaced whole, and leave alone what a change does not name', () => {
    const labels = { team: 'core', project: 'a' };
    const key = { keyId: 'k1', name: 'main', group: 'vip', secretHash: 'hash', digest: 'd' };
    const issued = given(...history).when((account) => issueApiKey(account, { ...key, labels, time: nowAt(1) }, rules));
    const change = (soFar: typeof history, named: { group?: string | null; labels?: Record<string, string> | null }) =>
      given(...soFar).when((account) => changeApiKey(account, { keyId: 'k1', ...named, time: nowAt(2) }, rules));
    const shown = (account: Account) => {
      const { group, labels: has } = account.standing.keys?.get('k1') ?? {};
      return [group, has];
    };
    expect(shown(issued.account)).toEqual(['vip', labels]);
    const moved = change(issued.soFar, { group: 'default' });
    moved.thenEvents({ type: 'ApiKeyChanged', group: 'default' });
    expect(moved.events[0]).not.toHaveProperty('labels');
    expect(shown(moved.account)).toEqual(['default', labels]);
    const relabelled = change(moved.soFar, { labels: { team: 'ads' } });
    relabelled.thenEvents({ type: 'ApiKeyChanged', group: 'default', labels: { team: 'ads' } });
    expect(shown(relabelled.account)).toEqual(['default', { team: 'ads' }]);
    change(relabelled.soFar, { labels: { team: 'ads' } }).thenNothing();
    change(relabelled.soFar, { group: 'default', labels: { team: 'ads' } }).thenNothing();
    for (const none of [null, {}]) {
      const bare = change(relabelled.soFar, { labels: none });
      bare.thenEvents({ type: 'ApiKeyChanged', labels: {} });
      expect(shown(bare.account)).toEqual(['default', null]);
      change(bare.soFar, { labels: null }).thenNothing();
    }
  });

  it('keep a group that the rulebook has let go of, where only their labels change', () => {
    const first = given(...history).when(issue('k1', 'vip'));
    const later = [...rules, published({ groups: [{ id: 'default', models: ['*'] }] }, 2)];
    const change = (group?: string) => (account: Account | undefined) =>
      changeApiKey(
        account,
        { keyId: 'k1', ...(group !== undefined && { group }), labels: { a: 'b' }, time: nowAt(2) },
        later,
      );
    expect(
      given(...first.soFar)
        .when(change())
        .account.standing.keys?.get('k1'),
    ).toMatchObject({ group: 'vip', labels: { a: 'b' } });
    given(...first.soFar)
      .when(change('gold'))
      .thenRefused('unknown_group');
  });

  it('are revoked for good, and twice is accepted', () => {
    const first = given(...history).when(issue('k1', 'vip'));
    const revoked = given(...first.soFar).when(revoke('k1'));
    expect(revoked.account.standing.keys?.get('k1')?.revoked).toBe(true);
    given(...revoked.soFar)
      .when(revoke('k1'))
      .thenNothing();
    given(...revoked.soFar)
      .when(issue('k1', 'vip'))
      .thenRepeats(1);
    given(...first.soFar)
      .when(revoke('k9'))
      .thenRefused('unknown_api_key');
  });

  it('belong to an account', () => {
    given().when(issue('k1', null)).thenRefused('unknown_account');
    given().when(move('k1', null)).thenRefused('unknown_account');
    given().when(revoke('k1')).thenRefused('unknown_account');
  });
});
