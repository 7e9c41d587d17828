import fc from 'fast-check';
import { toText } from '../amount/decimal';
import { canonicalJson } from './canonical-json';
import {
  checkSuccessor,
  readRulebook,
  readStoredInSteps,
  readStoredRulebook,
  type ReadRulebook,
} from './read-rulebook';
import type { Rulebook } from './rulebook';

type Json = Record<string, unknown>;

/** The excerpt of SPEC §3: every key once, whole. */
const everyKey: Json = {
  platform: 'apibox',
  effectiveFrom: '2026-11-01T00:00:00.000Z',
  currency: 'CNY',
  fx: [{ pair: 'USD/CNY', rate: '7.3' }],
  rounding: { scale: 6, mode: 'half-up' },
  tiers: [
    {
      id: 'default',
      rank: 1,
      discount: '1',
      priority: { level: 1, name: 'low' },
      limits: { requestsPerMinute: 10, requestsPerDay: null },
      webhooks: false,
    },
    { id: 'vip', rank: 2 },
  ],
  promotion: [
    {
      tier: 'vip',
      anyOf: [{ anyRecharge: true }, { singleRechargeAtLeast: '500', cumulativeRechargeAtLeast: '1000' }],
    },
  ],
  tierMultipliers: { default: { default: '1', vip: '2' }, vip: { default: '0.8', vip: '0.8' } },
  groups: [
    { id: 'default', models: ['*', '!claude*'] },
    {
      id: 'vip',
      multiplier: '0.8',
      models: ['*', '!labs-*'],
      limits: { requestsPerMinute: 60, requestsPerDay: 10000 },
    },
  ],
  channels: [
    { id: 'official', discount: '1' },
    { id: 'relay', discount: '0.6' },
  ],
  models: [
    {
      id: 'claude-sonnet',
      group: 'vip',
      minTier: 'default',
      free: false,
      price: {
        mode: 'token',
        per: 1000,
        input: '0.003',
        output: '0.015',
        tokenCounts: 'inclusive',
        inputMultiples: {
          cache: '0.5',
          cacheRead: '0.1',
          cacheWrite5m: '1.25',
          cacheWrite1h: '2',
          inputAudio: '8',
          inputImage: '1',
        },
        outputMultiples: { outputAudio: '2', outputImage: '1' },
        outputPrices: { reasoning: '0.02' },
        bands: [
          { promptTokensOver: 200000, input: '0.006', output: '0.0225', inputPrices: { cacheRead: '0.0007' } },
          { when: { service_tier: 'priority' }, outputTokensAtLeast: 5, input: '0.005', output: '0.025' },
        ],
        windows: [{ from: '00:30', to: '08:30', zone: 'Asia/Shanghai', multiplier: '0.5', days: ['sat', 'sun'] }],
        extras: { webSearchCalls: '0.01' },
      },
      channelPrices: { relay: { mode: 'token', per: 1000, input: '0.002', output: '0.01' } },
      cost: { mode: 'token', per: 1000, input: '0.001', output: '0.005' },
      channelCosts: { relay: { mode: 'token', per: 1000, input: '0.0008', output: '0.004' } },
      fieldMultipliers: [{ field: 'priority', equals: 'priority', multiplier: '1.8' }],
    },
    {
      id: 'img-*',
      group: 'default',
      price: {
        mode: 'image',
        unit: '0.04',
        bands: [{ when: { quality: 'hd' }, unit: '0.08', extras: { faces: '1' } }],
      },
    },
  ],
  wallet: { requiresOptIn: false, bypassesLimits: false, unlocksAllModels: false },
  starterGrant: { amount: '10', reason: 'trial', expiresAfterDays: null, automatic: false },
  refund: { windowDays: 14 },
  providers: {
    creem: { minimumRecharge: '5' },
    nowpayments: { minimumRecharge: '10', kinds: ['auto-renew', 'one-time'] },
    manual: {},
  },
  creditsPerUnit: '100',
  drawOrder: ['main', 'backup', 'wallet'],
  defaultPlan: 'free',
  plans: [
    { id: 'free', price: '0', baseCredits: '0', caps: { daily: { requests: 1000 } }, models: ['free'] },
    {
      id: 'starter',
      price: '10',
      baseCredits: '1000',
      tier: 'vip',
      bonus: '0.2',
      backup: '3',
      caps: { daily: { credits: '100' }, weekly: { credits: '300' } },
      limits: { requestsPerMinute: 20 },
      models: ['*'],
      budget: { priceMultiple: '10' },
      periodDays: 30,
    },
  ],
  switching: { cycleDays: 28, mainWeight: '0.75', backupWeight: '0.25', minimumConsumed: '0.1' },
  renewal: { main: 'refill', backup: 'carry' },
  holds: { expireAfterSeconds: 900 },
  labels: ['team', 'project'],
};

