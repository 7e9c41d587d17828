import type { StatementDto } from '@meterbook/finance/reports/statement/statement.dto';
import { eventually, pause, type Api } from './api';
import { outcomes, toEvent, type UsageEvent } from './metering';
import { fact, factOfRepeats, type Stage } from './stage';

const platform = 'tokenopen';
const accounts = Array.from({ length: 20 }, (_, i) => `burst-${i + 1}`);
const pathOf = (account: string): string => `/v1/platforms/${platform}/accounts/${account}`;

const usages = 20_000;
/** Most events that one request may hold. */
const batchSize = 1_000;
/** Requests under way at a time. */
const parallel = 4;
const watchEveryMs = 50;
/** How long until everything must be charged, in milliseconds. */
const patienceMs = 60_000;

/** Many calls at once: what is accepted is durable, and charged a moment later. */
export async function burst(stage: Stage): Promise<void> {
  const { api, page, till } = stage;
  page.heading('7. A burst');
  page.say(
    `${inWords(usages)} calls of ${accounts.length} accounts in batches of ${inWords(batchSize)}, ${parallel} requests ` +
      'at a time. One batch is sent twice, as by a gateway that lost the answer. 202 says that a batch is on disk.',
  );
  await rechargeAll(api);
  page.call('POST', '/v1/usage', Array.from({ length: batchSize }));

  const { duplicate: repeatsBefore } = await eventually(
    'GET /metrics',
    () => outcomes(api),
    ({ charged }) => charged >= till.charges,
  );
  const startedAt = Date.now();
  const sent = { accepted: 0 };
  await Promise.all([sendAll(api, sent), watch(stage, sent, repeatsBefore)]);

  const after = await outcomes(api);
  fact(stage, 'charged', after.charged - till.charges, usages);
  factOfRepeats(stage, after.duplicate - repeatsBefore, batchSize);
  // 0.001 M × 3 + 0.0002 M × 15 = 0.006 USD a call, and every account made the same number of calls.
  till.charged(platform, '0.006', usages);

  page.call('GET', `${pathOf('burst-…')}/statement`);
  const ends = await Promise.all(accounts.map((account) => lastPage(api, `${pathOf(account)}/statement?limit=1000`)));
  const wallets = new Set(ends.map(({ closing }) => closing.wallet));
  fact(stage, `wallet of each of the ${accounts.length} accounts, USD`, [...wallets].join(', '), '94');
  const booked = ends.map(({ entries }) => Date.parse(entries.at(-1)?.bookedAt ?? ''));
  const seconds = (Math.max(...booked) - startedAt) / 1_000;
  const rate = inWords(Math.round(usages / seconds));
  page.fact(`${seconds.toFixed(2)} s from the first request to the last booking: ${rate} calls a second`);
}

/** The last page of a statement: every page but that one says where it goes on. */
async function lastPage(api: Api, path: string): Promise<StatementDto> {
  let page = await api.quietly<StatementDto>('GET', path);
  while (page.next !== null) page = await api.quietly<StatementDto>('GET', `${path}&cursor=${page.next}`);
  return page;
}

async function rechargeAll(api: Api): Promise<void> {
  const body = { rechargeId: 'recharge-1', provider: 'manual', amount: '100', currency: 'USD' };
  await Promise.all(accounts.map((account) => api.quietly('POST', `${pathOf(account)}/recharges`, body)));
}

/** Shows how far the ledger has come until it has worked off everything. */
async function watch(
  { api, page, till }: Stage,
  sent: { readonly accepted: number },
  repeatsBefore: number,
): Promise<void> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const now = await outcomes(api);
    const charged = now.charged - till.charges;
    const repeats = now.duplicate - repeatsBefore;
    const figures = { accepted: sent.accepted, charged, behind: Math.max(0, sent.accepted - charged - repeats) };
    const isDone = charged >= usages && repeats >= batchSize;
    const text = Object.entries(figures).map(([name, count]) => `${name} ${inWords(count).padStart('20,000'.length)}`);
    page.progress(text.join('   '), isDone ? 'done' : 'running');
    if (isDone) return;
    if (Date.now() > deadline) throw new Error(`Only ${charged} of ${usages} usages were charged in ${patienceMs} ms.`);
    await pause(watchEveryMs);
  }
}

/** Sends every batch, and one of them once more. Sent again, a usage keeps its time: it is the same usage. */
async function sendAll(api: Api, sent: { accepted: number }): Promise<void> {
  const repeated = batchOf(0);
  const waiting = [repeated, ...Array.from({ length: usages / batchSize - 1 }, (_, b) => b + 1), repeated];
  const send = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const batch = typeof next === 'number' ? batchOf(next) : next;
      await sendBatch(api, batch);
      sent.accepted += batch.length;
    }
  };
  await Promise.all(Array.from({ length: parallel }, send));
}

/** A service that is busy says when to come again. */
async function sendBatch(api: Api, batch: readonly UsageEvent[]): Promise<void> {
  for (;;) {
    const { status, headers, text } = await api.raw('POST', '/v1/usage', batch);
    if (status === 202) return;
    if (status !== 503) throw new Error(`POST /v1/usage answered ${status} ${text}`);
    await pause(Number(headers.get('retry-after') ?? 1) * 1_000);
  }
}

function batchOf(batch: number): UsageEvent[] {
  return Array.from({ length: batchSize }, (_, i) => {
    const call = {
      id: `burst-${batch}-${i}`,
      model: 'claude-sonnet',
      units: { inputTokens: 1_000, outputTokens: 200 },
    };
    return toEvent(platform, accounts[i % accounts.length] ?? '', call);
  });
}

function inWords(count: number): string {
  return count.toLocaleString('en');
}
