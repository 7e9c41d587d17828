import { eventually, request, type Answer } from '../../support/client';

/** One model at 0.001 a request, and a tier that a single recharge of 500 earns. */
const rules = {
  currency: 'CNY',
  effectiveFrom: '2020-01-01T00:00:00.000Z',
  tiers: [
    { id: 'default', rank: 1 },
    { id: 'vip', rank: 2 },
  ],
  promotion: [{ tier: 'vip', anyOf: [{ singleRechargeAtLeast: '500' }] }],
  groups: [{ id: 'default', models: ['*'] }],
  providers: { manual: {} },
  refund: { windowDays: 14 },
  models: [{ id: 'm', group: 'default', price: { mode: 'request', unit: '0.001' } }],
  creditsPerUnit: '100',
  plans: [
    { id: 'small', price: '10', baseCredits: '10', bonus: '0', backup: '0', periodDays: 30 },
    { id: 'big', price: '25', baseCredits: '25', bonus: '0', backup: '0', periodDays: 30 },
  ],
};

/** What a usage costs, in thousandths. */
export const usageCost = 1;

/** The calls that specs make about one platform; every address is that of a process or of the proxy. */
export class Platform {
  constructor(readonly name: string) {}

  path(account: string, rest = ''): string {
    return `/v1/platforms/${this.name}/accounts/${account}${rest}`;
  }

  /** Publishes the rules, as often as it takes until a process is ready for it. */
  async publish(url: string): Promise<void> {
    const content = { platform: this.name, ...rules };
    await eventually(
      () => request(url, 'PUT', `/v1/platforms/${this.name}/rulebook`, content).catch(unanswered),
      ({ status }) => status === 201 || status === 200,
    );
  }

  recharge(url: string, account: string, rechargeId: string, amount: string): Promise<Answer> {
    const body = { rechargeId, provider: 'manual', amount, currency: 'CNY' };
    return request(url, 'POST', this.path(account, '/recharges'), body);
  }

  view(url: string, account: string): Promise<Answer> {
    return request(url, 'GET', this.path(account));
  }

  tier(url: string, account: string): Promise<Answer> {
    return request(url, 'GET', this.path(account, '/tier'));
  }

  use(
    url: string,
    account: string,
    ids: readonly string[],
    more: Readonly<Record<string, unknown>> = {},
  ): Promise<Answer> {
    const time = new Date().toISOString();
    return request(
      url,
      'POST',
      '/v1/usage',
      ids.map((id) => this.usage(account, id, time, more)),
    );
  }

  /** A usage event of one request. */
  usage(account: string, id: string, time: string, more: Readonly<Record<string, unknown>> = {}): object {
    const { name: platform } = this;
    const data = { model: 'm', units: {} };
    return {
      specversion: '1.0',
      type: 'usage.recorded',
      source: 'gw',
      id,
      time,
      platform,
      subject: account,
      data,
      ...more,
    };
  }
}

/** For a request that got no answer: it is made again. */
export function unanswered(): Answer {
  return { status: 0, headers: new Headers(), body: {} };
}