const smallest: Json = {
  platform: 'small',
  currency: 'USD',
  tiers: [{ id: 'default', rank: 1 }],
  groups: [{ id: 'default' }],
  models: [{ id: 'm', group: 'default', price: { mode: 'request', unit: '1' } }],
};

/** The content with one place changed; undefined takes it away. */
function changed(content: unknown, pointer: string, value: unknown): Json {
  const copy = structuredClone(content) as Json;
  const steps = pointer.split('/').slice(1);
  const last = steps.pop() ?? '';
  let place: Json = copy;
  for (const step of steps) place = place[step] as Json;
  if (value === undefined) Reflect.deleteProperty(place, last);
  else Object.defineProperty(place, last, { value, enumerable: true, configurable: true, writable: true });
  return copy;
}

function valid(content: unknown): Rulebook {
  const read = readRulebook(content);
  if (read.kind === 'invalid') throw new Error(JSON.stringify(read.faults, null, 2));
  return read.rulebook;
}

function faultsOf(content: unknown): string[] {
  const read = readRulebook(content);
  return read.kind === 'valid' ? [] : read.faults.map(({ pointer, code }) => `${code} ${pointer}`);
}

/** Maps as objects and decimals as text, to be compared at a glance. */
function plain(value: unknown): unknown {
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([key, member]: [string, unknown]) => [key, plain(member)]));
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object') return value;
  if ('coefficient' in value) return toText(value as never);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]));
}

