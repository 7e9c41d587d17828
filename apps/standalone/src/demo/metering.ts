import type { ChargeDto, ChargePageDto } from '@meterbook/ledger/view-charges/charge.dto';
import type { Api } from './api';
import type { Stage } from './stage';

/** The `source` of all usage of the demo; with its `id` it is the identity of a usage event. */
export const SOURCE = 'gateway-1';

/** One metered call, as a gateway saw it. */
export interface Call {
  readonly id: string;
  readonly model: string;
  readonly units: Readonly<Record<string, number | string>>;
  readonly channel?: string;
  readonly apiKeyId?: string;
  readonly fields?: Readonly<Record<string, string>>;
}

/** A call and what the rulebook says about it. */
export interface PricedCall extends Call {
  readonly amount: string;
  /** What multiplies the price, in order: `["0.8", "tierMultiplier vip/default"]`. */
  readonly factors: readonly (readonly [value: string, name: string])[];
}

/** A CloudEvent of `POST /v1/usage`. */
export interface UsageEvent {
  readonly specversion: '1.0';
  readonly type: 'usage.recorded';
  readonly source: string;
  readonly id: string;
  readonly time: string;
  readonly platform: string;
  readonly subject: string;
  readonly data: Omit<Call, 'id'>;
}

export function toEvent(platform: string, account: string, call: Call): UsageEvent {
  const { id, model, units, channel, apiKeyId, fields } = call;
  const data = { model, units, ...(channel && { channel }), ...(apiKeyId && { apiKeyId }), ...(fields && { fields }) };
  const time = new Date().toISOString();
  return { specversion: '1.0', type: 'usage.recorded', source: SOURCE, id, time, platform, subject: account, data };
}

/** Sends calls in one batch, waits until they are charged, and shows what each was charged and why. */
export async function charge(
  stage: Stage,
  platform: string,
  account: string,
  calls: readonly PricedCall[],
): Promise<ChargeDto[]> {
  const { api, page, checks, till } = stage;
  await api.send(
    'POST',
    '/v1/usage',
    calls.map((call) => toEvent(platform, account, call)),
  );
  page.call('GET', chargePath(platform, account, '…'));
  const charges: ChargeDto[] = [];
  const rows: string[][] = [];
  for (const call of calls) {
    const found = await chargeOf(api, platform, account, call.id);
    charges.push(found);
    till.charged(platform, call.amount);
    const priced = {
      amount: found.amount,
      factors: call.factors.filter((factor) => found.explain.includes(named(factor))),
    };
    const mark = checks.mark(`charge of ${call.id}`, priced, { amount: call.amount, factors: call.factors });
    rows.push([call.model, sent(call), found.group, multiplied(call), `${found.amount} ${found.currency}`, mark]);
  }
  const columns = ['call', 'sent', 'group', 'multiplier', 'charged'].map((title) => ({
    title,
    right: title === 'charged',
  }));
  page.table([...columns, { title: '' }], rows);
  page.line();
  const width = Math.max(...calls.map(({ model }) => model.length));
  charges.forEach(({ model, explain }) => page.why(model, explain, width));
  return charges;
}

/** Waits for the charge of one usage event. */
export async function chargeOf(api: Api, platform: string, account: string, id: string): Promise<ChargeDto> {
  const { charges } = await api.quietlyUntil<ChargePageDto>(
    chargePath(platform, account, encodeURIComponent(id)),
    (page) => page.charges.length > 0,
  );
  const [found] = charges;
  if (!found) throw new Error(`There is no charge of ${id}.`);
  return found;
}

/** What became of all usage so far, as the charging loop counts it. */
export interface Outcomes {
  readonly charged: number;
  readonly duplicate: number;
}

/** Reads the counters of `GET /metrics`. */
export async function outcomes(api: Api): Promise<Outcomes> {
  const { text } = await api.raw('GET', '/metrics');
  const count = (outcome: string): number =>
    Number(new RegExp(`^meterbook_usage_total\\{outcome="${outcome}"\\} (\\d+)`, 'm').exec(text)?.[1] ?? 0);
  return { charged: count('charged'), duplicate: count('duplicate') };
}

function chargePath(platform: string, account: string, id: string): string {
  return `/v1/platforms/${platform}/accounts/${account}/charges?source=${SOURCE}&id=${id}`;
}

function named([value, name]: readonly [string, string]): string {
  return `× ${value} [${name}]`;
}

function multiplied({ factors }: PricedCall): string {
  return factors.map(([value]) => `× ${value}`).join(' ');
}

/** The units and whatever else prices the call, in a few words. */
function sent({ units, channel, apiKeyId, fields }: Call): string {
  const counted = Object.entries(units).map(([name, count]) => `${count} ${name.replace('Tokens', '')}`);
  const rest = [channel && `via ${channel}`, apiKeyId, ...Object.entries(fields ?? {}).map((pair) => pair.join('='))];
  return [...counted, ...rest].filter((part) => part !== undefined).join(', ');
}
