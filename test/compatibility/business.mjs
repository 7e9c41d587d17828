import { createRequire } from 'node:module';
import { join } from 'node:path';

/** When the presets are published, when each day of business begins and the last one ends, when questions are asked, when ingest works alone, and when the books are opened again. */
export const days = {
  eve: '2026-11-01T09:00:00.000Z',
  first: '2026-11-02T09:00:00.000Z',
  second: '2026-11-09T09:00:00.000Z',
  third: '2026-11-20T09:00:00.000Z',
  closing: '2026-11-20T18:00:00.000Z',
  evening: '2026-11-20T21:00:00.000Z',
  night: '2026-11-20T23:00:00.000Z',
  next: '2026-11-21T09:00:00.000Z',
};

const account = (platform, name) => `/v1/platforms/${platform}/accounts/${name}`;

/** Charges of the account that has checkpoints, and how many are sent at a time. */
const busyCharges = 350;
const batch = 35;

const trialbox = {
  platform: 'trialbox',
  currency: 'EUR',
  effectiveFrom: '2026-10-01T00:00:00.000Z',
  rounding: { scale: 4, mode: 'half-even' },
  tiers: [
    { id: 'first', rank: 1, discount: '1' },
    { id: 'second', rank: 2, discount: '0.5' },
  ],
  promotion: [{ tier: 'second', anyOf: [{ cumulativeRechargeAtLeast: '100' }] }],
  groups: [
    { id: 'all', models: ['*'] },
    { id: 'half', multiplier: '0.5', models: ['*'] },
  ],
  channels: [{ id: 'direct', discount: '0.9' }],
  starterGrant: { amount: '3', reason: 'welcome', expiresAfterDays: 10, automatic: true },
  providers: { manual: {} },
  models: [
    {
      id: 'banded',
      group: 'all',
      price: {
        mode: 'token',
        per: 1000,
        input: '0.01',
        output: '0.03',
        tokenCounts: 'exclusive',
        inputMultiples: { cacheRead: '0.1' },
        bands: [{ promptTokensOver: 1000, input: '0.02', output: '0.05' }],
        windows: [{ from: '08:00', to: '18:00', zone: 'Europe/Berlin', multiplier: '1.25' }],
        extras: { webSearchCalls: '0.01' },
      },
      channelPrices: { direct: { mode: 'token', per: 1000, input: '0.005', output: '0.015' } },
      cost: { mode: 'token', per: 1000, input: '0.004', output: '0.012' },
    },
    { id: 'call', group: 'all', price: { mode: 'request', unit: '0.25' } },
  ],
};

function usage(platform, name, id, time, data) {
  const context = { specversion: '1.0', type: 'usage.recorded', source: 'gateway', id, time, platform, subject: name };
  return { ...context, data };
}

const call = (platform, name, id, time) => usage(platform, name, id, time, { model: 'call', units: { requests: 1 } });

/** Some minutes after an instant. */
const after = (instant, minutes) => new Date(Date.parse(instant) + minutes * 60_000).toISOString();

const isCharged = ({ body }) => body.charges?.length === 1;

/** Sends usage and waits until it is charged. */
async function charge(release, ...events) {
  await release.send('POST', '/v1/usage', events);
  for (const { platform, subject, id } of events)
    await release.until(`${account(platform, subject)}/charges?source=gateway&id=${id}`, isCharged);
}

const recharge = (release, platform, name, rechargeId, amount, currency, provider = 'manual') =>
  release.send('POST', `${account(platform, name)}/recharges`, { rechargeId, provider, amount, currency });
const grant = (release, platform, name, body) => release.send('POST', `${account(platform, name)}/grants`, body);
const change = (release, platform, name, body) => release.send('PATCH', account(platform, name), body);
const reverse = (release, platform, name, id) =>
  release.send('POST', `${account(platform, name)}/charges/reversals`, {
    reversalId: `reverse-${id}`,
    source: 'gateway',
    id,
    reason: 'complaint',
  });

async function issueKeys(release) {
  const keys = `${account('apibox', 'alice')}/keys`;
  await release.send('POST', keys, { keyId: 'key-1', name: 'laptop', group: 'default' });
  await release.send('POST', keys, { keyId: 'key-2', name: 'lost' });
  await release.send('PATCH', `${keys}/key-1`, { group: 'svip' });
  await release.send('DELETE', `${keys}/key-2`);
}

async function deadLetters(release, time) {
  await release.send('POST', '/v1/usage', [
    usage('usdcny', 'bob', 'no-model', time, { model: 'nobody-knows', units: { requests: 1 } }),
    usage('usdcny', 'bob', 'no-unit', time, { model: 'kling-1', units: { megaUnits: 1 } }),
    usage('usdcny', 'bob', 'none', time, { model: 'kling-1', units: {} }),
    usage('usdcny', 'nobody', 'no-account', time, { model: 'kling-1', units: { seconds: 1 } }),
    usage('apibox', 'alice', 'no-key', time, { model: 'gpt-5', apiKeyId: 'key-9', units: { inputTokens: 1 } }),
    usage('trialbox', 'eve', 'no-group', time, { model: 'call', group: 'none', units: {} }),
    usage('trialbox', 'eve', 'no-channel', time, { model: 'call', channel: 'none', units: {} }),
    usage('trialbox', 'eve', 'before-rules', '2026-09-30T00:00:00Z', { model: 'call', units: {} }),
    usage('trialbox', 'opened-later', 'waits', time, { model: 'call', units: {} }),
  ]);
  await release.until('/v1/dead-letters', ({ body }) => body.items.length === 9);
}