describe('a rulebook', () => {
  it('may be as small as a platform, its currency, a tier, a group and a model', () => {
    const price = { mode: 'request', unit: '1', bands: [], windows: [], extras: {} };
    expect(plain(valid(smallest))).toEqual({
      platform: 'small',
      currency: 'USD',
      fx: [],
      rounding: { scale: 6, mode: 'half-up' },
      tiers: [
        {
          id: 'default',
          rank: 1,
          discount: null,
          priority: { level: 1, name: 'default' },
          limits: {},
          webhooks: false,
        },
      ],
      promotion: [],
      tierMultipliers: null,
      groups: { default: { id: 'default', multiplier: null, models: ['*'], limits: {} } },
      channels: {},
      models: [
        {
          id: 'm',
          group: 'default',
          minTier: null,
          free: false,
          price,
          channelPrices: {},
          cost: price,
          channelCosts: {},
          fieldMultipliers: [],
        },
      ],
      wallet: { requiresOptIn: false, bypassesLimits: false, unlocksAllModels: false },
      starterGrant: null,
      refund: null,
      providers: {},
      creditsPerUnit: null,
      drawOrder: ['main', 'backup', 'wallet'],
      defaultPlan: null,
      plans: {},
      switching: { cycleDays: 28, mainWeight: '0.75', backupWeight: '0.25', minimumConsumed: '0.1' },
      renewal: { main: 'refill', backup: 'carry' },
      holds: { expireAfterSeconds: 900 },
      labels: [],
    });
  });

  it('reads every key of the specification', () => {
    const read = plain(valid(everyKey)) as Json;
    expect(read['fx']).toEqual([{ base: 'USD', quote: 'CNY', rate: '7.3' }]);
    expect(read['providers']).toEqual({
      creem: { id: 'creem', minimumRecharge: '5', kinds: null },
      nowpayments: { id: 'nowpayments', minimumRecharge: '10', kinds: ['auto-renew', 'one-time'] },
      manual: { id: 'manual', minimumRecharge: null, kinds: null },
    });
    expect(read['plans']).toMatchObject({
      free: {
        bonus: '0.2',
        backup: '0',
        tier: null,
        caps: { daily: { requests: 1000 }, weekly: null },
        budget: null,
        periodDays: 30,
      },
      starter: {
        tier: 'vip',
        caps: { daily: { credits: '100' }, weekly: { credits: '300' } },
        budget: { priceMultiple: '10' },
      },
    });
    expect(read['models']).toMatchObject([
      {
        price: {
          per: 1000,
          inputMultiples: { cacheRead: '0.1' },
          outputPrices: { reasoning: '0.02' },
          bands: [
            {
              conditions: { when: {}, prompt: { comparison: 'over', tokens: 200000 }, output: null },
              input: '0.006',
              output: '0.0225',
              inputPrices: { cacheRead: '0.0007' },
              extras: {},
            },
            {
              conditions: {
                when: { service_tier: 'priority' },
                prompt: null,
                output: { comparison: 'at-least', tokens: 5 },
              },
            },
          ],
          windows: [{ from: 30, to: 510, zone: 'Asia/Shanghai', multiplier: '0.5', days: [6, 0] }],
          extras: { webSearchCalls: '0.01' },
        },
        channelPrices: { relay: { input: '0.002', tokenCounts: 'inclusive' } },
        cost: { input: '0.001' },
        channelCosts: { relay: { output: '0.004' } },
      },
      {
        price: { bands: [{ conditions: { when: { quality: 'hd' } }, unit: '0.08', extras: { faces: '1' } }] },
        cost: { mode: 'image', unit: '0.04' },
      },
    ]);
    expect(read).not.toHaveProperty('effectiveFrom');
  });

  it('takes a price as the cost of a model that names none', () => {
    const [, image] = valid(everyKey).models;
    expect(image?.cost).toBe(image?.price);
  });

  it('says when it is to be in force, apart from the rules themselves', () => {
    const read = [everyKey, smallest].map(readRulebook);
    expect(read).toMatchObject([{ effectiveFrom: Date.parse('2026-11-01T00:00:00Z') }, { effectiveFrom: null }]);
  });

  it('can be hashed once it has been read', () => {
    expect(canonicalJson(everyKey)).toContain('"platform":"apibox"');
  });
});

const price = '/models/0/price';

