import { chargeUsage } from './charge';
import type { Account } from '../account';
import { decimal, toText } from '../../amount/decimal';
import type { PublishedRulebook } from '../../rulebook/rulebook';
import type { Usage } from '../../usage/usage';
import { changeTier } from '../standing/change-tier';
import { evolve } from '../evolve';
import { grantCredit } from '../wallet/grant';
import { issueApiKey, revokeApiKey } from '../standing/keys';
import { receiveRecharge } from '../wallet/recharge';
import { changeSettings } from '../standing/settings';
import { toSnapshot } from '../snapshot';
import { given } from '../../testing/given';
import { aChange, aGrant, aRecharge, at, atText, chargesOf, nowAt, usage } from '../../testing/commands';
import { published } from '../../testing/rulebooks';

const rules = [
  published({
    tiers: [
      { id: 'default', rank: 1 },
      { id: 'vip', rank: 2, discount: '0.9' },
    ],
    groups: [
      { id: 'default', models: ['*'] },
      { id: 'cheap', multiplier: '0.5', models: ['*'] },
    ],
    channels: [{ id: 'relay', discount: '0.5' }],
    models: [
      { id: 'one', group: 'default', price: { mode: 'request', unit: '1' } },
      {
        id: 'third',
        group: 'default',
        price: { mode: 'request', unit: '0.3333333' },
        cost: { mode: 'request', unit: '0.1' },
      },
      { id: 'clip', group: 'default', price: { mode: 'second', unit: '1' } },
    ],
  }),
];
const optIn = [published({ wallet: { requiresOptIn: true } })];
const history = given().when((account) => receiveRecharge(account, aRecharge('r1', '10', 0), rules)).soFar;
const account = given(...history).when((before) => grantCredit(before, aGrant('g1', '2', 0, at(5)), rules)).account;
const charged = (usages: Usage[], rulebooks: readonly PublishedRulebook[] = rules, of: Account = account) =>
  chargeUsage(of, usages, rulebooks);
const reasons = (usages: Usage[], rulebooks: readonly PublishedRulebook[] = rules, of: Account = account) =>
  charged(usages, rulebooks, of).outcomes.map((outcome) => (outcome.kind === 'dead' ? outcome.reason : outcome.kind));