/** Openings, recharges, grants, keys, every mode of price, dead letters; an account past its checkpoints. */
export async function firstDay(release) {
  const time = days.first;
  await release.send('PUT', '/v1/platforms/trialbox/rulebook', trialbox);
  await release.send('POST', '/v1/platforms/apibox/accounts', { account: 'alice' });
  await grant(release, 'apibox', 'alice', { grantId: 'g1', reason: 'trial' });
  await recharge(release, 'apibox', 'alice', 'r1', '120', 'CNY');
  await issueKeys(release);
  await release.until(`${account('apibox', 'alice')}`, ({ body }) => body.tier === 'vip');
  const tokens = { inputTokens: 12_000, outputTokens: 3_500, cacheReadTokens: 4_000 };
  await charge(
    release,
    usage('apibox', 'alice', 'a1', time, { model: 'gpt-5', units: { inputTokens: 9_000, outputTokens: 700 } }),
    usage('apibox', 'alice', 'a2', time, { model: 'claude-code-1', apiKeyId: 'key-1', units: tokens }),
  );
  await recharge(release, 'usdcny', 'bob', 'r1', '1460', 'CNY');
  await release.until(`${account('usdcny', 'bob')}`, ({ body }) => body.tier === 'silver');
  await charge(
    release,
    usage('usdcny', 'bob', 'b1', time, {
      model: 'veo-3',
      channel: 'relay',
      fields: { priority: 'priority' },
      units: { requests: 2 },
    }),
    usage('usdcny', 'bob', 'b2', time, { model: 'kling-1', units: { seconds: '7.5' } }),
    usage('usdcny', 'bob', 'b3', time, { model: 'flux-1', units: { width: 1024, height: 768, images: 3 } }),
    usage('usdcny', 'bob', 'b4', time, { model: 'dall-e-3', channel: 'official', units: { images: 2 } }),
    usage('usdcny', 'bob', 'b5', time, {
      model: 'gpt-4o-x',
      units: { ...tokens, inputAudioTokens: 90, cacheReadTokens: 0 },
    }),
  );
  await recharge(release, 'creditpool', 'carol', 'r1', '20', 'USD', 'creem');
  await charge(
    release,
    usage('creditpool', 'carol', 'c1', time, { model: 'claude-1', units: { inputTokens: 400_000 } }),
  );
  await change(release, 'creditpool', 'carol', { payAsYouGo: true });
  for (const name of ['eve', 'frank', 'unpaid'])
    await release.send('POST', '/v1/platforms/trialbox/accounts', { account: name });
  await grant(release, 'trialbox', 'frank', { grantId: 'g', amount: '5', reason: 'sorry', expiresAt: days.second });
  await charge(
    release,
    usage('trialbox', 'frank', 'f1', time, {
      model: 'banded',
      units: { inputTokens: 1_500, outputTokens: 900, cacheReadTokens: 40, webSearchCalls: 2 },
      fields: { team: 'red' },
    }),
    usage('trialbox', 'frank', 'f2', time, { model: 'banded', channel: 'direct', units: { inputTokens: 77_777 } }),
    call('trialbox', 'frank', 'f3', time),
    usage('trialbox', 'unpaid', 'u1', time, { model: 'banded', group: 'half', units: { outputTokens: 250_000 } }),
  );
  await deadLetters(release, time);
  await chargeBusy(release, time);
}

async function chargeBusy(release, time) {
  await recharge(release, 'usdcny', 'busy', 'r1', '150', 'USD');
  for (let from = 0; from < busyCharges; from += batch) {
    const events = Array.from({ length: batch }, (_, i) =>
      usage('usdcny', 'busy', `busy-${from + i}`, time, { model: 'dall-e-3', units: { images: 1 + (i % 3) } }),
    );
    await release.send('POST', '/v1/usage', events);
    const last = `${account('usdcny', 'busy')}/charges?source=gateway&id=busy-${from + batch - 1}`;
    await release.until(last, isCharged);
  }
}