const refusals: readonly (readonly [pointer: string, value: unknown, ...faults: string[]])[] = [
  // What is missing is said at the place where it belongs.
  ...['/platform', '/currency', '/tiers/1/rank', '/channels/0/id'].map(required),
  ...['/models/0/id', '/models/0/group', '/models/0/price', `${price}/mode`, `${price}/per`, `${price}/input`].map(
    required,
  ),
  ...['/models/1/price/unit', `${price}/windows/0/zone`, '/models/0/fieldMultipliers/0/equals'].map(required),
  ...['/promotion/0/tier', '/promotion/0/anyOf', '/fx/0/rate', '/starterGrant/amount', '/starterGrant/reason'].map(
    required,
  ),
  ...['/refund/windowDays', '/plans/1/price', '/plans/1/budget/priceMultiple', '/creditsPerUnit'].map(required),
  ['/models', undefined, 'required /models'],
  [
    '/tiers/0/id',
    undefined,
    'required /tiers/0/id',
    'dangling_reference /tierMultipliers/default',
    'dangling_reference /models/0/minTier',
  ],
  [
    '/groups/1/id',
    undefined,
    'required /groups/1/id',
    'dangling_reference /tierMultipliers/default/vip',
    'dangling_reference /tierMultipliers/vip/vip',
    'dangling_reference /models/0/group',
  ],
  // Unknown keys, at any depth.
  ...[
    '',
    '/rounding',
    '/tiers/0',
    '/tiers/0/priority',
    '/tiers/0/limits',
    '/promotion/0',
    '/promotion/0/anyOf/1',
    '/groups/0',
  ].map(unknown),
  ...[
    '/channels/0',
    '/models/0',
    price,
    `${price}/bands/0`,
    '/models/1/price/bands/0',
    `${price}/windows/0`,
    '/models/1/price',
    '/fx/0',
    '/wallet',
  ].map(unknown),
  ...[
    '/starterGrant',
    '/refund',
    '/providers/manual',
    '/plans/0',
    '/plans/1/caps',
    '/plans/1/caps/weekly',
    '/switching',
  ].map(unknown),
  ...['/renewal', '/holds', '/models/0/cost', '/models/0/channelPrices/relay', '/models/0/fieldMultipliers/0'].map(
    unknown,
  ),
  ['/models/1/price/per', 1000, 'unknown_key /models/1/price/per'],
  ['/constructor', {}, 'unknown_key /constructor'],
  ['/a~b~1c', 1, 'unknown_key /a~0b~01c'],
  // Amounts are canonical decimal strings, zero or more.
  ...[1, 0.5, '1.0', '+1', '1e3', '-0.1', '', '0.0000000000001', '1000000000000000000', null, true, ['1'], {}].map(
    (value) => invalid(`${price}/input`, value),
  ),
  ...['/tiers/0/discount', '/groups/1/multiplier', '/channels/0/discount', `${price}/inputMultiples/cache`].map((at) =>
    invalid(at, '-1'),
  ),
  ...[`${price}/extras/webSearchCalls`, `${price}/windows/0/multiplier`, '/models/0/fieldMultipliers/0/multiplier'].map(
    (at) => invalid(at, 1),
  ),
  ...['/plans/1/bonus', '/plans/1/backup', '/plans/1/caps/daily/credits', '/switching/mainWeight'].map((at) =>
    invalid(at, 3),
  ),
  ...['/tierMultipliers/vip/vip', '/promotion/0/anyOf/1/singleRechargeAtLeast', '/providers/creem/minimumRecharge'].map(
    (at) => invalid(at, 5),
  ),
  invalid('/fx/0/rate', '0'),
  invalid('/starterGrant/amount', '0'),
  // A credit has to be an exact amount of money.
  ...['0', '3', '7', '1.5', '30', '0.6', 100, null].map((value) => invalid('/creditsPerUnit', value)),
  // Values of their own kind.
  ...['Apibox', '-a', '', 'a_b', 5].map((value) => invalid('/platform', value)),
  tooLarge('/platform', 'a'.repeat(64)),
  ...['usd', 'US', 'CREDIT', 'USD/CNY', 7, null].map((value) => invalid('/currency', value)),
  ...['now', '2026-11-01', '2026-02-30T00:00:00Z', 1, null].map((value) => invalid('/effectiveFrom', value)),
  ...['USD', 'USD/USD', 'USD/CNY/EUR', 'USD-CNY', '/CNY', 'USD/', 'usd/cny', 5].map((value) =>
    invalid('/fx/0/pair', value),
  ),
  ...[-1, 10, 1.5, '6', null, Number.NaN, Infinity].map((value) => invalid('/rounding/scale', value)),
  ...['HALF-UP', 'ceil', '', null].map((value) => invalid('/rounding/mode', value)),
  ...[0, 10, 1001, '1000', null].map((value) => invalid(`${price}/per`, value)),
  ...['tokens', '', null, 5, '__proto__', 'constructor'].map((value) => invalid(`${price}/mode`, value)),
  ...['24:00', '8:30', '08:60', '08:30:00', '', 30].map((value) => invalid(`${price}/windows/0/from`, value)),
  ...['Mars/Olympus', '+08:00', '', 8].map((value) => invalid(`${price}/windows/0/zone`, value)),
  ...[-1, 1.5, 1e13, '200000', null].map((value) => invalid(`${price}/bands/0/promptTokensOver`, value)),
  invalid(`${price}/bands/0`, { input: '1' }),
  invalid(`${price}/bands/0`, { promptTokensOver: 1, promptTokensAtLeast: 2, input: '1' }),
  invalid(`${price}/bands/0`, { when: {}, input: '1' }),
  invalid(`${price}/bands/0`, { when: { a: 'b' }, outputTokensOver: 1, outputTokensAtLeast: 2 }),
  invalid('/models/1/price/bands/0', { unit: '1' }),
  ...[5, '', 'a\u0000', null, ['x']].map((value) => invalid(`${price}/bands/1/when/service_tier`, value)),
  ['/models/1/price/bands/0/input', '1', 'unknown_key /models/1/price/bands/0/input'],
  [`${price}/bands/0/unit`, '1', `unknown_key ${price}/bands/0/unit`],
  ...['24:01', '8:30', '25:00', '', 30].map((value) => invalid(`${price}/windows/0/to`, value)),
  ...[[], ['sun', 'sun'], 'sun', null].map((value) => invalid(`${price}/windows/0/days`, value)),
  ...['Sat', 'saturday', 6, null].map((value) => invalid(`${price}/windows/0/days/1`, value)),
  // In one place a kind has a price or a multiple; an extra is named like nothing that is priced.
  [`${price}/inputPrices`, { cacheRead: '1' }, `invalid_value ${price}/inputPrices/cacheRead`],
  [`${price}/bands/0/inputMultiples`, { cacheRead: '2' }, `invalid_value ${price}/bands/0/inputPrices/cacheRead`],
  [`${price}/bands/1/extras`, { inputVideo: '1' }, `invalid_value ${price}/bands/1/extras/inputVideo`],
  ['/models/1/price/bands/0/extras', { images: '1' }, 'invalid_value /models/1/price/bands/0/extras/images'],
  invalid(`${price}/tokenCounts`, 'both'),
  invalid('/models/0/free', 'yes'),
  ...['', 'a b', '!a', 'a\n', '\ud800', 1].map((value) => invalid('/models/1/id', value)),
  tooLarge('/models/1/id', 'x'.repeat(257)),
  ...['', ' ', '!', '!!a', 5].map((value) => invalid('/groups/0/models/1', value)),
  ...['', 'a\u0000', 'a\u2028b', '\udc00', 5].map((value) => invalid('/models/0/fieldMultipliers/0/equals', value)),
  ...[0, 36_501, 1.5, 1e308, '30'].map((value) => invalid('/plans/1/periodDays', value)),
  ...[0, -1, '900', 1e300].map((value) => invalid('/holds/expireAfterSeconds', value)),
  ...['Team', '9x', 'a-b', '', 'x'.repeat(33), 7, null].map((value) => invalid('/labels/1', value)),
  ['/labels/1', 'team', 'duplicate_id /labels/1'],
  ...[-1, '60', 0.5, 1e300].map((value) => invalid('/groups/1/limits/requestsPerMinute', value)),
  ...[[], ['main'], ['main', 'main', 'wallet'], ['main', 'backup', 'wallet', 'wallet'], 'main'].map((value) =>
    invalid('/drawOrder', value),
  ),
  invalid('/drawOrder/0', 'receivable'),
  invalid('/renewal/main', 'lapse'),
  invalid('/providers/nowpayments/kinds/0', 'monthly'),
  invalid('/plans/1/caps/daily', { credits: '1', requests: 1 }),
  invalid('/plans/1/caps/daily', {}),
  invalid('/promotion/0/anyOf/0', {}),
  invalid('/promotion/0/anyOf/0/anyRecharge', false),
  invalid('/promotion/0/anyOf', []),
  // Shapes.
  ...[null, [], 'x', new Map(), new Set(), new Date(0)].map((value) => invalid('/wallet', value)),
  ...[null, {}, 'x', 5].map((value) => invalid('/channels', value)),
  invalid('/promotion', null),
  invalid('/tierMultipliers', []),
  invalid('/providers/manual', null),
  // What re-prices input names no output kind, nor the reverse, and no kind is both.
  ...['outputVideo', 'reasoning', 'output'].flatMap((kind) =>
    [`${price}/inputPrices`, `${price}/bands/0/inputPrices`].map(
      (at) => [at, { [kind]: '2' }, `invalid_value ${at}/${kind}`] as const,
    ),
  ),
  ...['cacheReadAudio', 'cacheWrite12h', 'inputVideo'].flatMap((kind) =>
    [`${price}/outputPrices`, `${price}/bands/0/outputMultiples`].map(
      (at) => [at, { [kind]: '2' }, `invalid_value ${at}/${kind}`] as const,
    ),
  ),
  ...['outputAudio', 'outputImage', 'reasoning', 'input', 'output', '', 'a b', '__proto__'].map((kind) =>
    invalid(`${price}/inputMultiples/${kind}`, '2'),
  ),
  ...['cache', 'cacheRead', 'cacheWrite5m', 'cacheWrite1h', 'inputAudio', 'inputImage', 'input', 'output'].map((kind) =>
    invalid(`${price}/outputMultiples/${kind}`, '2'),
  ),
  // Ids are not twice there, ranks ascend.
  [
    '/tiers/1/id',
    'default',
    'duplicate_id /tiers/1/id',
    'dangling_reference /promotion/0/tier',
    'dangling_reference /tierMultipliers/vip',
    'dangling_reference /plans/1/tier',
  ],
  [
    '/channels/1/id',
    'official',
    'duplicate_id /channels/1/id',
    'dangling_reference /models/0/channelPrices/relay',
    'dangling_reference /models/0/channelCosts/relay',
  ],
  ['/models/1/id', 'claude-sonnet', 'duplicate_id /models/1/id'],
  ['/plans/1/id', 'free', 'duplicate_id /plans/1/id'],
  ['/fx/1', { pair: 'CNY/USD', rate: '0.1' }, 'duplicate_id /fx/1/pair'],
  invalid('/tiers/1/rank', 1),
  invalid('/tiers/1/rank', 0),
  // Nothing dangles.
  ...['/promotion/0/tier', '/models/0/group', '/models/0/minTier', '/plans/1/tier', '/defaultPlan'].map((at) =>
    dangling(at, 'nobody'),
  ),
  ...['/tierMultipliers/nobody'].map((at) => dangling(at, { default: '1', vip: '1' })),
  dangling('/tierMultipliers/vip/nobody', '1'),
  dangling('/models/0/channelPrices/nobody', { mode: 'request', unit: '1' }),
  dangling('/models/0/group', 'constructor'),
  dangling('/models/0/group', 'toString'),
  // Every tier has a multiplier for every group.
  ['/tierMultipliers/vip', undefined, 'incomplete_matrix /tierMultipliers/vip'],
  ['/tierMultipliers/vip/default', undefined, 'incomplete_matrix /tierMultipliers/vip/default'],
  ['/tierMultipliers', {}, 'incomplete_matrix /tierMultipliers/default', 'incomplete_matrix /tierMultipliers/vip'],
  [
    '/groups/2',
    { id: 'svip' },
    'incomplete_matrix /tierMultipliers/default/svip',
    'incomplete_matrix /tierMultipliers/vip/svip',
  ],
  // Names that a prototype would answer to.
  [
    '/groups/2',
    { id: 'constructor' },
    'incomplete_matrix /tierMultipliers/default/constructor',
    'incomplete_matrix /tierMultipliers/vip/constructor',
  ],
  ['/tiers/2', { id: 'toString', rank: 3 }, 'incomplete_matrix /tierMultipliers/toString'],
  ['/providers/__proto__', {}, 'invalid_value /providers/__proto__'],
  [
    '/tierMultipliers/__proto__',
    {},
    'invalid_value /tierMultipliers/__proto__',
    'dangling_reference /tierMultipliers/__proto__',
  ],
];

