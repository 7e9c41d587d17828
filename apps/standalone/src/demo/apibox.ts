import type { DeadLetterPageDto } from '@meterbook/ledger/dead-letters/dead-letter.dto';
import type { GrantDto } from '@meterbook/ledger/wallet/grant-credit.dto';
import type { RechargeDto } from '@meterbook/ledger/wallet/receive-recharge.dto';
import type { AccountDto } from '@meterbook/ledger/accounts/account-view.dto';
import type { TierDto } from '@meterbook/tier-projection/view-tier/tier-view.dto';
import { eventually } from './api';
import { charge, chargeOf, outcomes, toEvent, type Call, type PricedCall } from './metering';
import { minus, sum, times } from './money';
import { spaced } from './page';
import { checkWallet, fact, factOfRepeats, type Stage } from './stage';

export const APIBOX_ACCOUNT = 'acct-42';
const platform = 'apibox';
const account = `/v1/platforms/${platform}/accounts/${APIBOX_ACCOUNT}`;

const units = { inputTokens: 1000, outputTokens: 200 };
/** One model of each group. Priced alone, a call is 0.0175 + 0.014 for gpt and 0.021 + 0.021 CNY for claude. */
const models = [
  { group: 'default', model: 'gpt-4o', price: '0.0315' },
  { group: 'vip', model: 'claude-sonnet', price: '0.042' },
  { group: 'svip', model: 'claude-code-sonnet', price: '0.042' },
] as const;
/** The rulebook's matrix: what a user of a tier pays for the models of each group, and what that makes of the calls. */
const matrix = {
  default: { multipliers: ['1', '2', '5'], amounts: ['0.0315', '0.084', '0.21'] },
  vip: { multipliers: ['0.8', '0.8', '1.2'], amounts: ['0.0252', '0.0336', '0.0504'] },
  svip: { multipliers: ['0.7', '0.7', '0.7'], amounts: ['0.02205', '0.0294', '0.0294'] },
} as const;
type Tier = keyof typeof matrix;

const repeated = 40;
const timesSent = 3;

/** Three tiers that recharges earn, and a matrix that prices one tier's models for another tier's users. */
export async function apibox(stage: Stage): Promise<void> {
  const { api, page } = stage;
  page.heading('1. apibox: tiers that recharges earn, and a matrix of multipliers');

  page.say('An account is opened and claims the trial credit of the rulebook: 10 CNY.');
  const opened = await api.send<AccountDto>('POST', `/v1/platforms/${platform}/accounts`, { account: APIBOX_ACCOUNT });
  const trial = { grantId: 'trial', reason: 'trial' };
  const { granted } = await api.send<GrantDto>('POST', `${account}/grants`, trial);
  fact(stage, 'tier', opened.tier, 'default');
  fact(stage, 'granted, CNY', granted, '10');

  page.say('A new user may call every model, and pays five times the price for the highest group.');
  const [one] = eachGroup('default');
  if (one) page.why('a usage event', spaced(toEvent(platform, APIBOX_ACCOUNT, one)));
  const asDefault = await charge(stage, platform, APIBOX_ACCOUNT, eachGroup('default'));

  page.say('Any recharge makes a VIP. The tier service hears of it and the ledger charges by the new tier.');
  await rechargeTo(stage, 'recharge-1', '100', 'vip');
  const asVip = await charge(stage, platform, APIBOX_ACCOUNT, eachGroup('vip'));
  const spent = sum(...matrix.default.amounts, ...matrix.vip.amounts);
  await checkWallet(stage, account, sum('110', minus(spent)));

  await sendThrice(stage, sum('110', minus(spent)));
  await sendConflict(stage);
  await reachSvip(stage);
  const asSvip = await charge(stage, platform, APIBOX_ACCOUNT, eachGroup('svip'));

  page.say('What the same three calls cost the account as it rose, in CNY:');
  const columns = ['model', 'group', 'as default', 'as vip', 'as svip'].map((title, c) => ({ title, right: c > 1 }));
  page.table(
    columns,
    models.map(({ model, group }, m) => [
      model,
      group,
      ...[asDefault, asVip, asSvip].map((charges) => charges[m]?.amount ?? ''),
    ]),
  );
}

