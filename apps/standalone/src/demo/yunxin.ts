import type { AccountDto } from '@meterbook/ledger/accounts/account-view.dto';
import { charge, type PricedCall } from './metering';
import { checkWallet, fact, type Stage } from './stage';

const platform = 'yunxin';
const name = 'acct-21';
const account = `/v1/platforms/${platform}/accounts/${name}`;

/** Text is billed by token, every other modality by what was generated; the comments do the rulebook's sums. */
const calls: readonly PricedCall[] = [
  // 0.002 M × 1.25 + ((300 + 700 × 1.4) / 1 M) × 5 = 0.0025 + 0.0064
  priced('chat', 'gemini-pro', { inputTokens: 2_000, outputTokens: 1_000, reasoningTokens: 700 }, '0.0089'),
  priced('picture', 'image-standard', { images: 3 }, '0.12'),
  priced('speech', 'audio-standard', { seconds: '42.5' }, '0.0425'),
  priced('song', 'music-standard', { count: 1 }, '0.25'),
  priced('mesh', '3d-standard', { count: 1 }, '0.35'),
];

/** Everybody starts with a credit; whatever is not text is billed by the unit. */
export async function yunxin(stage: Stage): Promise<void> {
  const { api, page } = stage;
  page.heading('4. yunxin: a starter credit, priorities, and prices by the unit generated');

  page.say('Here the starter credit needs no claim: it is in the wallet when the account is opened.');
  const opened = await api.send<AccountDto>('POST', `/v1/platforms/${platform}/accounts`, { account: name });
  fact(stage, 'wallet, USD', opened.wallet, '1');
  fact(stage, 'priority', opened.priority, { level: 1, name: 'low' });

  page.say('An administrator pins the account to the tier pro. Its requests now come with a higher priority.');
  const pinned = await api.send<AccountDto>('PATCH', account, { tier: 'pro' });
  fact(stage, 'tier', pinned.tier, 'pro');
  fact(stage, 'priority', pinned.priority, { level: 3, name: 'high' });

  page.say(
    'Text by token (thinking has a price of its own), pictures by image, speech by second, songs and meshes by piece.',
  );
  await charge(stage, platform, name, calls);
  await checkWallet(stage, account, '0.2286');
}

function priced(id: string, model: string, units: PricedCall['units'], amount: string): PricedCall {
  return { id, model, units, amount, factors: [] };
}