function required(pointer: string) {
  return [pointer, undefined, `required ${pointer}`] as const;
}
function unknown(pointer: string) {
  return [`${pointer}/surplus`, 1, `unknown_key ${pointer}/surplus`] as const;
}
function invalid(pointer: string, value: unknown) {
  return [pointer, value, `invalid_value ${pointer}`] as const;
}
function tooLarge(pointer: string, value: unknown) {
  return [pointer, value, `too_large ${pointer}`] as const;
}
function dangling(pointer: string, value: unknown) {
  return [pointer, value, `dangling_reference ${pointer}`] as const;
}

describe('a rulebook is refused', () => {
  const cases = refusals.map(([pointer, value, ...faults]) => [pointer, value, faults] as const);
  it.each(cases)('with %s as %p', (pointer, value, faults) => {
    expect(faultsOf(changed(everyKey, pointer, value))).toEqual(faults);
  });

  it.each([null, undefined, 5, 'platform: x', [], new Map(), [smallest]])('where it is no object but %p', (content) => {
    expect(faultsOf(content)).toEqual(['invalid_value ']);
  });

  it('where a kind of tokens is both input and output', () => {
    const content = changed(
      changed(everyKey, `${price}/inputMultiples/video`, '2'),
      `${price}/outputMultiples/video`,
      '2',
    );
    expect(faultsOf(content)).toEqual([`invalid_value ${price}`]);
  });

  it('with every fault it has, those between its parts included', () => {
    const content = {
      ...smallest,
      currency: 'usd',
      surplus: 1,
      tiers: [
        { id: 'default', rank: 1, discount: 1 },
        { id: 'default', rank: 1 },
      ],
      models: [
        { id: 'm', group: 'nobody', price: { mode: 'token', per: 10, input: '01', extra: 1 } },
        { id: 'm', group: 'default', minTier: 'gone', price: { mode: 'request' } },
      ],
      plans: [{ id: 'p', price: '1' }],
      tierMultipliers: { default: {} },
    };
    expect(faultsOf(content)).toEqual([
      'unknown_key /surplus',
      'invalid_value /currency',
      'invalid_value /tiers/0/discount',
      'unknown_key /models/0/price/extra',
      'invalid_value /models/0/price/per',
      'invalid_value /models/0/price/input',
      'required /models/1/price/unit',
      'duplicate_id /tiers/1/id',
      'duplicate_id /models/1/id',
      'invalid_value /tiers/1/rank',
      'dangling_reference /models/0/group',
      'dangling_reference /models/1/minTier',
      'incomplete_matrix /tierMultipliers/default/default',
      'required /creditsPerUnit',
    ]);
  });

  it('with a detail of bounded length, whatever stands there', () => {
    const read = readRulebook({ ...smallest, platform: 'x'.repeat(1_000_000), defaultPlan: 'y'.repeat(100_000) });
    const details = read.kind === 'invalid' ? read.faults.map(({ detail }) => detail) : [];
    expect(details.length).toBe(3);
    for (const detail of details) expect(detail.length).toBeLessThan(200);
  });

  it('where tiers, groups or models are more than anybody has, without counting out what they lack', () => {
    const many = (count: number) => Array.from({ length: count }, (_, index) => ({ id: `x${index}`, rank: index }));
    const groups = many(30_000).map(({ id }) => ({ id }));
    const tierMultipliers = Object.fromEntries(many(30_000).map(({ id }) => [id, {}]));
    const content = { ...smallest, tiers: many(30_000), groups, models: Array(10_001).fill({}), tierMultipliers };
    expect(faultsOf(content)).toEqual([
      'too_large /tiers',
      'too_large /tierMultipliers',
      'too_large /groups',
      'too_large /models',
    ]);
  });

  it('and never crashes, whatever JSON stands at any place of it', () => {
    const pointers = refusals.map(([pointer]) => pointer).filter((pointer) => /^(\/[^/]+){1,5}$/.test(pointer));
    fc.assert(
      fc.property(fc.constantFrom(...pointers), fc.jsonValue(), (pointer, value) => {
        const read = readRulebook(changed(everyKey, pointer, value));
        expect(read.kind === 'valid' || read.faults.length > 0).toBe(true);
      }),
      { numRuns: 500 },
    );
    fc.assert(fc.property(fc.anything(), (content) => readRulebook(content).kind === 'invalid'));
  });
});

