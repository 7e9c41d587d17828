import type { ChargeDto, ChargePageDto } from '@meterbook/ledger/charges/charge.dto';
import type { Api } from './api';
import { NO_BREAK } from './page';
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
  const { api, page, till } = stage;
  const batch = calls.map((call) => toEvent(platform, account, call));
  await api.send('POST', '/v1/usage', batch);
  page.call('GET', chargePath(platform, account, '…'));
  const charges: ChargeDto[] = [];
  for (const { id, amount } of calls) {
    charges.push(await chargeOf(api, platform, account, id));
    till.charged(platform, amount);
  }
  page.table(
    [
      { title: 'usage id' },
      { title: 'model' },
      { title: 'sent', wraps: true },
      { title: 'group' },
      { title: 'multiplier' },
      { title: 'charged', right: true },
      { title: '' },
    ],
    calls.map((call, c) => rowOf(stage, call, charges[c])),
  );
  const width = Math.max(...calls.map(({ id }) => id.length));
  for (const { id, explain } of charges) page.why(id, unbroken(explain), width);
  page.blank();
  return charges;
}

/** Checks a charge against what the rulebook says: the amount, and each factor by what it is and where it comes from. */
function rowOf({ checks }: Stage, call: PricedCall, charged: ChargeDto | undefined): string[] {
  const { id, model, amount, factors } = call;
  const actual = {
    amount: charged?.amount,
    factors: factors.filter((factor) => charged?.explain.includes(named(factor))),
  };
  const mark = checks.mark(`charge of ${id}`, actual, { amount, factors });
  const multiplier = factors.map(([value]) => `× ${value}`).join(' ') || 'none';
  return [
    id,
    model,
    sent(call),
    charged?.group ?? '',
    multiplier,
    `${charged?.amount ?? ''} ${charged?.currency ?? ''}`,
    mark,
  ];
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

/** What became of all usage so far, as the charging loop counts it; a report can be a moment old. */
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

/** What is behind a number stays together. */
function unbroken(explain: string): string {
  return explain.replaceAll(/\[[^\]]*\]/g, (name) => name.replaceAll(' ', NO_BREAK));
}

/** The units and whatever else prices the call, in a few words. */
function sent({ units, channel, apiKeyId, fields }: Call): string {
  const counted = Object.entries(units).map(([name, count]) => `${count} ${name.replace('Tokens', '')}`);
  const rest = [
    channel && `via ${channel}`,
    apiKeyId && `by ${apiKeyId}`,
    ...Object.entries(fields ?? {}).map((pair) => pair.join('=')),
  ];
  const parts = [...counted, ...rest].filter((part) => part !== undefined);
  return parts.map((part) => part.replaceAll(' ', NO_BREAK)).join(', ');
}