describe('charging usage', () => {
  it('draws the earliest expiry first and states the balances after it', () => {
    const { event } = charged([usage('u1', 3, 1)]);
    expect(event).toMatchObject({
      type: 'UsageCharged',
      charges: [
        {
          id: 'u1',
          amount: '3',
          lots: [
            [1, '2'],
            [0, '1'],
          ],
        },
      ],
      currency: 'USD',
      wallet: '9',
    });
    expect(event).not.toHaveProperty('receivable');
  });

  it('keeps who named the group, and what the provider said it took', () => {
    const [named, silent] = chargesOf(
      charged([usage('u1', 1, 1, { group: 'cheap', upstreamCost: decimal('0.2') }), usage('u2', 1, 1)]).event,
    );
    expect(named).toMatchObject({ group: 'cheap', groupNamed: true, cost: '0.2', upstreamCost: '0.2' });
    for (const key of ['groupNamed', 'cost', 'upstreamCost', 'fields']) expect(silent).not.toHaveProperty(key);
  });

  it('knows no key of an account that has none', () => {
    expect(reasons([usage('u1', 1, 1, { apiKeyId: 'k1' })])).toEqual(['unknown_api_key']);
  });

  it('draws a lot for what occurred before its expiry, however late it is booked, and for nothing later', () => {
    expect(chargesOf(charged([usage('u1', 1, 4.9)]).event)[0]?.lots).toEqual([[1, '1']]);
    expect(chargesOf(charged([usage('u1', 1, 5)]).event)[0]?.lots).toEqual([[0, '1']]);
  });

  it('lets each charge of a batch see what those before it drew', () => {
    const { event } = charged([usage('u1', 1, 1), usage('u2', 8, 1), usage('u3', 9, 6)]);
    expect(chargesOf(event).map(({ lots, owed, limitedBy }) => ({ lots, owed, limitedBy }))).toEqual([
      { lots: [[1, '1']], owed: undefined, limitedBy: undefined },
      {
        lots: [
          [1, '1'],
          [0, '7'],
        ],
        owed: undefined,
        limitedBy: undefined,
      },
      { lots: [[0, '3']], owed: '6', limitedBy: 'insufficient_credits' },
    ]);
    expect(event).toMatchObject({ wallet: '0', receivable: '6' });
  });

  it('does not change the account', () => {
    const before = JSON.stringify(toSnapshot(account));
    charged([usage('u1', 100, 1)]);
    expect(JSON.stringify(toSnapshot(account))).toBe(before);
  });

  it('owes all while pay-as-you-go is off, and says so when the wallet had something', () => {
    const off = charged([usage('u1', 1, 1)], optIn);
    expect(off.event).toMatchObject({
      charges: [{ owed: '1', limitedBy: 'pay_as_you_go_off' }],
      wallet: '12',
      receivable: '1',
    });
    expect(chargesOf(off.event)[0]).not.toHaveProperty('lots');
    const on = given(...history).when((before) =>
      changeSettings(before, aChange({ payAsYouGo: true }, 1), optIn),
    ).account;
    expect(chargesOf(charged([usage('u1', 1, 1)], optIn, on).event)[0]).toMatchObject({ lots: [[0, '1']] });
    const spent = evolve(on, charged([usage('u2', 10, 1)], optIn, on).event ?? fail(), on.revision + 1);
    spent.standing = { ...spent.standing, payAsYouGo: false };
    expect(chargesOf(charged([usage('u3', 1, 2)], optIn, spent).event)[0]?.limitedBy).toBe('insufficient_credits');
  });

  it('charges nothing for what is free, and limits nothing', () => {
    const free = [
      published({
        models: [{ id: 'one', group: 'default', price: { mode: 'request', unit: '0' } }],
        wallet: { requiresOptIn: true },
      }),
    ];
    const [charge] = chargesOf(charged([usage('u1', 1, 1)], free).event);
    expect(charge?.amount).toBe('0');
    expect(Object.keys(charge ?? {})).not.toEqual(expect.arrayContaining(['limitedBy']));
    expect(charge).not.toHaveProperty('owed');
    expect(charge).not.toHaveProperty('lots');
  });

  it('stores what explains it and leaves out what says nothing', () => {
    const [charge] = chargesOf(charged([usage('u1', 1, 1)]).event);
    expect(Object.keys(charge ?? {})).toEqual([
      'source',
      'id',
      'occurredAt',
      'model',
      'tier',
      'group',
      'rulebook',
      'rating',
      'units',
      'price',
      'factors',
      'amount',
      'lots',
      'digest',
    ]);
    const [third] = chargesOf(
      charged([
        usage('u1', 1, 1, {
          model: 'third',
          channel: 'relay',
          authorizationId: 'a1',
          fields: { size: 'xl' },
          traceparent: '00-1',
        }),
      ]).event,
    );
    expect(third).toMatchObject({
      unrounded: '0.16666665',
      amount: '0.166667',
      cost: '0.1',
      channel: 'relay',
      authorizationId: 'a1',
    });
    expect(third).toMatchObject({ fields: { size: 'xl' }, traceparent: '00-1', occurredAt: atText(1), rulebook: 1 });
  });

  it('prices by the tier, the custom multiplier and the key as they stand when it is booked', () => {
    const promoted = given(...history).when((before) =>
      changeTier(before, { from: 'default', to: 'vip', tierRevision: 0, occurredAt: at(9) }),
    );
    expect(chargesOf(charged([usage('u1', 1, 1)], rules, promoted.account).event)[0]).toMatchObject({
      tier: 'vip',
      amount: '0.9',
    });
    const custom = given(...promoted.soFar).when((before) =>
      changeSettings(before, aChange({ customMultiplier: '0.3' }, 9), rules),
    );
    expect(chargesOf(charged([usage('u1', 1, 1)], rules, custom.account).event)[0]?.amount).toBe('0.3');
  });

  it('takes the group of the usage, else of its key, and a revoked key still pays', () => {
    const key = { keyId: 'k1', name: 'main', group: 'cheap', secretHash: 'h', digest: 'd', time: nowAt(1) };
    const issued = given(...history).when((before) => issueApiKey(before, key, rules));
    const revoked = given(...issued.soFar).when((before) =>
      revokeApiKey(before, { keyId: 'k1', time: nowAt(2) }),
    ).account;
    const by = (more: Partial<Usage>) => chargesOf(charged([usage('u1', 1, 3, more)], rules, revoked).event)[0];
    expect(by({ apiKeyId: 'k1' })).toMatchObject({ group: 'cheap', amount: '0.5', apiKeyId: 'k1' });
    expect(by({ apiKeyId: 'k1', group: 'default' })).toMatchObject({ group: 'default', amount: '1' });
  });

  it('keeps the labels of the usage, and those of its key where it has none of that name', () => {
    const key = { keyId: 'k1', name: 'main', group: null, secretHash: 'h', digest: 'd', time: nowAt(1) };
    const labelled = given(...history).when((before) =>
      issueApiKey(before, { ...key, labels: { team: 'core', project: 'a' } }, rules),
    );
    const plain = given(...labelled.soFar).when((before) =>
      issueApiKey(before, { ...key, keyId: 'k2' }, rules),
    ).account;
    const by = (more: Partial<Usage>) => chargesOf(charged([usage('u1', 1, 3, more)], rules, plain).event)[0];
    expect(by({ apiKeyId: 'k1', labels: { team: 'search', cost: 'x' } })).toMatchObject({
      labels: { team: 'search', project: 'a', cost: 'x' },
      amount: '1',
    });
    expect(by({ apiKeyId: 'k1' })?.labels).toEqual({ team: 'core', project: 'a' });
    expect(by({ apiKeyId: 'k2', labels: { team: 'search' } })?.labels).toEqual({ team: 'search' });
    expect([by({}), by({ labels: {} }), by({ apiKeyId: 'k2' })].map((charge) => charge && 'labels' in charge)).toEqual([
      false,
      false,
      false,
    ]);
  });

  it('uses the version in force when the usage occurred', () => {
    const dearer = published(
      { models: [{ id: 'one', group: 'default', price: { mode: 'request', unit: '2' } }] },
      2,
      atText(4),
    );
    const { event } = charged([usage('u1', 1, 4), usage('u2', 1, 3), usage('u3', 1, 5)], [...rules, dearer]);
    expect(chargesOf(event).map(({ amount, rulebook }) => [amount, rulebook])).toEqual([
      ['2', 2],
      ['1', 1],
      ['2', 2],
    ]);
  });

  it('names the first reason against a charge, in the order of the specification', () => {
    const bad = { model: 'none', apiKeyId: 'k9', group: 'none', channel: 'none', units: { moons: 1 } };
    const early = [published({}, 1, atText(3))];
    expect(reasons([usage('u', 1, 1, bad)], early)).toEqual(['no_rulebook']);
    expect(reasons([usage('u', 1, 1, bad)])).toEqual(['unknown_model']);
    expect(reasons([usage('u', 1, 1, { ...bad, model: 'clip' })])).toEqual(['unknown_api_key']);
    expect(reasons([usage('u', 1, 1, { ...bad, model: 'clip', apiKeyId: null })])).toEqual(['unknown_group']);
    const grouped = { ...bad, model: 'clip', apiKeyId: null, group: null };
    expect(reasons([usage('u', 1, 1, grouped)])).toEqual(['unknown_channel']);
    expect(reasons([usage('u', 1, 1, { ...grouped, channel: null })])).toEqual(['unknown_unit']);
    expect(reasons([usage('u', 1, 1, { ...grouped, channel: null, units: {} })])).toEqual(['missing_units']);
    expect(reasons([usage('u', 1, 1, { apiKeyId: 'k9' })])).toEqual(['unknown_api_key']);
  });

  it('says what is missing by its name', () => {
    const details = (usages: Usage[], rulebooks = rules): unknown[] =>
      charged(usages, rulebooks).outcomes.map((outcome) => outcome.kind === 'dead' && outcome.detail);
    expect(details([usage('u', 1, 1)], [published({}, 1, atText(3))])).toEqual([
      `No rulebook is in force at ${atText(1)}.`,
    ]);
    expect(details([usage('u', 1, 1, { apiKeyId: 'k9' })])).toEqual(['The account has no key k9.']);
  });

  it('keeps when it was decided, and each factor it was priced by', () => {
    const { event } = chargeUsage(
      account,
      [usage('u1', 1, 1)],
      [published({ tiers: [{ id: 'default', rank: 1, discount: '0.5' }] })],
      at(7),
    );
    expect(event?.decidedAt).toBe(atText(7));
    expect(chargesOf(event)[0]?.factors).toContainEqual(['tierDiscount', '0.5']);
    expect(charged([usage('u1', 1, 1)]).event).not.toHaveProperty('decidedAt');
  });

  it('goes on after a usage that cannot be charged, and writes nothing where none can', () => {
    const lost = usage('u2', 1, 1, { model: 'none' });
    expect(reasons([usage('u1', 1, 1), lost, usage('u3', 1, 1)])).toEqual(['charged', 'unknown_model', 'charged']);
    expect(charged([lost]).event).toBeNull();
    expect(charged([])).toEqual({ event: null, outcomes: [] });
  });

  it('folds to the balances it states', () => {
    const { event } = charged([usage('u1', 3, 1), usage('u2', 20, 6)]);
    const after = evolve(
      given(...history).when((before) => grantCredit(before, aGrant('g1', '2', 0, at(5)), rules)).account,
      event ?? fail(),
      3,
    );
    expect(toText(after.wallet)).toBe('0');
    expect(toText(after.receivable)).toBe('11');
    expect(after.burnOrder).toEqual([]);
    expect(after.charges).toBe(2);
  });
});

function fail(): never {
  throw new Error('nothing was charged');
}