describe('what an author may write', () => {
  it.each([
    ['/creditsPerUnit', '12.5', true],
    ['/creditsPerUnit', '1', true],
    ['/creditsPerUnit', '0.04', true],
    ['/groups/1/limits/requestsPerMinute', null, true],
    ['/groups/1/limits/requestsPerMinute', 0, true],
    ['/models/0/price/bands/0', { promptTokensAtLeast: 0 }, true],
    ['/models/0/price/bands/0', { when: { tier: 'flex' }, inputMultiples: { cacheRead: '0.2' } }, true],
    ['/models/0/price/windows/0/to', '24:00', true],
    ['/models/0/price/output', undefined, true],
    ['/channels/0/discount', undefined, true],
    ['/plans/1/baseCredits', undefined, true],
    ['/models/0/price/inputMultiples/videoFrames', '3', true],
    ['/models/0/price/per', 1_000_000, true],
    ['/models/0/price/input', '0', true],
    ['/models/1/id', 'anthropic/claude-3.5:beta*', true],
    ['/drawOrder', ['wallet', 'backup', 'main'], true],
    ['/providers/nowpayments/kinds', [], true],
    ['/channels', undefined, false],
    ['/tierMultipliers', undefined, true],
    ['/currency', 'USDT', true],
  ])('%s as %p: %p', (pointer, value, expected) => {
    expect(readRulebook(changed(everyKey, pointer, value)).kind === 'valid').toBe(expected);
  });

  it('names in any script', () => {
    const content = { ...smallest, groups: [{ id: '默认分组' }], models: [] };
    expect([...valid(content).groups.keys()]).toEqual(['默认分组']);
  });

  it('gives a tier part of a priority, and its rank and name are the rest', () => {
    const tiers = [{ id: 'default', rank: 7, priority: { name: 'low' } }];
    expect(valid({ ...smallest, tiers }).tiers[0].priority).toEqual({ level: 7, name: 'low' });
  });
});

