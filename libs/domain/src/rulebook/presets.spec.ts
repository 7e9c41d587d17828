import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { add, multiply, one, toText, type Decimal } from '../amount/decimal';
import { findModel } from './find-model';
import type { TokenPrice } from './price';
import { readRulebook } from './read-rulebook';
import type { Model, Plan, Rulebook } from './rulebook';
import { groupAllows, planAllows } from './whitelist';

const folder = join(__dirname, '../../../../rulebooks');

function preset(platform: string): Rulebook {
  const read = readRulebook(parse(readFileSync(join(folder, `${platform}.yaml`), 'utf8')));
  if (read.kind === 'invalid') throw new Error(JSON.stringify(read.faults, null, 2));
  expect(read.rulebook.platform).toBe(platform);
  return read.rulebook;
}

function required<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error('it has to be there');
  return value;
}

const text = (value: Decimal | null): string => toText(required(value));
const modelOf = (rulebook: Rulebook, name: string): Model => required(findModel(rulebook, name));
const groupOf = (rulebook: Rulebook, name: string): string => modelOf(rulebook, name).group;

function mayUse(rulebook: Rulebook, group: string, models: readonly string[]): boolean[] {
  return models.map((model) => groupAllows(required(rulebook.groups.get(group)), model));
}

describe('S0, the rulebook of apibox', () => {
  const rulebook = preset('apibox');

  it('bills in CNY and has Default, VIP and SVIP, with a new user in Default', () => {
    expect(rulebook.currency).toBe('CNY');
    expect(rulebook.tiers.map(({ id }) => id)).toEqual(['default', 'vip', 'svip']);
  });

  it('upgrades by the four conditions of the table', () => {
    const conditions = rulebook.promotion.flatMap(({ tier, anyOf }) =>
      anyOf.map((condition) => [
        tier,
        Object.entries(condition).map(([name, value]: [string, unknown]) =>
          value === true ? name : `${name} ${toText(value as Decimal)}`,
        ),
      ]),
    );
    expect(conditions).toEqual([
      ['vip', ['anyRecharge']],
      ['svip', ['singleRechargeAtLeast 500']],
      ['svip', ['cumulativeRechargeAtLeast 1000']],
    ]);
  });

  it.each([
    ['default', '1', '2', '5'],
    ['vip', '0.8', '0.8', '1.2'],
    ['svip', '0.7', '0.7', '0.7'],
  ])('bills a %s user %s×, %s× and %s× for the models of Default, VIP and SVIP', (tier, ...multipliers) => {
    const row = required(rulebook.tierMultipliers?.get(tier));
    expect(['default', 'vip', 'svip'].map((group) => text(row.get(group) ?? null))).toEqual(multipliers);
  });

  it('opens all but Claude to Default, Claude to VIP, and Claude Code to SVIP', () => {
    const models = ['gpt-4o', 'claude-sonnet', 'claude-code-opus'];
    expect(models.map((model) => groupOf(rulebook, model))).toEqual(['default', 'vip', 'svip']);
    expect(mayUse(rulebook, 'default', models)).toEqual([true, false, false]);
    expect(mayUse(rulebook, 'vip', models)).toEqual([true, true, false]);
    expect(mayUse(rulebook, 'svip', models)).toEqual([true, true, true]);
  });

  it('gives ¥10 of trial credit to those who claim it', () => {
    const grant = required(rulebook.starterGrant);
    expect({ ...grant, amount: text(grant.amount) }).toEqual({
      amount: '10',
      reason: 'trial',
      expiresAfterDays: null,
      automatic: false,
    });
  });
});

describe('S1, the rulebook of tokenopen', () => {
  const rulebook = preset('tokenopen');

  it('has the groups Default at 1.0, VIP at 0.8 and Enterprise, whose multiplier is the account’s own', () => {
    const groups = [...rulebook.groups.values()].map(({ id, multiplier }) => [id, multiplier && toText(multiplier)]);
    expect(groups).toEqual([
      ['default', '1'],
      ['vip', '0.8'],
      ['enterprise', null],
    ]);
  });

  it('limits every group per minute and per day, and opens more models to a higher one', () => {
    for (const { limits } of rulebook.groups.values()) {
      expect(Object.keys(limits)).toEqual(['requestsPerMinute', 'requestsPerDay']);
    }
    const models = ['claude-sonnet', 'claude-opus-4'];
    expect(mayUse(rulebook, 'default', models)).toEqual([true, false]);
    expect(mayUse(rulebook, 'vip', models)).toEqual([true, true]);
    expect(mayUse(rulebook, 'enterprise', models)).toEqual([true, true]);
  });
});