/** Grants have expired: reversals of every kind, pins, a second version of rules, a dead letter that comes back, a redelivery. */
export async function secondDay(release) {
  const time = days.second;
  await reverse(release, 'trialbox', 'frank', 'f1');
  await charge(release, call('trialbox', 'unpaid', 'u2', time), call('trialbox', 'unpaid', 'u3', time));
  await reverse(release, 'trialbox', 'unpaid', 'u2');
  await recharge(release, 'trialbox', 'unpaid', 'r1', '12', 'EUR');
  await reverse(release, 'trialbox', 'unpaid', 'u3');
  await recharge(release, 'trialbox', 'unpaid', 'r2', '100', 'EUR');
  await reverse(release, 'usdcny', 'bob', 'b3');
  await release.send('POST', '/v1/platforms/apibox/accounts', { account: 'owing' });
  await charge(release, usage('apibox', 'owing', 'o1', time, { model: 'gpt-5', units: { inputTokens: 50_000 } }));
  await grant(release, 'apibox', 'owing', { grantId: 'g1', amount: '0.5', reason: 'goodwill' });
  await change(release, 'apibox', 'alice', { tier: 'svip', limits: { requestsPerMinute: 5 } });
  await change(release, 'apibox', 'owing', { tier: 'vip' });
  await change(release, 'apibox', 'owing', { tier: null, suspended: true, customMultiplier: '0.33' });
  await charge(
    release,
    usage('apibox', 'owing', 'o2', time, { model: 'deepseek-1', units: { inputTokens: 8_000 }, group: 'svip' }),
    usage('apibox', 'alice', 'a3', after(days.first, 30), { model: 'claude-1', units: { inputTokens: 2_000 } }),
  );
  await release.send('POST', '/v1/platforms/trialbox/accounts', { account: 'opened-later' });
  const { items } = await release.send('GET', '/v1/dead-letters?platform=trialbox&reason=unknown_account');
  await release.send('POST', `/v1/dead-letters/${items[0].id}/redrive`);
  await release.until(`${account('trialbox', 'opened-later')}/charges?source=gateway&id=waits`, isCharged);
  await newRules(release);
  // The same usage again, and once with other content.
  await release.send('POST', '/v1/usage', [
    usage('usdcny', 'busy', 'busy-1', days.first, { model: 'dall-e-3', units: { images: 2 } }),
    usage('usdcny', 'busy', 'busy-2', days.first, { model: 'dall-e-3', units: { images: 9 } }),
  ]);
  await release.until('/v1/dead-letters?reason=id_conflict', ({ body }) => body.items.length === 1);
}

async function newRules(release) {
  const path = '/v1/platforms/apibox/rulebook';
  const { rulebook } = await release.send('GET', path);
  const models = rulebook.models.map((model) => ({ ...model, price: { ...model.price, per: 1_000_000 } }));
  await release.send('PUT', path, { ...rulebook, models });
  await release.send('PUT', path, { ...rulebook, effectiveFrom: '2030-01-01T00:00:00.000Z' });
  await release.send('PUT', '/v1/platforms/trialbox/rulebook', {
    ...trialbox,
    effectiveFrom: '2026-11-15T00:00:00.000Z',
    rounding: { scale: 6, mode: 'up' },
  });
}

/** Usage under the new rules, and late usage under the old ones. */
export async function thirdDay(release) {
  const time = days.third;
  await recharge(release, 'apibox', 'reversing', 'r1', '600', 'CNY');
  await release.until(`${account('apibox', 'reversing')}`, ({ body }) => body.tier === 'svip');
  const tokens = { inputTokens: 123_457, outputTokens: 891 };
  await charge(
    release,
    usage('apibox', 'reversing', 'v1', time, { model: 'claude-1', units: tokens }),
    usage('apibox', 'reversing', 'v2', after(days.first, 1), { model: 'claude-1', units: tokens }),
    usage('trialbox', 'eve', 'e1', time, { model: 'banded', units: { inputTokens: 33, outputTokens: 7 } }),
    usage('trialbox', 'eve', 'e2', after(days.second, 1), {
      model: 'banded',
      units: { inputTokens: 33, outputTokens: 7 },
    }),
  );
  await reverse(release, 'apibox', 'reversing', 'v2');
  await change(release, 'apibox', 'alice', { tier: null });
  await change(release, 'creditpool', 'carol', { payAsYouGo: false });
  await charge(release, usage('creditpool', 'carol', 'c2', time, { model: 'gpt-5', units: { inputTokens: 10_000 } }));
}

/** What was accepted and is not charged: usage of three platforms, one that will be a dead letter, one record that is no usage. */
export async function uncharged(ingest, dist, topicsFolder) {
  const time = days.night;
  await ingest.send('POST', '/v1/usage', [
    usage('usdcny', 'busy', 'waiting-1', time, { model: 'kling-1', units: { seconds: '3.25' } }),
    call('trialbox', 'late', 'waiting-0', time),
    call('trialbox', 'opened-later', 'waiting-2', time),
    usage('apibox', 'alice', 'waiting-3', time, { model: 'gpt-5', units: { inputTokens: 4_000 } }),
    usage('usdcny', 'busy', 'waiting-4', time, { model: 'unheard-of', units: {} }),
    usage('usdcny', 'busy', 'busy-3', days.first, { model: 'dall-e-3', units: { images: 1 } }),
  ]);
  const { EmbeddedTopics } = createRequire(join(dist, 'x.js'))('./libs/topics/src/embedded-topics.js');
  const clock = { now: () => Date.parse(time), sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)) };
  const topics = new EmbeddedTopics(topicsFolder, clock, { prefix: '', partitions: 2 });
  await topics.publish('usage.recorded', [{ key: 'usdcny/busy', value: 'no usage', headers: {} }]);
  await topics.close();
}