describe('a stored rulebook that is read in steps', () => {
  const inSteps = (content: unknown): { read: ReadRulebook; steps: number } => {
    const steps = readStoredInSteps(content);
    for (let count = 1; ; count++) {
      const step = steps.next();
      if (step.done === true) return { read: step.value, steps: count };
    }
  };

  it('comes to the same as one that is read at once', () => {
    const [model] = everyKey['models'] as Json[];
    const twice = { ...everyKey, models: [model, model] };
    const unknownGroup = { ...everyKey, models: [{ ...model, group: 'nobody' }] };
    const faulty = { ...everyKey, models: [{ ...model, price: {} }] };
    const without = { ...everyKey, models: undefined };
    for (const content of [everyKey, smallest, twice, unknownGroup, faulty, without, null, [], 'text'])
      expect(inSteps(content).read).toEqual(readStoredRulebook(content));
  });

  it('takes the more steps the more models it has', () => {
    const [model] = everyKey['models'] as Json[];
    const models = Array.from({ length: 3_200 }, (_, at) => ({ ...model, id: `model-${at}` }));
    const { read, steps } = inSteps({ ...everyKey, models });
    expect(read.kind).toBe('valid');
    expect(steps).toBeGreaterThan(100);
  });
});

describe('the next version of a rulebook', () => {
  it('keeps platform and currency', () => {
    const first = valid(smallest);
    expect(checkSuccessor(first, valid({ ...everyKey, platform: 'small', currency: 'USD' }))).toEqual([]);
    expect(checkSuccessor(first, valid(everyKey)).map(({ pointer, code }) => `${code} ${pointer}`)).toEqual([
      'invalid_value /platform',
      'invalid_value /currency',
    ]);
  });
});
