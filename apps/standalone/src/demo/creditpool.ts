import type { AccountDto } from '@meterbook/ledger/accounts/account-view.dto';
import { charge, type PricedCall } from './metering';
import { checkWallet, fact, type Stage } from './stage';
import { subscriber } from './subscriber';

const platform = 'creditpool';
const name = 'acct-31';
const account = `/v1/platforms/${platform}/accounts/${name}`;

/** 0.1 M tokens × 3 + 0.02 M × 15 = 0.6 USD. */
const call = (id: string): PricedCall => ({
  id,
  model: 'claude-sonnet',
  units: { inputTokens: 100_000, outputTokens: 20_000 },
  amount: '0.6',
  factors: [],
});

/** A wallet that pays only for those who turned it on, and plans. */
export async function creditpool(stage: Stage): Promise<void> {
  const { api, page } = stage;
  page.heading('5. creditpool: a wallet that one opts in to, and plans with pools of credits');

  page.say('Cards come by Creem, from 5 USD on. What the rulebook does not take is refused, and opens nothing.');
  const payment = { rechargeId: 'recharge-1', provider: 'creem', amount: '20', currency: 'USD' };
  const stripe = await api.refused('POST', `${account}/recharges`, { ...payment, provider: 'stripe' });
  fact(stage, 'refused', `${stripe.status} ${stripe.code}`, '422 provider_unsupported');
  const small = await api.refused('POST', `${account}/recharges`, { ...payment, amount: '3' });
  fact(stage, 'refused', `${small.status} ${small.code}`, '422 below_minimum_recharge');
  await api.send('POST', `${account}/recharges`, payment);

  page.say('Pay-as-you-go is off. Usage that happened is never dropped: what nothing covers is owed.');
  const [owed] = await charge(stage, platform, name, [call('before-opt-in')]);
  fact(stage, 'drawn', owed?.draws, [{ from: 'receivable', amount: '0.6' }]);
  fact(stage, 'limited by', owed?.limitedBy, 'pay_as_you_go_off');
  await checkWallet(stage, account, '20', '0.6');

  page.say('Turned on, it settles at once what was owed, and pays from now on.');
  const settled = await api.send<AccountDto>('PATCH', account, { payAsYouGo: true });
  fact(stage, 'receivable, USD', settled.receivable, '0');
  fact(stage, 'wallet, USD', settled.wallet, '19.4');
  const [paid] = await charge(stage, platform, name, [call('after-opt-in')]);
  fact(stage, 'drawn', paid?.draws, [{ from: 'wallet', amount: '0.6' }]);
  await checkWallet(stage, account, '18.8');
  await subscriber(stage);
}
