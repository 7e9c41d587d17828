import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chargeUsage } from '@meterbook/domain/account/charging/charge';
import { accepted, alreadySo } from '@meterbook/domain/account/decision';
import type { AccountEvent } from '@meterbook/domain/account/events';
import { openAccount } from '@meterbook/domain/account/standing/open';
import { startSubscription } from '@meterbook/domain/account/subscription/start';
import { switchPlan } from '@meterbook/domain/account/subscription/switch';
import { decimal, round, toText, type RoundingMode } from '@meterbook/domain/amount/decimal';
import { postingsOf } from '@meterbook/domain/entries/postings';
import { explain } from '@meterbook/domain/rating/explain';
import { rate } from '@meterbook/domain/rating/rate';
import { RATING_RULES } from '@meterbook/domain/rating/rating-rules';
import { nowAt, usage } from '@meterbook/domain/testing/commands';
import { given } from '@meterbook/domain/testing/given';
import { aStart, aSwitch } from '@meterbook/domain/testing/plans';
import { published } from '@meterbook/domain/testing/rulebooks';
import { tableRows } from './markdown';
import { root } from './planted-tree';

const domain = join(root, 'libs/domain/src');
const readme = (folder: string): string => readFileSync(join(domain, folder, 'README.md'), 'utf8');
const example = (folder: string): unknown => JSON.parse(/```json\n([^]*?)```/.exec(readme(folder))?.[1] ?? '');
/** Folders without rules of their own. */
const plain = ['testing', 'time'];

describe('the README of each folder of rules', () => {
  const folders = [...readdirSync(domain).filter((folder) => !plain.includes(folder)), 'account/subscription'];

  it.each(folders)('says what they are and what they are not, in a page: %s', (folder) => {
    const text = readme(folder);
    expect([...text.matchAll(/^## (.*)$/gm)].map(([, title]) => title)).toEqual(['The rules', 'What it is not']);
    expect(text.split('\n').length).toBeLessThan(75);
    for (const [, file = ''] of text.matchAll(/`([a-z-]+(?:\.ts|\/))`/g)) {
      expect([file, existsSync(join(domain, folder, file)) || existsSync(join(domain, file))]).toEqual([file, true]);
    }
  });
});

describe('their worked examples', () => {
  it('of rounding', () => {
    const rows = tableRows(readme('amount'));
    expect(rows.length).toBe(3);
    const modes: readonly RoundingMode[] = ['half-up', 'half-even', 'up', 'down'];
    for (const [exact = '', scale = '', ...rounded] of rows) {
      const shown = modes.map((mode) => toText(round(decimal(exact), { scale: Number(scale), mode })));
      expect([exact, shown]).toEqual([exact, rounded]);
    }
  });

  it('of a rating', () => {
    const shown = example('rating') as {
      readonly price: unknown;
      readonly tierDiscount: string;
      readonly channelDiscount: string;
      readonly units: Readonly<Record<string, number>>;
      readonly charge: string;
      readonly explain: string;
    };
    const { rulebook } = published({
      tiers: [{ id: 'default', rank: 1, discount: shown.tierDiscount }],
      channels: [{ id: 'relay', discount: shown.channelDiscount }],
      models: [{ id: 'one', group: 'default', price: shown.price }],
    });
    const { units } = shown;
    const request = { model: 'one', group: null, channel: 'relay', units, fields: {}, at: 0 };
    const rated = rate(rulebook, request, { tier: 'default', customMultiplier: null });
    if (rated.kind === 'refused') throw new Error(rated.detail);
    const { price, factors, tier, group } = rated;
    const [amount, unrounded] = [toText(rated.amount), toText(rated.unrounded)];
    expect(amount).toBe(shown.charge);
    const charge = { rating: RATING_RULES, price, factors, unrounded, amount, units, tier, group, channel: 'relay' };
    expect(explain({ ...charge, currency: 'USD' })).toBe(shown.explain);
  });

  it('of a switch', () => {
    const shown = example('account/subscription') as {
      readonly old: { readonly price: string; readonly used: readonly [string, string]; readonly days: number };
      readonly newPrice: string;
      readonly proration: Readonly<Record<string, string>>;
      readonly credit: string;
    };
    const plan = (id: string, price: string): object => ({
      id,
      price,
      baseCredits: '1000',
      backup: '3',
      models: ['*'],
    });
    const rules = [
      published({ creditsPerUnit: '100', plans: [plan('old', shown.old.price), plan('new', shown.newPrice)] }),
    ];
    const requests = Number(shown.old.used[0]) / 100;
    const opened = given().when((account) => openAccount(account, nowAt(0), rules)).events;
    const started = given(...opened).when((account) => startSubscription(account, aStart('p', 'old', 0), rules)).soFar;
    const used = given(...started).when((account) => {
      const event = account && chargeUsage(account, [usage('u', requests, 1)], rules).event;
      return event ? accepted(event) : alreadySo;
    }).soFar;
    const { days } = shown.old;
    given(...used)
      .when((account) => switchPlan(account, aSwitch('q', 'new', days * 24), rules))
      .thenEvents({ credit: shown.credit, proration: { ...shown.proration, used: shown.old.used } });
  });

  it('of an entry', () => {
    const { event, postings } = example('entries') as { event: AccountEvent; postings: readonly string[][] };
    const legs = postingsOf(event, 'acct-42');
    expect(legs.map(({ ledgerAccount, commodity, amount }) => [ledgerAccount, commodity, toText(amount)])).toEqual(
      postings,
    );
  });
});
