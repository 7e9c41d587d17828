import type { Account } from '../account/account';
import { openAccount } from '../account/standing/open';
import { receiveRecharge } from '../account/wallet/recharge';
import { changeSettings } from '../account/standing/settings';
import { issueApiKey, revokeApiKey } from '../account/standing/keys';
import { startSubscription } from '../account/subscription/start';
import type { AccountEvent } from '../account/events';
import type { Decision } from '../account/decision';
import { toText } from '../amount/decimal';
import { aChange, aRecharge, at, nowAt } from '../testing/commands';
import { accountAfter, given } from '../testing/given';
import { aStart } from '../testing/plans';
import { published } from '../testing/rulebooks';
import { authorize, type AccessDecision, type AccessRequest } from './authorize';
import { dropSettled, evolveHolds, newHoldBook, type HoldBook } from './hold-book';

const price = (unit: string): object => ({ mode: 'request', unit });
const sections = {
  tiers: [
    { id: 'default', rank: 1, limits: { requestsPerMinute: 2, requestsPerDay: 3 } },
    { id: 'pro', rank: 2, priority: { level: 9, name: 'urgent' }, discount: '0.5' },
  ],
  groups: [
    { id: 'default', models: ['*', '!rare'] },
    { id: 'open', multiplier: '3', models: ['*'] },
  ],
  channels: [{ id: 'relay', discount: '0.5' }],
  models: [
    { id: 'one', group: 'default', price: price('1') },
    { id: 'rare', group: 'default', price: price('1') },
    { id: 'high', group: 'default', minTier: 'pro', price: price('1') },
    { id: 'gratis', group: 'default', free: true, price: price('0') },
    { id: 'second', group: 'default', price: { mode: 'second', unit: '1' } },
  ],
  creditsPerUnit: '100',
  plans: [{ id: 'free', price: '0', models: ['free'], periodDays: 30 }],
};
const rules = published(sections);

class Story {
  private history: readonly AccountEvent[] = [];
  readonly book: HoldBook = newHoldBook();

  constructor(private readonly version = rules) {
    this.when((account) => openAccount(account, nowAt(0), [this.version]));
  }

  when(decide: (account: Account | undefined) => Decision): this {
    this.history = given(...this.history).when(decide).soFar;
    return this;
  }

  withMoney(amount: string): this {
    return this.when((account) => receiveRecharge(account, aRecharge(`r${amount}`, amount, 1), [this.version]));
  }

  withSettings(change: Parameters<typeof aChange>[0]): this {
    return this.when((account) => changeSettings(account, aChange(change, 2), [this.version]));
  }

  withKey(keyId: string, group: string | null): this {
    const issue = { keyId, name: keyId, group, secretHash: 'hash', digest: keyId, time: nowAt(2) };
    return this.when((account) => issueApiKey(account, issue, [this.version]));
  }

  withoutKey(keyId: string): this {
    return this.when((account) => revokeApiKey(account, { keyId, time: nowAt(3) }));
  }

  onPlan(plan: string): this {
    return this.when((account) => startSubscription(account, aStart(plan, plan, 3), [this.version]));
  }

  /** Decides; what is granted stands from then on. */
  ask(request: Partial<AccessRequest> = {}, atMs = at(4)): AccessDecision {
    const account = accountAfter(this.history);
    if (account === undefined) throw new Error('no account');
    dropSettled(this.book, account);
    const asked: AccessRequest = {
      requestId: `q${this.book.revision}`,
      model: 'one',
      apiKeyId: null,
      group: null,
      channel: null,
      units: {},
      fields: {},
      hold: true,
      digest: 'digest-of-a-request',
      ...request,
    };
    const decision = authorize(account, this.book, asked, this.version, atMs);
    if (decision.kind === 'granted' && decision.event) evolveHolds(this.book, decision.event, this.book.revision + 1);
    return decision;
  }

  /** What it comes to, in a word. */
  asks(request: Partial<AccessRequest> = {}, atMs = at(4)): string {
    const decision = this.ask(request, atMs);
    return decision.kind === 'granted' ? 'granted' : decision.refusal.code;
  }
}

/** Each has what is wrong with it and everything after it. */
const faults: readonly (readonly [code: string, spoil: (story: Story, request: Partial<AccessRequest>) => object])[] = [
  ['account_suspended', (story, request) => (story.withSettings({ suspended: true }), request)],
  ['invalid_api_key', (_story, request) => ({ ...request, apiKeyId: 'nobody' })],
  ['unknown_model', (_story, request) => ({ ...request, model: 'none' })],
  ['unknown_group', (_story, request) => ({ ...request, group: 'none' })],
  ['unknown_channel', (_story, request) => ({ ...request, channel: 'none' })],
  ['unknown_unit', (_story, request) => ({ ...request, units: { seconds: 1 } })],
  ['model_tier_restricted', (_story, request) => ({ ...request, model: 'high' })],
  ['model_not_in_group', (_story, request) => ({ model: 'rare', ...request })],
  ['model_not_in_plan', (story, request) => (story.onPlan('free'), request)],
  [
    'rate_limited',
    (story, request) => (story.withSettings({ limits: { requestsPerMinute: 0, requestsPerDay: 0 } }), request),
  ],
  [
    'daily_limit',
    (story, request) => (story.withSettings({ limits: { requestsPerMinute: 5, requestsPerDay: 0 } }), request),
  ],
  ['insufficient_credits', (_story, request) => request],
];