/** S2, "Plan comparison at a glance": monthly credits, daily and weekly cap, requests per minute, backup pool. */
const planTable = [
  ['starter', '1200', '100', '300', 20, '3000'],
  ['premium', '3000', '250', '750', 40, '7500'],
  ['pro', '6000', '500', '1500', 60, '15000'],
  ['master', '12000', '1000', '3000', 80, '30000'],
  ['ultra', '24000', '2000', '6000', 120, '60000'],
] as const;

describe('S2, the rulebook of creditpool', () => {
  const rulebook = preset('creditpool');
  const plan = (id: string): Plan => required(rulebook.plans.get(id));

  it('has the six plans of the table and no other', () => {
    expect([...rulebook.plans.keys()]).toEqual(['free', ...planTable.map(([id]) => id)]);
  });

  it.each(planTable)('%s: %s credits a month, caps of %s and %s, %d a minute, %s in backup', (id, ...row) => {
    const [monthly, daily, weekly, perMinute, backup] = row;
    const { baseCredits, bonus, backup: backupMultiple, caps, limits, models } = plan(id);
    expect([toText(bonus), toText(backupMultiple)]).toEqual(['0.2', '3']);
    expect(toText(multiply(baseCredits, add(one, bonus)))).toBe(monthly);
    expect(toText(multiply(baseCredits, backupMultiple))).toBe(backup);
    expect(caps.daily && 'credits' in caps.daily ? toText(caps.daily.credits) : null).toBe(daily);
    expect(text(caps.weekly?.credits ?? null)).toBe(weekly);
    expect(limits).toEqual({ requestsPerMinute: perMinute });
    expect(models).toEqual(['*']);
  });

  it('gives Free 1000 requests a day, one a minute, free models, no pool and no budget', () => {
    const { price, baseCredits, bonus, backup, caps, limits, models, budget } = plan('free');
    expect([price, baseCredits, bonus, backup].map(toText)).toEqual(['0', '0', '0', '0']);
    expect(caps).toEqual({ daily: { requests: 1000 }, weekly: null });
    expect({ limits, models, budget }).toEqual({ limits: { requestsPerMinute: 1 }, models: ['free'], budget: null });
    expect(rulebook.defaultPlan).toBe('free');
    const allowed = ['llama-3', 'gpt-4o'].map((name) => planAllows(plan('free'), name, modelOf(rulebook, name).free));
    expect(allowed).toEqual([true, false]);
  });

  it('budgets ten times the price and runs 30 days, for every paid plan', () => {
    for (const [id] of planTable) {
      expect([id, text(plan(id).budget?.priceMultiple ?? null), plan(id).periodDays]).toEqual([id, '10', 30]);
    }
  });

  it('counts 100 credits a dollar, drawn from main, backup and wallet in this order', () => {
    expect([rulebook.currency, text(rulebook.creditsPerUnit)]).toEqual(['USD', '100']);
    expect(rulebook.drawOrder).toEqual(['main', 'backup', 'wallet']);
  });

  it('has a wallet that is enabled by the user, bypasses limits and unlocks every model', () => {
    expect(rulebook.wallet).toEqual({ requiresOptIn: true, bypassesLimits: true, unlocksAllModels: true });
  });

  it('takes Creem and NowPayments, each with a minimum, and neither Stripe nor PayPal', () => {
    expect([...rulebook.providers.keys()]).toEqual(['creem', 'nowpayments']);
    for (const { minimumRecharge } of rulebook.providers.values()) expect(minimumRecharge).not.toBeNull();
    expect(rulebook.providers.get('nowpayments')?.kinds).toEqual(['auto-renew', 'one-time']);
  });

  it('switches by a cycle of four weeks, 75 % main, 25 % backup, and at least 10 % consumed', () => {
    const { cycleDays, mainWeight, backupWeight, minimumConsumed } = rulebook.switching;
    expect(cycleDays * 0.25).toBe(7);
    expect([mainWeight, backupWeight, minimumConsumed].map(toText)).toEqual(['0.75', '0.25', '0.1']);
  });

  it('refills the main pool at a renewal', () => {
    expect(rulebook.renewal).toEqual({ main: 'refill', backup: 'carry' });
  });
});

