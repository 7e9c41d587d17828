import type { RechargeDto } from '@meterbook/ledger/wallet/receive-recharge.dto';
import type { AccountDto } from '@meterbook/ledger/accounts/account-view.dto';
import { charge, type PricedCall } from './metering';
import { minus, sum } from './money';
import { fact, type Stage } from './stage';

export const USDCNY_ACCOUNT = 'acct-7';
const platform = 'usdcny';
const account = `/v1/platforms/${platform}/accounts/${USDCNY_ACCOUNT}`;

const official = ['1', 'channelDiscount official'] as const;
const relay = ['0.6', 'channelDiscount relay'] as const;
const silver = ['0.95', 'tierDiscount silver'] as const;
const priority = ['1.8', 'field priority=priority'] as const;

/** The call that fails upstream and is undone later. */
export const FAILED_CALL = { id: 'veo-priority', amount: '0.684' };

/** One call for each way of billing; the comments do the rulebook's sums. */
const calls: readonly PricedCall[] = [
  {
    id: 'claude-cached',
    model: 'claude-sonnet',
    units: { inputTokens: 10_000, cacheReadTokens: 6_000, cacheWrite5mTokens: 1_000, outputTokens: 500 },
    channel: 'relay',
    // 3000 + 6000 × 0.1 + 1000 × 1.25 = 4850 input; (4.85 × 0.003 + 0.5 × 0.015) × 0.6 × 0.95 = 0.0125685
    amount: '0.012569',
    factors: [relay, silver],
  },
  {
    id: 'gpt-audio',
    model: 'gpt-4o-audio',
    units: { inputTokens: 2_000, inputAudioTokens: 500, outputTokens: 300, outputAudioTokens: 200 },
    channel: 'official',
    // 1500 + 500 × 16 = 9500 input, 100 + 200 × 8 = 1700 output; (9.5 × 0.0025 + 1.7 × 0.01) × 0.95 = 0.0387125
    amount: '0.038713',
    factors: [official, silver],
  },
  {
    id: 'veo-plain',
    model: 'veo-3',
    units: { requests: 1 },
    channel: 'official',
    // 1 × 0.4 × 0.95
    amount: '0.38',
    factors: [official, silver],
  },
  {
    id: FAILED_CALL.id,
    model: 'veo-3',
    units: { requests: 1 },
    channel: 'official',
    fields: { priority: 'priority' },
    // 1 × 0.4 × 1.8 × 0.95
    amount: FAILED_CALL.amount,
    factors: [priority, official, silver],
  },
  {
    id: 'kling-clip',
    model: 'kling-v2',
    units: { seconds: '8.5' },
    channel: 'relay',
    // 8.5 × 0.12 × 0.6 × 0.95
    amount: '0.5814',
    factors: [relay, silver],
  },
  {
    id: 'flux-picture',
    model: 'flux-pro',
    units: { width: 1920, height: 1080 },
    channel: 'relay',
    // 2.0736 × 0.02 × 0.6 × 0.95 = 0.02363904
    amount: '0.023639',
    factors: [relay, silver],
  },
  {
    id: 'dall-e-pictures',
    model: 'dall-e-3',
    units: { images: 2 },
    channel: 'relay',
    // 2 × 0.04 × 0.6 × 0.95
    amount: '0.0456',
    factors: [relay, silver],
  },
];

/** US dollars at 1:7.3, model price × channel discount × user discount, in every billing mode. */
export async function usdcny(stage: Stage): Promise<void> {
  const { api, page } = stage;
  page.heading('2. usdcny: a payment in CNY, discounts of channel and user, five billing modes');

  page.say('The wallet is in USD. 730 CNY at 1:7.3 are 100 USD, and 100 USD in all earn the silver discount of 0.95.');
  const payment = { rechargeId: 'recharge-1', provider: 'manual', amount: '730', currency: 'CNY' };
  const { credited } = await api.send<RechargeDto>('POST', `${account}/recharges`, payment);
  fact(stage, 'credited, USD', credited, '100');
  const { tier } = await api.until<AccountDto>(account, (view) => view.tier === 'silver');
  fact(stage, 'tier', tier, 'silver');

  page.say(
    'By token (cache and audio count as multiples of a token), by request (once with the field that buys priority, × 1.8), ' +
      'by second, by megapixel, by image. Each is computed exactly and rounded once, at the end.',
  );
  await charge(stage, platform, USDCNY_ACCOUNT, calls);

  page.say('The currency picker changes what is shown, never what is booked.');
  const shown = await api.get<AccountDto>(`${account}?display=CNY`);
  const wallet = sum('100', minus(sum(...calls.map(({ amount }) => amount))));
  fact(stage, `wallet of ${USDCNY_ACCOUNT}, USD`, shown.wallet, wallet);
  // 98.234079 × 7.3 = 717.1087767
  fact(stage, 'shown in CNY, to the cent', shown.display?.wallet, '717.11');
}
