import type { ChargePageDto } from '@meterbook/ledger/charges/charge.dto';
import { chargeOf } from './metering';
import { fact, type Stage } from './stage';

const platform = 'month-end';
const finance = `/v1/platforms/${platform}/finance`;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

const rules = {
  platform,
  effectiveFrom: '2020-01-01T00:00:00.000Z',
  currency: 'USD',
  tiers: [{ id: 'default', rank: 1 }],
  groups: [{ id: 'default', models: ['*'] }],
  channels: [{ id: 'upstream', discount: '1' }],
  providers: { manual: {} },
  labels: ['team'],
  models: [
    {
      id: 'chat',
      group: 'default',
      price: { mode: 'request', unit: '2' },
      cost: { mode: 'request', unit: '1' },
    },
  ],
};

/** A month that is over, as its customers used it. */
interface LastMonth {
  /** `2026-10`. */
  readonly name: string;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly lastDay: string;
  /** An instant before its end. */
  readonly before: (ms: number) => string;
}

interface Report {
  readonly basis: string;
  readonly items: readonly Readonly<Record<string, unknown>>[];
  readonly totals: Readonly<Record<string, unknown>>;
}

interface Closing {
  readonly closingId: string;
  readonly sha256: string;
  readonly headsSha256: string;
}

interface Late {
  readonly lines: readonly { readonly ledgerAccount: string; readonly balance: string }[];
}

interface Side {
  readonly keys: number;
  readonly theirs: string;
  readonly ours: string;
}

interface Reconciliation {
  readonly matched: Side;
  readonly different: Side;
  readonly onlyTheirs: Side;
  readonly onlyOurs: Side;
}

/** The month before is reported, explained, closed, and held against the bill of the upstream. */
export async function monthEnd(stage: Stage): Promise<void> {
  stage.page.heading('9. The end of the month');
  const month = lastMonth();
  await happen(stage, month);
  await report(stage, month);
  await explain(stage);
  await close(stage, month);
  await reconcile(stage, month);
}

function lastMonth(): LastMonth {
  const now = new Date();
  const [start, end] = [1, 0].map((back) => Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back));
  if (start === undefined || end === undefined) throw new Error('a month has a beginning and an end');
  const before = (ms: number): string => new Date(end - ms).toISOString();
  return {
    name: before(HOUR_MS).slice(0, 7),
    startsAt: new Date(start).toISOString(),
    endsAt: new Date(end).toISOString(),
    lastDay: before(HOUR_MS).slice(0, 10),
    before,
  };
}

async function happen({ api, page, till }: Stage, month: LastMonth): Promise<void> {
  page.say(`In ${month.name} two teams of one customer used a model; all of it is booked today, after the month.`);
  await api.send('PUT', `/v1/platforms/${platform}/rulebook`, rules);
  const occurredAt = month.before(10 * DAY_MS);
  const recharge = { rechargeId: 'r-1', provider: 'manual', amount: '50', currency: 'USD', occurredAt };
  await api.send('POST', `/v1/platforms/${platform}/accounts/acct-90/recharges`, recharge);
  const usage = (id: string, team: string, requests: number): object => ({
    specversion: '1.0',
    type: 'usage.recorded',
    source: 'gateway-1',
    id,
    time: month.before(5 * HOUR_MS),
    platform,
    subject: 'acct-90',
    data: { model: 'chat', channel: 'upstream', labels: { team }, units: { requests } },
  });
  await api.send('POST', '/v1/usage', [usage('m-1', 'search', 3), usage('m-2', 'ads', 1)]);
  for (const id of ['m-1', 'm-2']) await chargeOf(api, platform, 'acct-90', id);
  till.charged(platform, '6');
  till.charged(platform, '2');
}

async function report(stage: Stage, month: LastMonth): Promise<void> {
  const { api, page } = stage;
  page.say('By when things occurred, whose cost it was; by when they were booked, the month has nothing and stays so.');
  const span = `from=${month.startsAt}&to=${month.endsAt}`;
  const teams = await api.until<Report>(
    `${finance}/usage?basis=occurred&${span}&groupBy=label:team`,
    ({ items }) => items.length === 2,
  );
  for (const [team, amount] of [
    ['ads', '2'],
    ['search', '6'],
  ])
    fact(stage, `used by ${team ?? ''}`, teams.items.find((item) => item['label:team'] === team)?.['amount'], amount);
  const margin = await api.get<Report>(`${finance}/margin?basis=occurred&${span}`);
  fact(stage, 'margin, charged less cost', margin.totals, { charged: '8', cost: '4', margin: '4' });
  const booked = await api.get<Report>(`${finance}/revenue?${span}`);
  fact(stage, 'revenue as booked in that month', booked.totals['total'], '0');
}

async function explain(stage: Stage): Promise<void> {
  const { api, page } = stage;
  page.say('Why a figure is what it is: each charge says how it was made.');
  const path = `/v1/platforms/${platform}/accounts/acct-90/charges?source=gateway-1&id=m-1`;
  const { charges } = await api.get<ChargePageDto>(path);
  page.fact(charges[0]?.explain ?? '');
  fact(stage, 'amount', charges[0]?.amount, '6');
}

async function close(stage: Stage, month: LastMonth): Promise<void> {
  const { api, page } = stage;
  page.say('The month is closed: its trial balance is kept with a digest, and how far every stream went with another.');
  const closing = { closingId: `close-${month.name}`, period: month.name };
  const { closingId, sha256, headsSha256 } = await api.send<Closing>('POST', `${finance}/closings`, closing);
  page.why('trial balance', sha256, 'streams'.length + 6);
  page.why('streams', headsSha256, 'streams'.length + 6);
  page.say('What belongs to it and came late is told apart, entry by entry and summed up:');
  const { lines } = await api.get<Late>(`${finance}/closings/${closingId}/late`);
  const revenue = lines.find(({ ledgerAccount }) => ledgerAccount === 'revenue:usage');
  fact(stage, 'revenue:usage that came late', revenue?.balance, '-8');
  const { ok } = await api.send<{ readonly ok: boolean }>('POST', '/v1/verify');
  fact(stage, 'verify, closings included', ok, true);
}

async function reconcile(stage: Stage, month: LastMonth): Promise<void> {
  const { api, page } = stage;
  page.say('The bill of the upstream for the last day, as it came: 4 requests at 1, and one thing nobody used.');
  const bill = `date,model,total\r\n${month.lastDay},chat,4.00\r\n${month.lastDay},image,1.25\r\n`;
  const query =
    `channel=upstream&from=${month.before(DAY_MS)}&to=${month.endsAt}` +
    '&granularity=day&time=date&model=model&amount=total';
  const path = `${finance}/reconciliations/bill-${month.name}?${query}`;
  const { matched, different, onlyTheirs, onlyOurs } = await api.sendText<Reconciliation>(
    'PUT',
    path,
    'text/csv',
    bill,
  );
  fact(stage, 'matched', matched, { keys: 1, theirs: '4', ours: '4' });
  fact(stage, 'billed and not used', onlyTheirs, { keys: 1, theirs: '1.25', ours: '0' });
  fact(stage, 'other differences', [different.keys, onlyOurs.keys], [0, 0]);
}