/** A call to one model of each group, with what it costs a user of a tier. */
function eachGroup(tier: Tier): PricedCall[] {
  const { multipliers, amounts } = matrix[tier];
  return models.map(({ group, model }, m) => {
    const factor = [multipliers[m] ?? '', `tierMultiplier ${tier}/${group}`] as const;
    return { id: `${tier}-${group}`, model, units, amount: amounts[m] ?? '', factors: [factor] };
  });
}

async function recharge(stage: Stage, rechargeId: string, amount: string): Promise<void> {
  const body = { rechargeId, provider: 'manual', amount, currency: 'CNY' };
  const { credited } = await stage.api.send<RechargeDto>('POST', `${account}/recharges`, body);
  fact(stage, 'credited, CNY', credited, amount);
}

/** Recharges and waits until the tier that this earns is the account's. */
async function rechargeTo(stage: Stage, rechargeId: string, amount: string, earned: Tier): Promise<void> {
  const { api } = stage;
  await recharge(stage, rechargeId, amount);
  const since = performance.now();
  const { tier } = await api.until<AccountDto>(account, (view) => view.tier === earned);
  fact(stage, `tier, ${Math.round(performance.now() - since)} ms after the recharge was answered`, tier, earned);
}

async function sendThrice(stage: Stage, wallet: string): Promise<void> {
  const { api, page, till } = stage;
  page.say(
    `A gateway that is unsure sends again. ${repeated} calls go out ${timesSent} times, each time shuffled: ` +
      'source and id say that they are the same, so each is charged once.',
  );
  const one = { model: 'deepseek-chat', units: { inputTokens: 1000, outputTokens: 500 } };
  const events = Array.from({ length: repeated }, (_, i) =>
    toEvent(platform, APIBOX_ACCOUNT, { id: `again-${i}`, ...one }),
  );
  for (let round = 1; round <= timesSent; round++) await api.send('POST', '/v1/usage', shuffled(events, round));
  page.call('GET', '/metrics');
  const repeats = repeated * (timesSent - 1);
  const after = await eventually(
    'GET /metrics',
    () => outcomes(api),
    ({ charged, duplicate }) => charged >= till.charges + repeated && duplicate >= repeats,
  );
  fact(stage, 'charged', after.charged - till.charges, repeated);
  factOfRepeats(stage, after.duplicate, repeats);
  // (1 × 0.002 + 0.5 × 0.008) × 0.8 for a VIP.
  till.charged(platform, '0.0048', repeated);
  await checkWallet(stage, account, sum(wallet, minus(times(repeated, '0.0048'))));
}

async function sendConflict(stage: Stage): Promise<void> {
  const { api, page } = stage;
  page.say(
    'Another usage under an id that was charged already is not a repeat. It is kept, visible, and never charged.',
  );
  const [{ group, model }] = models;
  const changed: Call = { id: `default-${group}`, model, units: { ...units, outputTokens: 9999 } };
  await api.send('POST', '/v1/usage', toEvent(platform, APIBOX_ACCOUNT, changed));
  const { items } = await api.until<DeadLetterPageDto>(
    `/v1/dead-letters?platform=${platform}&reason=id_conflict`,
    (letters) => letters.items.length > 0,
  );
  fact(stage, 'dead letters', items.length, 1);
  fact(stage, 'reason', items[0]?.reason, 'id_conflict');
  page.why('detail', items[0]?.detail ?? '');
  const { amount } = await chargeOf(api, platform, APIBOX_ACCOUNT, changed.id);
  fact(stage, `charge of ${changed.id}, as before`, amount, matrix.default.amounts[0]);
}

async function reachSvip(stage: Stage): Promise<void> {
  const { api, page } = stage;
  page.say('SVIP takes 500 CNY at once or 1000 CNY in all. 100 + 450 is neither yet.');
  await recharge(stage, 'recharge-2', '450');
  const { tier, next } = await api.until<TierDto>(`${account}/tier`, ({ recharges }) => recharges === 2);
  fact(stage, 'tier', tier, 'vip');
  fact(stage, 'missing to svip in all, CNY', next?.cumulativeRechargeNeeded, '450');
  page.say('Another 450 CNY makes 1000.');
  await rechargeTo(stage, 'recharge-3', '450', 'svip');
}

/** The same order for the same seed, so that every run tells the same story. */
function shuffled<T>(items: readonly T[], seed: number): T[] {
  const keyed = items.map((item, i) => ({ item, key: ((i + 1) * (seed * 7_919)) % 104_729 }));
  return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
}