describe('what is wrong with a request', () => {
  it.each(faults.map(([code], index) => [code, index] as const))('is told in the stated order: %s', (code, from) => {
    const story = new Story();
    let request: Partial<AccessRequest> = {};
    for (const [, spoil] of [...faults.slice(from)].reverse()) request = spoil(story, request);
    expect(story.asks(request)).toBe(code);
  });

  it('is nothing where the account can pay', () => {
    expect(new Story().withMoney('5').asks()).toBe('granted');
  });

  it('is a unit that is missing, after those that are unknown', () => {
    expect(new Story().withMoney('5').asks({ model: 'second' })).toBe('missing_units');
    expect(new Story().withMoney('5').asks({ model: 'second', units: { requests: 1 } })).toBe('unknown_unit');
  });

  it('is a key that was revoked', () => {
    const story = new Story().withMoney('5').withKey('k', null);
    expect(story.asks({ apiKeyId: 'k' })).toBe('granted');
    expect(story.withoutKey('k').asks({ apiKeyId: 'k' })).toBe('invalid_api_key');
  });
});

describe('what is granted', () => {
  it('says how urgent it is, for whom it was priced and until when it is held', () => {
    const decision = new Story().withMoney('5').withSettings({ tier: 'pro' }).ask({ group: 'open', channel: 'relay' });
    expect(decision).toMatchObject({
      kind: 'granted',
      grant: {
        priority: { level: 9, name: 'urgent' },
        tier: 'pro',
        group: 'open',
        multiplier: '1.5',
        estimate: '0.75',
        heldUntil: '2026-11-21T04:15:00.000Z',
      },
    });
  });

  it('sets its estimate aside, so that the next one has less', () => {
    const story = new Story().withMoney('2').withSettings({ tier: 'pro' });
    expect(['0.5', '0.5', '0.5', '0.5'].map(() => story.asks())).toEqual(Array(4).fill('granted'));
    expect(story.ask()).toMatchObject({ kind: 'refused', refusal: { code: 'insufficient_credits' } });
    expect(toText(story.book.held)).toBe('2');
  });

  it('sets nothing aside where that is not asked for, and is remembered only where a limit counts it', () => {
    expect(new Story().withMoney('1').ask({ hold: false })).toMatchObject({
      grant: { heldUntil: null },
      event: { type: 'RequestCounted', minute: 'tier:default', day: 'tier:default' },
    });
    expect(new Story().withMoney('1').withSettings({ tier: 'pro' }).ask({ hold: false })).toMatchObject({
      event: null,
    });
  });

  it('is counted by the source of the limit, which the key may name', () => {
    const version = published({
      ...sections,
      groups: [sections.groups[0], { id: 'open', models: ['*'], limits: { requestsPerMinute: 1 } }],
    });
    const story = new Story(version).withMoney('9').withKey('k', 'open');
    expect(story.ask({ apiKeyId: 'k' })).toMatchObject({ event: { minute: 'group:open', day: 'tier:default' } });
    expect(story.asks({ apiKeyId: 'k' })).toBe('rate_limited');
    expect(story.asks({ apiKeyId: 'k', group: 'default' })).toBe('granted');
  });

  it('is over no limit: a minute, then the day, then the next day', () => {
    const story = new Story().withMoney('9');
    expect([story.asks(), story.asks(), story.asks()]).toEqual(['granted', 'granted', 'rate_limited']);
    const later = at(4) + 61_000;
    expect([story.asks({}, later), story.asks({}, later + 61_000), story.asks({}, at(24))]).toEqual([
      'granted',
      'daily_limit',
      'granted',
    ]);
  });
});

describe('a wallet with money in it', () => {
  const opens = (wallet: object): ReturnType<typeof published> => published({ ...sections, wallet });
  const all = { requiresOptIn: true, bypassesLimits: true, unlocksAllModels: true };

  it('opens every model where the rules say so, once it may be drawn', () => {
    const story = new Story(opens(all)).withMoney('9').onPlan('free');
    expect(['high', 'rare', 'one'].map((model) => story.asks({ model }))).toEqual([
      'model_tier_restricted',
      'model_not_in_group',
      'model_not_in_plan',
    ]);
    story.withSettings({ payAsYouGo: true });
    expect(['high', 'rare', 'one'].map((model) => story.asks({ model }))).toEqual(Array(3).fill('granted'));
  });

  it('frees from the limits where the rules say so, and counts all the same', () => {
    const story = new Story(opens({ ...all, requiresOptIn: false })).withMoney('9');
    expect([1, 2, 3, 4].map(() => story.asks())).toEqual(Array(4).fill('granted'));
    expect(story.ask()).toMatchObject({ event: { minute: 'tier:default' }, quotas: [] });
  });

  it('does neither while it is empty', () => {
    const story = new Story(opens({ ...all, requiresOptIn: false }));
    expect(story.asks({ model: 'high' })).toBe('model_tier_restricted');
    expect([story.asks({ model: 'gratis' }), story.asks({ model: 'gratis' }), story.asks({ model: 'gratis' })]).toEqual(
      ['granted', 'granted', 'rate_limited'],
    );
  });
});

it('a clock that is behind gives nobody a second minute', () => {
  const story = new Story().withMoney('9');
  expect([story.asks({}, at(5)), story.asks({}, at(5))]).toEqual(['granted', 'granted']);
  expect(story.asks({}, at(4))).toBe('rate_limited');
});
