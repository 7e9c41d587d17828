import type { TrialBalanceDto } from '@meterbook/finance/reports/trial-balance/trial-balance.dto';
import type { AccountDto } from '@meterbook/ledger/accounts/account-view.dto';
import type { CancelledDto, PeriodDto, SwitchDto } from '@meterbook/ledger/subscription/subscription.dto';
import { charge, type PricedCall } from './metering';
import { checkWallet, fact, type Stage } from './stage';

const platform = 'creditpool';
const name = 'acct-32';
const account = `/v1/platforms/${platform}/accounts/${name}`;
const starter = { paymentRef: 'sub-1', plan: 'starter', kind: 'auto-renew', provider: 'creem' };
const premium = { paymentRef: 'sub-2', plan: 'premium', provider: 'nowpayments' };

/** So many times 0.1 M tokens × 3 + 0.02 M × 15, in USD: 60 credits each. */
const call = (id: string, times: number, amount: string): PricedCall => ({
  id,
  model: 'claude-sonnet',
  units: { inputTokens: 100_000 * times, outputTokens: 20_000 * times },
  amount,
  factors: [],
});

/** Two pools of credits, a cap, the wallet behind them; an upgrade in the middle, and the end. */
export async function subscriber(stage: Stage): Promise<void> {
  await draw(stage);
  await upgrade(stage);
  await earnAndEnd(stage);
}

async function draw(stage: Stage): Promise<void> {
  const { api, page, till } = stage;
  page.say('Another customer pays for the plan starter, and has 5 USD in a wallet behind it.');
  const payment = { rechargeId: 'recharge-1', provider: 'creem', amount: '5', currency: 'USD' };
  await api.send('POST', `${account}/recharges`, payment);
  await api.send('PATCH', account, { payAsYouGo: true });
  const { pools } = await api.send<PeriodDto>('POST', `${account}/subscription`, starter);
  fact(stage, 'main pool, credits', pools.main.granted, '1200');
  fact(stage, 'backup pool, credits', pools.backup.granted, '3000');

  page.say('A day has 100 credits of the pools. The wallet pays what is beyond them, and the rest is owed.');
  const calls = [call('first', 1, '0.6'), call('second', 1, '0.6'), call('third', 10, '6')];
  const [first, second, third] = await charge(stage, platform, name, calls);
  till.paidByPools(platform, '1');
  fact(stage, 'drawn', first?.draws, [{ from: 'main', credits: '60' }]);
  fact(stage, 'drawn', second?.draws, [
    { from: 'main', credits: '40' },
    { from: 'wallet', amount: '0.2' },
  ]);
  fact(stage, 'limited by', second?.limitedBy, 'daily_cap');
  fact(stage, 'drawn', third?.draws, [
    { from: 'wallet', amount: '4.8' },
    { from: 'receivable', amount: '1.2' },
  ]);
}

async function upgrade(stage: Stage): Promise<void> {
  const { api, page, till } = stage;
  page.say('An upgrade credits what is not used up of the old plan: by time, by credits, a tenth at the least.');
  const quote = await api.get<SwitchDto>(`${account}/subscription/switch-quote?plan=${premium.plan}`);
  fact(stage, 'by credits, 0.75 × 100 / 1200', quote.proration.tokens, '0.0625');
  fact(stage, 'used up', quote.proration.consumed, '0.1');
  const { credit, proration } = await api.send<SwitchDto>('POST', `${account}/subscription/switch`, premium);
  const prices = `${proration.oldPrice} × (1 − 0.1), at most ${proration.newPrice} − ${proration.oldPrice}`;
  fact(stage, `credit, ${prices}`, credit, '9');
  page.say('It settles what was owed. The new pools are full, and the day begins anew.');
  await checkWallet(stage, account, '7.8');
  const [fourth] = await charge(stage, platform, name, [call('fourth', 1, '0.6')]);
  till.paidByPools(platform, '0.6');
  fact(stage, 'drawn', fourth?.draws, [{ from: 'main', credits: '60' }]);
}

async function earnAndEnd(stage: Stage): Promise<void> {
  const { api, page } = stage;
  page.say('The fee is no revenue yet. It is earned by the millisecond, and nothing is written for it.');
  const path = `/v1/platforms/${platform}/finance/trial-balance`;
  const before = deferredOf(await api.until<TrialBalanceDto>(path, (books) => deferredOf(books) !== undefined));
  const after = deferredOf(await api.quietlyUntil<TrialBalanceDto>(path, (books) => deferredOf(books) !== before));
  page.fact(`not earned yet, then and now: ${before ?? ''}, ${after ?? ''}`);

  page.say('Cancelled, it stays until what is paid is over.');
  const { status, endsAt } = await api.send<CancelledDto>('DELETE', `${account}/subscription`);
  const { subscription } = await api.get<AccountDto>(account);
  fact(stage, 'status', [status, subscription?.status, subscription?.cancelAtPeriodEnd], ['cancelled', 'active', true]);
  fact(stage, 'until', subscription?.periodEnd, endsAt);
}

/** What of the account's fees is not earned, as the books have it. */
function deferredOf({ lines }: TrialBalanceDto): string | undefined {
  return lines.find(({ ledgerAccount }) => ledgerAccount === `liabilities:deferred:${name}`)?.balance;
}
