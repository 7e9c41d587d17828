import type { AccountDto } from '@meterbook/ledger/accounts/account-view.dto';
import { charge, type PricedCall } from './metering';
import { checkWallet, fact, type Stage } from './stage';

const platform = 'tokenopen';
const accounts = `/v1/platforms/${platform}/accounts`;
/** An account with a key in each of two groups, and one with a multiplier of its own. */
const account = `${accounts}/acct-11`;
const enterprise = `${accounts}/acct-12`;

/** 0.01 M tokens × 3 + 0.002 M × 15 = 0.06 USD before any multiplier. */
const call = { model: 'claude-sonnet', units: { inputTokens: 10_000, outputTokens: 2_000 } };

const byKey = (keyId: string, group: string, multiplier: string, amount: string): PricedCall => ({
  ...call,
  id: `by-${keyId}`,
  apiKeyId: keyId,
  amount,
  factors: [[multiplier, `groupMultiplier ${group}`]],
});

/** Administrators keep groups; the group of the API key prices the call. */
export async function tokenopen(stage: Stage): Promise<void> {
  const { api, page } = stage;
  page.heading('3. tokenopen: the group of the API key prices the call');

  page.say('One account with two keys: the same call costs 0.8 of the price by the key in the group vip.');
  const payment = { rechargeId: 'recharge-1', provider: 'manual', amount: '50', currency: 'USD' };
  await api.send('POST', `${account}/recharges`, payment);
  await api.send('POST', `${account}/keys`, { keyId: 'key-default', name: 'tests', group: 'default' });
  await api.send('POST', `${account}/keys`, { keyId: 'key-vip', name: 'production', group: 'vip' });
  const calls = [byKey('key-default', 'default', '1', '0.06'), byKey('key-vip', 'vip', '0.8', '0.048')];
  await charge(stage, platform, 'acct-11', calls);
  await checkWallet(stage, account, '49.892');

  page.say('Enterprise is custom: the account carries a multiplier of its own, which replaces that of every group.');
  await api.send('POST', `${enterprise}/recharges`, payment);
  await api.send('POST', `${enterprise}/keys`, { keyId: 'key-large', name: 'production', group: 'enterprise' });
  const settings = { customMultiplier: '0.55' };
  const { customMultiplier } = await api.send<AccountDto>('PATCH', enterprise, settings);
  fact(stage, 'multiplier of its own', customMultiplier, '0.55');
  const custom = {
    ...byKey('key-large', 'enterprise', '0.55', '0.033'),
    factors: [['0.55', 'customMultiplier account']] as const,
  };
  await charge(stage, platform, 'acct-12', [custom]);
  await checkWallet(stage, enterprise, '49.967');
}