describe('S3, the rulebook of yunxin', () => {
  const rulebook = preset('yunxin');

  it('has the four tiers of the table', () => {
    const rows = rulebook.tiers.map(({ id, priority, limits, webhooks }) => [
      id,
      priority.name,
      priority.level,
      limits.requestsPerMinute,
      webhooks,
    ]);
    expect(rows).toEqual([
      ['free', 'low', 1, 10, false],
      ['basic', 'normal', 2, 50, false],
      ['pro', 'high', 3, 100, true],
      ['enterprise', 'critical', 4, null, true],
    ]);
  });

  it.each([
    ['llama-3', 'free'],
    ['gpt-3.5-turbo', 'basic'],
    ['gpt-4o', 'pro'],
    ['claude-sonnet', 'pro'],
    ['gemini-pro', 'pro'],
    ['next-experimental', 'enterprise'],
  ])('opens %s from %s on', (model, tier) => {
    expect(modelOf(rulebook, model).minTier).toBe(tier);
  });

  it.each([
    ['llama-3', 'token'],
    ['image-xl', 'image'],
    ['audio-tts', 'second'],
    ['video-gen', 'second'],
    ['3d-mesh', 'unit'],
    ['music-gen', 'unit'],
  ])('prices %s per %s', (model, mode) => {
    expect(modelOf(rulebook, model).price.mode).toBe(mode);
  });

  it('prices a provider apart, and reasoning tokens too', () => {
    expect([...modelOf(rulebook, 'gpt-4o').channelPrices.keys()]).toEqual(['relay']);
    expect([...(modelOf(rulebook, 'gemini-pro').price as TokenPrice).outputMultiples.keys()]).toEqual(['reasoning']);
  });

  it('gives a starter credit to every new account and refunds within 14 days', () => {
    expect(rulebook.starterGrant?.automatic).toBe(true);
    expect(rulebook.refund).toEqual({ windowDays: 14 });
  });

  it('upgrades by subscription', () => {
    expect([...rulebook.plans.values()].map(({ id, tier }) => [id, tier])).toEqual([
      ['basic', 'basic'],
      ['pro', 'pro'],
      ['enterprise', 'enterprise'],
    ]);
  });
});

describe('S4, the rulebook of usdcny', () => {
  const rulebook = preset('usdcny');

  it('bills in USD at 1:7.3', () => {
    expect(rulebook.currency).toBe('USD');
    expect(rulebook.fx.map(({ base, quote, rate }) => [base, quote, toText(rate)])).toEqual([['USD', 'CNY', '7.3']]);
  });

  it('multiplies by channel and user discount, and upgrades by cumulative recharge', () => {
    expect(rulebook.tierMultipliers).toBeNull();
    expect(rulebook.tiers.every(({ discount }) => discount !== null)).toBe(true);
    expect(rulebook.channels.size).toBeGreaterThan(1);
    const conditions = rulebook.promotion.flatMap(({ anyOf }) => anyOf.flatMap((condition) => Object.keys(condition)));
    expect(new Set(conditions)).toEqual(new Set(['cumulativeRechargeAtLeast']));
  });

  it.each([
    ['veo-3', 'request'],
    ['claude-sonnet', 'token'],
    ['kling-2', 'second'],
    ['flux-pro', 'megapixel'],
    ['dall-e-3', 'image'],
  ])('bills %s per %s', (model, mode) => {
    expect(modelOf(rulebook, model).price.mode).toBe(mode);
  });

  it('quotes tokens per 1000 and knows a multiple for every row of the table', () => {
    const prices = rulebook.models.flatMap(({ price }) => (price.mode === 'token' ? [price] : []));
    expect(new Set(prices.map(({ per }) => per))).toEqual(new Set([1000]));
    const inputs = new Set(prices.flatMap(({ inputMultiples }) => [...inputMultiples.keys()]));
    const outputs = new Set(prices.flatMap(({ outputMultiples }) => [...outputMultiples.keys()]));
    expect(inputs).toEqual(new Set(['cache', 'inputAudio', 'inputImage', 'cacheWrite5m', 'cacheWrite1h', 'cacheRead']));
    expect(outputs).toEqual(new Set(['outputAudio', 'outputImage', 'reasoning']));
  });

  it('takes 1.8 times the price for priority on Veo', () => {
    const multipliers = modelOf(rulebook, 'veo-3').fieldMultipliers;
    expect(multipliers.map(({ field, equals, multiplier }) => [field, equals, toText(multiplier)])).toEqual([
      ['priority', 'priority', '1.8'],
    ]);
  });
});
