import type { AccountDto } from '@meterbook/ledger/view-account/account-view.dto';
import { pause, type Api } from './api';
import { outcomes, toEvent } from './metering';
import { times } from './money';
import { fact, type Stage } from './stage';

const platform = 'tokenopen';
const accounts = Array.from({ length: 20 }, (_, i) => `burst-${i + 1}`);
const usages = 20_000;
/** Most events that one request may hold. */
const batchSize = 1_000;
/** Requests under way at a time. */
const parallel = 4;
const watchEveryMs = 100;
/** How long until everything must be charged, in milliseconds. */
const patienceMs = 60_000;

/** Many calls at once: what is accepted is durable, and charged a moment later. */
export async function burst(stage: Stage): Promise<void> {
  const { api, page, till } = stage;
  page.heading('7. A burst');
  const count = usages.toLocaleString('en');
  page.say(
    `${count} calls of ${accounts.length} accounts in batches of ${batchSize.toLocaleString('en')}, ${parallel} requests ` +
      'at a time. One batch is sent twice, as by a gateway that lost the answer. 202 says that a batch is on disk.',
  );
  await Promise.all(
    accounts.map((account) => {
      const body = { rechargeId: 'recharge-1', provider: 'manual', amount: '100', currency: 'USD' };
      return api.quietly('POST', `/v1/platforms/${platform}/accounts/${account}/recharges`, body);
    }),
  );
  page.call('POST', '/v1/usage', ['…']);

  const before = await outcomes(api);
  const startedAt = performance.now();
  let accepted = 0;
  const sending = sendAll(api, (more) => (accepted += more));
  const total = usages + batchSize;
  for (const deadline = startedAt + patienceMs; ; await pause(watchEveryMs)) {
    const now = await outcomes(api);
    const charged = now.charged - before.charged;
    const done = charged + now.duplicate - before.duplicate;
    const behind = Math.max(0, accepted - done);
    page.progress(`accepted ${padded(accepted)}   charged ${padded(charged)}   behind ${padded(behind)}`);
    if (done >= total) break;
    if (performance.now() > deadline)
      throw new Error(`Only ${done} of ${total} usages were worked off in ${patienceMs} ms.`);
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  await sending;
  const after = await outcomes(api);

  page.line();
  const charged = after.charged - before.charged;
  fact(stage, 'charged', charged, usages);
  fact(stage, 'dropped as repeats', after.duplicate - before.duplicate, batchSize);
  page.fact(
    `${seconds.toFixed(1)} s from the first request to the last charge: ${Math.round(usages / seconds).toLocaleString('en')} a second`,
  );

  // 0.001 M × 3 + 0.0002 M × 15 = 0.006 USD a call, and every account made the same number of calls.
  till.charged(platform, times(usages, '0.006'));
  page.call('GET', `/v1/platforms/${platform}/accounts/burst-…`);
  const views = await Promise.all(
    accounts.map((account) => api.quietly<AccountDto>('GET', `/v1/platforms/${platform}/accounts/${account}`)),
  );
  const wallets = [...new Set(views.map(({ wallet }) => wallet))];
  fact(stage, `wallet of each of the ${accounts.length} accounts, USD`, wallets.join(', '), '94');
}

/** Sends every batch, and the third once more; a service that is busy says when to come again. */
async function sendAll(api: Api, onAccepted: (count: number) => void): Promise<void> {
  const batches = Array.from({ length: usages / batchSize }, (_, b) => b);
  const waiting = [...batches, 2];
  const made = new Map<number, object[]>();
  const send = async (): Promise<void> => {
    for (let b = waiting.shift(); b !== undefined; b = waiting.shift()) {
      // Sent again, a usage keeps its time: it is the same usage.
      const batch = made.get(b) ?? batchOf(b);
      if (b === 2) made.set(b, batch);
      await sendBatch(api, batch);
      onAccepted(batch.length);
    }
  };
  await Promise.all(Array.from({ length: parallel }, send));
}

async function sendBatch(api: Api, batch: readonly object[]): Promise<void> {
  for (;;) {
    const { status, headers, text } = await api.raw('POST', '/v1/usage', batch);
    if (status === 202) return;
    if (status !== 503) throw new Error(`POST /v1/usage answered ${status} ${text}`);
    await pause(Number(headers.get('retry-after') ?? 1) * 1_000);
  }
}

function batchOf(batch: number): object[] {
  return Array.from({ length: batchSize }, (_, i) => {
    const call = {
      id: `burst-${batch}-${i}`,
      model: 'claude-sonnet',
      units: { inputTokens: 1_000, outputTokens: 200 },
    };
    return toEvent(platform, accounts[i % accounts.length] ?? '', call);
  });
}

function padded(count: number): string {
  return count.toLocaleString('en').padStart(6);
}
